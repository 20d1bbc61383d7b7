"""The experiments of the notebooks on normalization and dropout, on the real images.

The logs of rows BN8 and DO7 run by ``tox -e cifar10``; the scales (BN10) and batch sizes (BN13,
BN19), which take minutes, by ``tox -e cifar10-all``. Default dtype: float32, in which runs part by
rounding; how far each may is said where it is compared.
"""

import json
import os
import re
import tomllib
from pathlib import Path

import numpy as np
import pytest
from fresh_kernel import printed, run
from logs import read, sections
from on_images import ON_IMAGES

from grader.authoring.release import solved
from grader.model.manifest import parse

HERE = Path(__file__).parent
FOLDER = Path(__file__).parents[2] / "assignment"
ALL = os.environ.get("GRADER_EXPERIMENTS") == "all"
#: Cells that take minutes, by their tags; and those that check files, which other tests do.
LONG = ("scales", "scales-curves", "sizes", "sizes-curves", "layernorm-sizes")
WITHOUT = ("selfcheck", *(() if ALL else LONG))
WITHIN_ROUNDING = 2e-6

pytestmark = ON_IMAGES
long = pytest.mark.skipif(not ALL, reason="GRADER_EXPERIMENTS is not all: tox -e cifar10-all")


def figures(name):
    return json.loads((HERE / name).read_text("utf-8"))


def executed_notebook(name, folder):
    assignment = parse(tomllib.loads((FOLDER / "assignment.toml").read_text("utf-8")))
    images = Path(os.environ["CIFAR10_DIR"])
    return run(solved(FOLDER, assignment), name, folder, images, WITHOUT)


@pytest.fixture(scope="module")
def normalization(tmp_path_factory):
    """The notebook on normalization after a run of the reference on CIFAR-10."""
    return executed_notebook("BatchNormalization", tmp_path_factory.mktemp("normalization"))


@pytest.fixture(scope="module")
def dropout(tmp_path_factory):
    """The notebook on dropout after a run of the reference on CIFAR-10."""
    return executed_notebook("Dropout", tmp_path_factory.mktemp("dropout"))


@pytest.mark.parametrize("book", ["normalization", "dropout"])
def test_every_check_is_met(book, request):
    """On the reference no figure is "not yet", and nothing is missing."""
    text = printed(request.getfixturevalue(book))
    assert ": met" in text
    assert "not yet" not in text
    assert "not implemented" not in text


def assert_begins(found, losses, epochs, within=0.0):
    """A log begins with these losses (iteration, loss) and accuracies (epoch, train, val).

    *within* is how far accuracies may be from them.
    """
    for iteration, loss in losses:
        assert abs(found[0][iteration] - loss) < WITHIN_ROUNDING, f"iteration {iteration}"
    for epoch, *accuracies in epochs:
        assert np.abs(np.subtract(found[1][epoch], accuracies)).max() <= within + 1e-9, epoch


@pytest.fixture(scope="module")
def deep(normalization):
    """BN8's two logs."""
    text = printed(normalization, "deep", "plot")
    return {label: read(log) for label, log in sections(text, r"^training: (.*)\n").items()}


def test_bn8_the_plain_log_is_the_published_one(deep):
    """All ten losses within 2e-6 and all eleven epochs, as seven hand-ins publish them."""
    log = figures("training_logs_batchnorm.json")["BN8 none"]["reference_float32"]
    assert_begins(deep["baseline"], log["losses"], log["epochs"])


def test_bn8_the_normalized_log_begins_as_published(deep):
    """First loss and epochs 0 and 1; then one of the published branches of rounding."""
    majority = figures("training_logs_batchnorm.json")["BN8 batchnorm"]["majority"]
    found = deep["batch normalization"]
    assert_begins(found, majority["losses"][:1], majority["epochs"][:1])
    assert_begins(found, [], majority["epochs"][1:2], within=0.003)
    branches = [(2.039365, 2.041103), (2.039345, 2.047471), (2.039365, 2.036704)]
    losses = found[0][21], found[0][41]
    assert any(np.abs(np.subtract(losses, branch)).max() < 1e-5 for branch in branches), losses


def test_bn8_normalization_trains_faster(deep):
    """Ahead in training accuracy at epochs 5 and 10; within the published range at the end."""
    normalized, plain = deep["batch normalization"][1], deep["baseline"][1]
    assert normalized[5][0] > plain[5][0] + 0.05
    assert normalized[10][0] > plain[10][0]
    assert 0.667 <= normalized[10][0] <= 0.813
    assert 0.302 <= normalized[10][1] <= 0.340


@pytest.fixture(scope="module")
def kept(dropout):
    """DO7's two logs, by the probability of keeping a unit."""
    text = printed(dropout, "experiment", "plot")
    return {label: read(log) for label, log in sections(text, r"^keeping (\S+)\n").items()}


@pytest.mark.parametrize(("keep", "epochs"), [("1", 9), ("0.25", 4)])
def test_do7_the_logs_begin_as_published(kept, keep, epochs):
    """The first loss, and the epochs in which float32 and float64 or most hand-ins agree."""
    log = figures("training_logs_dropout.json")[f"DO7 dropout {keep}"]["reference_float32"]
    assert_begins(kept[keep], log["losses"][:1], log["epochs"][: epochs + 1])


def test_do7_dropout_regularizes(kept):
    """It ends lower in training and higher in validation; each within the published range."""
    (train, val), (dropped_train, dropped_val) = kept["1"][1][25], kept["0.25"][1][25]
    assert 0.970 <= train <= 0.998
    assert 0.287 <= val <= 0.319
    assert 0.888 <= dropped_train <= 0.954
    assert 0.297 <= dropped_val <= 0.330
    assert train - val > dropped_train - dropped_val


ROW = re.compile(r"^ +(\d\.\d{4})" + r" +(\S+)" * 6 + "$", re.MULTILINE)


@long
def test_bn10_scales(normalization):
    """Each point lies near the reference's runs in float32 and float64.

    Apart by rounding: accuracies by up to 0.03 and losses by 5 %; twice that is allowed here. At
    1.1e-3 the plain network learns in one dtype and not in the other.
    """
    known = figures("experiments_batchnorm.json")["BN10"]
    rows = ROW.findall(printed(normalization, "scales-curves"))
    assert len(rows) == 20
    for row, *runs in zip(rows, known["float32"], known["float64"], strict=True):
        found = {"baseline": row[1:4], "batchnorm": row[4:7]}
        for label, values in found.items():
            expected = np.array([one[label] for one in runs])
            if label == "baseline" and np.ptp(expected[:, 0]) > 0.05:
                continue
            low, high = expected.min(axis=0), expected.max(axis=0)
            values = np.array(values, float)
            assert np.all(values[:2] >= low[:2] - 0.06), (row[0], label)
            assert np.all(values[:2] <= high[:2] + 0.06), (row[0], label)
            assert 0.9 * low[2] <= values[2] <= 1.1 * high[2], (row[0], label)


END = re.compile(
    r"^(?P<label>.+), batch (?P<size>\d+): first loss (?P<loss>\S+), at the end training accuracy "
    r"(?P<train>\S+), validation accuracy (?P<val>\S+)$",
    re.MULTILINE,
)


def ends(notebook, tag, row):
    """Each curve's end by label and batch size, after its first loss was compared."""
    known = figures("experiments_batchnorm.json")[row]["float32"]
    found = {}
    for match in END.finditer(printed(notebook, tag)):
        mode = match["label"] if match["label"] in ("batchnorm", "layernorm") else "none"
        name = f"{mode}_{match['size']}"
        assert abs(float(match["loss"]) - known[name]["first_loss"]) < WITHIN_ROUNDING, name
        found[name] = float(match["train"]), float(match["val"])
        assert abs(found[name][0] - known[name]["train"][-1]) < 0.08, name
    assert set(found) == set(known)
    assert np.ptp([val for _, val in found.values()]) < 0.06
    return {name: train for name, (train, _) in found.items()}


@long
def test_bn13_batch_sizes(normalization):
    """First losses within 2e-6; batch norm with 5 below the baseline, with 50 far above all."""
    train = ends(normalization, "sizes-curves", "BN13")
    assert train["batchnorm_5"] < train["none_5"] - 0.1
    assert abs(train["batchnorm_10"] - train["none_5"]) < 0.1
    assert train["batchnorm_50"] > max(train["none_5"], train["batchnorm_10"]) + 0.1
    assert abs(train["batchnorm_50"] - 0.859) < 0.005


@long
def test_bn19_layer_norm_and_batch_sizes(normalization):
    """With layer norm all three end above the baseline, batches of 5 closest to it."""
    train = ends(normalization, "layernorm-sizes", "BN19")
    baseline = train.pop("none_5")
    assert min(train.values()) == train["layernorm_5"] > baseline
