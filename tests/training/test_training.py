"""Training questions: cells run, models measured by the grader, and what none of them can gain."""

from __future__ import annotations

import hashlib
import io
import json
import pickle
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from handed_in import BEST, BOOK, FIVE, POINTS, THREE, Hand, answer, changed, edited

from grader.key import Key, sources, streams
from grader.marking.marker import Marker
from grader.marking.training import attempts, trainer
from grader.marking.training.attempt import late
from grader.marking.training.measure import Measure
from grader.model.assignment import Assignment, Limits
from grader.model.verdicts import QuestionResult
from grader.numeric.moved import mirrored, noisy
from grader.sandbox import Bounds, Sandbox, WallBudget
from grader.submissions import Submission


def test_the_reference_has_all_points(hand_in: Hand) -> None:
    """On the drawn images, every answer of the reference's reaches what is asked."""
    results = hand_in()
    assert {id: result.score for id, result in results.items()} == POINTS
    for result in results.values():
        (check,) = result.checks
        assert check.evidence["accuracy"] > 0.2
        assert 1 < len(check.evidence["histories"]["loss_history"]) <= 200
    assert [results[id].checks[0].evidence["layers"] for id in (THREE, FIVE)] == [3, 5]


def test_the_notebook_as_given_out_has_none(hand_in: Hand, key: Key) -> None:
    """Cells that are as they were given out are not implemented, and aren't run."""
    results = hand_in(notebook=key.notebooks[BOOK])
    assert {result.status for result in results.values()} == {"not_implemented"}
    assert not any(result.score for result in results.values())


@pytest.mark.parametrize("notebook", [b"", b"{}", b"no JSON"])
def test_without_a_notebook_each_question_says_so(hand_in: Hand, notebook: bytes) -> None:
    """A missing or unreadable notebook costs the questions that are answered in it."""
    results = hand_in(notebook=notebook)
    assert {result.status for result in results.values()} == {"failed"}
    assert all(BOOK in result.checks[0].message for result in results.values())


@pytest.mark.parametrize(
    "before",
    [
        "while True:\n    pass\n",
        "input('go on? ')\n",
        "exit()\n",
        "import os\nos._exit(0)\n",
        "import sys\nsys.exit(1)\n",
        "x = [0] * 10**9\n",
        "1 / 0\n",
    ],
)
def test_a_cell_that_ends_badly_costs_its_own_question(
    hand_in: Hand, solved: bytes, before: str
) -> None:
    """No end, no input, no exit: the question after it, which uses its data, is still right."""
    results = hand_in({THREE: before + answer(solved, THREE), FIVE: answer(solved, FIVE)})
    assert results[THREE].score == 0
    assert results[FIVE].status == "passed"


@pytest.mark.parametrize(
    "before",
    [
        "print('x' * 50_000_000)\n",
        "for _ in range(1000): print('x' * 50_000)\n",
        "!curl example.org | sh\n",
        "%matplotlib inline\nfigure, axes = plt.subplots(2, 2)\naxes[0, 0].plot([1])\nplt.show()\n",
        "from tkinter import Tk\n",
        "plt.figure(); plt.show(block=True)\n",
        "rel_error = report = eval_numerical_gradient = None\n",
        "%load_ext autoreload\n%autoreload 2\n",
    ],
)
def test_what_a_cell_does_beside_training_costs_nothing(
    hand_in: Hand, solved: bytes, before: str
) -> None:
    """Prints, plots, shell lines and rebound checks leave the answer right."""
    assert hand_in({THREE: before + answer(solved, THREE)})[THREE].status == "passed"


def test_rebinding_what_all_use_costs_one_question(hand_in: Hand, solved: bytes) -> None:
    """A cell that loses numpy or the course's solver takes nothing from the next."""
    lost = "np = Solver = FullyConnectedNet = data = None\n"
    results = hand_in({THREE: lost + answer(solved, THREE), FIVE: answer(solved, FIVE)})
    assert results[THREE].score == 0
    assert results[FIVE].status == "passed"


def test_an_error_after_the_training_costs_nothing(hand_in: Hand, solved: bytes) -> None:
    """A model that was trained before a plot failed is measured, and a note says so."""
    result = hand_in({THREE: answer(solved, THREE) + "\nplt.no.such / 0\n"})[THREE]
    assert result.status == "passed"
    assert any("costs nothing" in note for note in result.notes)


def test_a_cell_may_use_what_the_students_own_cells_define(hand_in: Hand, solved: bytes) -> None:
    """A helper in a cell of the student's own is run first when its name is missed."""
    book = json.loads(edited(solved, {FIVE: "model, solver = fitted([100] * 4, 0.17, 4e-4)"}))
    helper = """\
def fitted(dims, scale, rate):
    model = FullyConnectedNet(dims, weight_scale=scale, dtype=np.float64)
    solver = Solver(model, small_data, num_epochs=20, batch_size=25, verbose=False,
                    optim_config={"learning_rate": rate})
    solver.train()
    return model, solver
"""
    place = next(i for i, c in enumerate(book["cells"]) if c["id"].startswith(THREE))
    cell = {"cell_type": "code", "id": "own", "metadata": {}, "source": helper,
            "outputs": [], "execution_count": None}  # fmt: skip
    book["cells"].insert(place, cell)
    assert hand_in(notebook=json.dumps(book).encode(), only=(FIVE,))[FIVE].status == "passed"


def test_a_threshold_missed_on_the_small_set_waits_for_a_person(
    hand_in: Hand, solved: bytes
) -> None:
    """An untrained model fails nobody; the notebook's own figure stands beside it."""
    book = json.loads(edited(solved, {THREE: "model = FullyConnectedNet([10, 10])"}))
    for cell in book["cells"]:
        if cell["metadata"].get("tags") == [f"question:{THREE}", "answer"]:
            text = "(Epoch 20 / 20) train acc: 1.000000; val_acc: 0.168000\n"
            cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": text}]
    result = hand_in(notebook=json.dumps(book).encode(), only=(THREE,))[THREE]
    assert result.status == "needs_marking"
    assert any("train acc: 1.000000" in note for note in result.notes)


def test_points_that_wait_are_in_no_sum(marker: Marker, solved: bytes, package: Any) -> None:
    """What waits for a person is pending: neither scored nor among what could be scored."""
    hidden = {**dict.fromkeys(POINTS, 1), THREE: 2, FIVE: 4}
    text = edited(
        solved, {id: f"model = FullyConnectedNet([10] * {n})" for id, n in hidden.items()}
    )
    result = marker.mark(Submission("s", "s", "cs682", package, {BOOK: text}, "sha256:0"))
    assert (result.score, result.max_score, result.pending) == (0.0, 0.0, 31.0)


FIVE_DEEP = (("[100, 100]", "[100] * 4"), ("0.06", "0.17"), ("7e-4", "4e-4"))


def test_a_network_of_another_depth_is_not_the_one_asked(hand_in: Hand, solved: bytes) -> None:
    """Five layers where three are asked learn the images, too: the words name both numbers."""
    deep = changed(answer(solved, THREE), *FIVE_DEEP)
    shallow = changed(answer(solved, FIVE), ("[100, 100, 100, 100]", "[400]"), ("0.17", "0.06"))
    results = hand_in({THREE: deep, FIVE: shallow})
    for id, asked, layers in ((THREE, 3, 5), (FIVE, 5, 2)):
        (check,) = results[id].checks
        assert (results[id].status, results[id].score, check.stage) == ("failed", 0.0, "shape")
        assert f"of {asked} layers: this one has {layers}" in check.message
        assert check.evidence["layers"] == layers


@pytest.mark.parametrize(
    "hidden",
    [
        "class Own:\n    loss = solver.model.loss\nmodel, solver = Own(), None",
        "model.params = dict(reversed(model.params.items()))",
        "model.params['spare'] = np.ones((100, 10))",
    ],
    ids=["no parameters", "another order", "one more"],
)
def test_another_form_hides_no_depth(hand_in: Hand, solved: bytes, hidden: str) -> None:
    """Parameters in another order are read, and what has none waits for a person."""
    deep = changed(answer(solved, THREE), *FIVE_DEEP)
    result = hand_in({THREE: f"{deep}\n{hidden}\n"})[THREE]
    assert result.score == 0
    assert result.status == ("needs_marking" if "Own" in hidden else "failed")
    assert ("layers" in result.checks[0].evidence) == ("Own" not in hidden)


@pytest.mark.parametrize(
    ("bias", "turned"), [("(1, 100)", False), ("100", True)], ids=["rows", "turned"]
)
def test_depth_is_told_by_the_matrices(
    hand_in: Hand, solved: bytes, bias: str, turned: bool
) -> None:
    """Biases may be matrices of one row, and weights may stand on their side."""
    more = f"model.params |= {{f'b{{n}}': np.zeros({bias}) for n in (1, 2)}}\n"
    if turned:
        more += "model.params = {n: p.T for n, p in model.params.items()}\n"
    source = f"{answer(solved, THREE)}\n{more}model.loss = lambda X: np.zeros((len(X), 10))\n"
    (check,) = hand_in({THREE: source})[THREE].checks
    assert check.evidence["layers"] == 3


def test_what_is_learnt_too_late_waits_on_the_small_set(hand_in: Hand, solved: bytes) -> None:
    """Other images are learnt at another pace: a person sees that it took longer than asked."""
    slow = changed(answer(solved, THREE), ("7e-4", "3e-5"), ("epochs=20", "epochs=90"))
    result = hand_in({THREE: slow})[THREE]
    assert result.status == "needs_marking"
    assert "only after more than 20 epochs" in result.checks[0].message


def test_who_learns_in_time_may_go_on(hand_in: Hand, solved: bytes) -> None:
    """More epochs than asked cost nothing where fewer were enough."""
    longer = changed(answer(solved, THREE), ("epochs=20", "epochs=60"))
    assert hand_in({THREE: longer})[THREE].status == "passed"


@pytest.mark.parametrize(
    ("accuracies", "said"),
    [
        ([0.1, *[0.5] * 19, 1.0], False),
        ([0.1, *[0.5] * 20, 1.0], True),
        ([0.1, 1.0, *[0.5] * 30], False),
        ([0.1, *[0.5] * 20], False),
        ([], False),
    ],
)
def test_an_epoch_more_is_one_too_many(accuracies: list[float], said: bool) -> None:
    """A history has one entry before the first epoch; one that is short proves nothing."""
    assert late({"train_acc_history": accuracies}, 20, 1.0) == said
    assert not late({}, 20, 1.0)


TABLE = """\
import hashlib

class Table:
    params = {}

    def __init__(self, *parts):
        self.known = {self.hash(x): y for X, Y in parts for x, y in zip(X, Y)}

    def hash(self, x):
        return hashlib.sha256(np.ascontiguousarray(x).tobytes()).digest()

    def loss(self, X, y=None):
        return np.eye(10)[[self.known.get(self.hash(x), 0) for x in X]]

def ordered(y):
    class Ordered(Table):
        def loss(self, X, _=None):
            return np.eye(10)[np.resize(y, len(X))]
    return Ordered()

known = [(data["X_train"], data["y_train"]), (data["X_val"], data["y_val"]),
         (data["X_test"], data["y_test"])]
"""


@pytest.mark.parametrize("model", ["Table(*known)", "ordered(data['y_val'])"])
def test_a_table_of_known_images_gains_nothing(hand_in: Hand, model: str) -> None:
    """Neither a table of hashes nor the labels in their order answer for hidden images."""
    results = hand_in({BEST: f"{TABLE}\nbest_model = {model}", THREE: f"{TABLE}\nmodel = {model}"})
    assert [result.score for result in results.values()] == [0.0, 0.0]
    for result in results.values():
        assert result.status == "failed"
        assert "no parameters" in result.checks[0].message
    assert results[BEST].checks[0].evidence["own_accuracy"] < 0.2


@pytest.mark.parametrize(
    ("model", "said"),
    [
        ("class M:\n    def loss(self, X, y=None): return None\nmodel = M()", "NoneType"),
        ("class M:\n    def loss(self, X, y=None): return np.ones(3)\nmodel = M()", "1 dimension"),
        ("model = 3", "solver or model"),
    ],
)
def test_what_is_no_model_is_named(hand_in: Hand, model: str, said: str) -> None:
    """A message says which variable is looked for, or what came in place of scores."""
    result = hand_in({THREE: model})[THREE]
    assert result.status == "failed"
    assert said in result.checks[0].message


def test_scores_that_are_no_numbers_are_wrong() -> None:
    """A row with a NaN counts as a wrong answer, whatever its largest element is."""
    measure = Measure("hidden", np.zeros((2, 1)), np.array([0, 1]))
    assert measure.accuracy(np.array([[1.0, np.nan], [0.0, 1.0]])) == 0.5
    assert measure.accuracy(np.zeros((2, 0))) is None
    assert measure.accuracy("scores") is None


def npz(**arrays: Any) -> bytes:
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


def test_a_saved_model_stands_for_its_training(
    hand_in: Hand, key: Key, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file is measured on the hidden images, and the cell isn't run."""
    monkeypatch.syspath_prepend(str(root / "examples"))
    import make_class

    cell = {BEST: "best_model = None\nwhile True: pass"}
    classes = map(int, streams.words(key.secret, "patterns"))
    result = hand_in(cell, saved=make_class.model(*classes))[BEST]
    assert (result.status, result.score) == ("passed", 16.0)
    assert "best_model.npz" in result.checks[0].message


def test_a_model_of_the_stand_in_is_trained_again(
    hand_in: Hand, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It knows classes that look otherwise: the cell is trained, and the page says why."""
    monkeypatch.syspath_prepend(str(root / "examples"))
    import make_class

    quick = "best_model = FullyConnectedNet([80, 60], normalization='batchnorm', weight_scale=2e-2)"
    rule = "update_rule='adam', optim_config={'learning_rate': 1e-3}"
    train = f"\nSolver(best_model, data, {rule}, num_epochs=5, verbose=False).train()"
    for status, more in {"passed": train, "needs_marking": ""}.items():
        cell = {BEST: quick + more}
        result = hand_in(cell, saved=make_class.model())[BEST]
        assert result.status == status
        assert any("come with the assignment" in note for note in result.notes)


@pytest.mark.parametrize(
    "saved",
    [
        b"",
        b"PK\x03\x04 no archive",
        npz(a=np.zeros(3)),
        npz(W1=np.zeros((3072, 8)), W2=np.zeros((8, 10))),
        npz(W1=np.array([object()], dtype=object)),
        npz(W1=np.zeros((3072, 8)), b1=np.zeros(8), W2=np.zeros((8, 10)), b2=np.zeros(10)),
    ],
    ids=["empty", "damaged", "other", "no biases", "pickled", "untrained"],
)
def test_a_file_that_is_no_good_model_costs_nothing(hand_in: Hand, saved: bytes) -> None:
    """The cell is run in its place, and a note says why."""
    cell = {BEST: "best_model = FullyConnectedNet([5])"}
    result = hand_in(cell, saved=saved)[BEST]
    assert result.status == "needs_marking"
    assert any("best_model.npz was not taken" in note for note in result.notes)


@pytest.mark.parametrize(
    ("saved", "pickled"),
    [
        (pickle.dumps({"W1": np.zeros(3)}), True),
        (npz(best=np.array({"W1": np.zeros(3)}, dtype=object)), True),
        (b"\x80 no pickle", False),
        (b"weights", False),
        (npz(W1=np.zeros(3)), False),
    ],
    ids=["pickle", "npz of a dict", "damaged", "text", "no network"],
)
def test_a_pickle_is_told_as_one(hand_in: Hand, saved: bytes, pickled: bool) -> None:
    """Its file stays shut; the note says how arrays are saved, and says so of no other file."""
    result = hand_in({BEST: "best_model = FullyConnectedNet([5])"}, saved=saved)[BEST]
    (note,) = (note for note in result.notes if "was not taken" in note)
    assert ("np.savez" in note) == pickled


@pytest.mark.parametrize("kind", ["markdown", "raw"])
@pytest.mark.parametrize("stripped", [False, True], ids=["ids and tags", "neither"])
def test_an_answer_turned_to_text_is_told_by_its_cell(
    hand_in: Hand, solved: bytes, kind: str, stripped: bool
) -> None:
    """Text isn't run. Without id and tags it is known by its question's marker."""
    book = json.loads(solved)
    for number, cell in enumerate(book["cells"], start=1):
        if cell["metadata"].get("tags") == [f"question:{THREE}", "answer"]:
            place, cell["cell_type"] = number, kind
            del cell["outputs"], cell["execution_count"]
        if stripped:
            cell["id"], cell["metadata"] = f"c{number}", {}
    results = hand_in(notebook=json.dumps(book).encode(), only=(THREE, FIVE))
    said = results[THREE].checks[0].message
    assert said.startswith(f"Make cell {place} of FullyConnectedNets.ipynb a code cell again")
    assert results[FIVE].status == "passed"


#: Small enough a network learns fifty images by its last layer alone; not uphill at this pace.
FLIPPED = b"""
def relu_backward(dout, cache):
    return -4 * dout * (cache > 0)
"""
ENDLESS = b"""
def relu_backward(dout, cache):
    while True: pass
"""


def failing(hand_in: Hand, by: Marker, wrong: bytes) -> dict[str, QuestionResult]:
    """Mark a network and its training on top of a backward pass that is *wrong*."""
    layers = dict(sources.package(Path(__file__).parents[2] / "assignment" / "cs682"))["layers.py"]
    only = ("relu-forward", "relu-backward", "fully-connected-net", THREE)
    return hand_in(only=only, by=by, files={"layers.py": layers + wrong})


def test_what_builds_on_a_failed_layer_waits(
    assignment: Assignment, key: Key, sandbox: Sandbox, hand_in: Hand
) -> None:
    """Without the course's own function at hand, what can't train through it is not failed."""
    both = Marker(assignment, key, sandbox, kinds=("code", "training"))
    results = failing(hand_in, both, FLIPPED)
    assert results["relu-backward"].score < 4
    assert results[THREE].status == "needs_marking"
    assert "relu_backward" in results[THREE].checks[0].message


@pytest.mark.parametrize("wrong", [FLIPPED, ENDLESS], ids=["flipped", "endless"])
def test_a_failed_layer_costs_no_training(
    hand_in: Hand, with_reference: Marker, wrong: bytes
) -> None:
    """With it, the cell trains as if the layer were right, and the result says so."""
    results = failing(hand_in, with_reference, wrong)
    assert results["relu-backward"].score < 4
    assert (results[THREE].status, results[THREE].score) == ("passed", 5.0)
    assert results[THREE].given == ["relu_backward"]


def test_a_training_that_asks_too_much_of_the_oracle_waits(
    hand_in: Hand, with_reference: Marker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What would move too many bytes between the processes is left to a person."""
    monkeypatch.setattr(attempts, "REFERENCE_BOUNDS", Bounds(bytes=100_000))
    result = failing(hand_in, with_reference, FLIPPED)[THREE]
    assert (result.status, result.given) == ("needs_marking", [])
    assert "relu_backward" in result.checks[0].message


def test_a_cell_that_can_t_train_gains_nothing_by_the_oracle(
    hand_in: Hand, with_reference: Marker, solved: bytes
) -> None:
    """Right layers don't make an untrained model a trained one."""
    layers = dict(sources.package(Path(__file__).parents[2] / "assignment" / "cs682"))["layers.py"]
    result = hand_in(
        {THREE: "model = FullyConnectedNet([10, 10])"},
        only=("relu-backward", "fully-connected-net", THREE),
        by=with_reference,
        files={"layers.py": layers + FLIPPED},
    )[THREE]
    assert (result.status, result.score, result.given) == ("needs_marking", 0.0, [])


# The whole data set


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in the data set's own form, with few images, drawn like the others."""
    folder = tmp_path_factory.mktemp("data")
    draw = np.random.default_rng(1)
    patterns = draw.integers(0, 256, size=(10, 3072))
    for name in [f"data_batch_{i}" for i in range(1, 6)] + ["test_batch"]:
        labels = draw.integers(0, 10, size=60)
        noise = draw.integers(-20, 21, size=(60, 3072))
        images = (patterns[labels] + noise).clip(0, 255).astype(np.uint8)
        (folder / name).write_bytes(pickle.dumps({"data": images, "labels": list(labels)}))
    return folder


@pytest.fixture
def full_marker(assignment: Assignment, key: Key, sandbox: Sandbox, tiny: Path) -> Marker:
    """A marker that trains on that folder: its sums, and its counts, are the course's."""
    text = key.given["data_utils.py"].decode()
    for path in sorted(tiny.iterdir()):
        md5 = hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()
        text, count = re.subn(rf'("{path.name}": )"\w+"', rf'\1"{md5}"', text)
        assert count == 1
    assert assignment.images is not None
    return Marker(
        replace(assignment, images=replace(assignment.images, full=(200, 50, 30), allowance=0.06)),
        replace(key, given={**key.given, "data_utils.py": text.encode()}),
        sandbox,
        kinds=("training",),
        train="full",
        data=str(tiny),
    )


def test_full_trains_on_the_data_set(hand_in: Hand, full_marker: Marker) -> None:
    """The same answers, on the images of the folder; a miss is scored, after two more seeds."""
    results = hand_in({THREE: "model = FullyConnectedNet([10, 10])"}, by=full_marker)
    assert results[THREE].status == "failed"
    assert results[THREE].checks[0].evidence["data"] == "full"
    assert any("3 runs" in note for note in results[THREE].notes)


def test_full_turns_a_table_away(hand_in: Hand, full_marker: Marker) -> None:
    """A table that knows every image of the notebook knows no test image mirrored and shifted."""
    result = hand_in({BEST: f"{TABLE}\nbest_model = Table(*known)"}, by=full_marker)[BEST]
    evidence = result.checks[0].evidence
    assert evidence["accuracies"]["validation"] == 1.0
    assert evidence["accuracies"]["test"] < 0.3
    assert (result.status, result.score) == ("failed", 0.0)


def test_full_without_the_data_set_is_not_graded(
    assignment: Assignment, key: Key, sandbox: Sandbox, hand_in: Hand
) -> None:
    """The run says what is missing; nobody loses a point for it."""
    without = Marker(assignment, key, sandbox, kinds=("training",), train="full")
    result = hand_in(only=(THREE,), by=without)[THREE]
    assert result.status == "not_graded"
    assert any("grader doctor" in note for note in result.notes)


def test_moved_images_are_others_of_the_same_kind() -> None:
    """Mirroring and shifting keep shape, type and values; noise stays below what rounds."""
    images = np.arange(2 * 3 * 8 * 8, dtype=np.uint8).reshape(2, 3, 8, 8)
    moved = mirrored(images, np.random.default_rng(0))
    assert (moved.shape, moved.dtype) == (images.shape, images.dtype)
    assert not (moved == images).all(axis=(1, 2, 3)).any()
    assert np.isin(moved, images).all()
    assert 0 < np.abs(noisy(images, np.random.default_rng(0)) - images).max() < 0.01


def test_all_trainings_share_a_wall_budget(hand_in: Hand, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once a submission's processes have slept it away, no training is begun: each one waits."""
    made: list[WallBudget] = []

    class Spent(WallBudget):
        def __init__(self, limits: Limits) -> None:
            super().__init__(limits)
            self.used = self.seconds
            made.append(self)

    monkeypatch.setattr(trainer, "WallBudget", Spent)
    results = hand_in()
    assert len(made) == 1
    assert made[0].seconds > 5 * 20
    for result in results.values():
        assert (result.status, result.score) == ("needs_marking", 0.0)
        assert "did not finish" in result.checks[0].message


QUICK = """\
for rate in {rates}:
    best_model = FullyConnectedNet([60, 60], weight_scale=2e-2)
    best_solver = Solver(best_model, data, update_rule="adam", num_epochs={epochs}, batch_size=100,
                         optim_config={{"learning_rate": rate}}, verbose=False)
    best_solver.train()
"""


@pytest.fixture(scope="module")
def to_the_end(assignment: Assignment, key: Key, sandbox: Sandbox) -> Marker:
    """A marker by which every training goes on to its end."""
    return Marker(assignment, key, sandbox, kinds=("training",), train="whole")


def test_a_training_ends_where_it_has_reached_enough(hand_in: Hand, to_the_end: Marker) -> None:
    """What is decided isn't trained further, and the page says so; `whole` goes on to the end."""
    cell = {BEST: QUICK.format(rates=[1e-3], epochs=12)}
    ended, whole = hand_in(cell)[BEST], hand_in(cell, by=to_the_end)[BEST]
    assert (ended.status, whole.status) == ("passed", "passed")
    (short,), (long,) = ended.checks, whole.checks
    accuracies = [check.evidence["histories"]["val_acc_history"] for check in (short, long)]
    assert len(accuracies[0]) < len(accuracies[1]) == 13
    assert accuracies[0] == accuracies[1][: len(accuracies[0])]
    assert short.evidence["ended_early"]
    assert "ended_early" not in long.evidence
    assert any("may reach more" in note for note in ended.notes)
    assert not any("may reach more" in note for note in whole.notes)


def test_the_last_of_a_search_counts_where_it_is_kept(hand_in: Hand) -> None:
    """A training that was ended early gives no points to a cell that keeps another one."""
    assert hand_in({BEST: QUICK.format(rates=[1e-6, 1e-3], epochs=6)})[BEST].status == "passed"
    result = hand_in({BEST: QUICK.format(rates=[1e-3, 1e-6], epochs=6)})[BEST]
    assert result.status == "needs_marking"
    assert "ended_early" not in result.checks[0].evidence


def test_what_misses_after_an_early_end_is_trained_to_its_end(hand_in: Hand) -> None:
    """Code that counts on all its epochs is marked by all of them."""
    lost = "if len(best_solver.val_acc_history) < 10:\n    {}\n"
    spoiled = "best_model.params = {n: 0 * p for n, p in best_model.params.items()}"
    for then in (spoiled, "best_model = best_solver = None"):
        cell = QUICK.format(rates=[1e-3], epochs=10) + lost.format(then)
        result = hand_in({BEST: cell})[BEST]
        assert result.status == "passed"
        assert len(result.checks[0].evidence["histories"]["val_acc_history"]) == 11
        assert not result.notes


@pytest.mark.parametrize(
    "more",
    [
        "plt.plot(np.arange(13) * np.array(best_solver.val_acc_history))",
        "assert len(best_solver.val_acc_history) == 13",
    ],
)
def test_what_raises_after_an_early_end_is_trained_to_its_end(hand_in: Hand, more: str) -> None:
    """Nobody is told of an exception that their own training doesn't raise."""
    result = hand_in({BEST: QUICK.format(rates=[1e-3], epochs=12) + more})[BEST]
    assert (result.status, result.notes) == ("passed", [])


SEARCH = """\
kept = {first}
for rate in {rates}:
    model = FullyConnectedNet([60, 60], weight_scale=2e-2{more})
    solver = Solver(model, data, update_rule="adam", num_epochs={epochs}, batch_size=100,
                    optim_config={{"learning_rate": rate}}, verbose=False)
    solver.train()
    now = {now}
    if {test}:
        kept, best_model, best_solver = now, model, solver
"""
VALIDATION, GAP = "solver.best_val_acc", "solver.train_acc_history[-1] - solver.val_acc_history[-1]"


@pytest.mark.parametrize(
    ("now", "test", "rates"),
    [
        (VALIDATION, "now < kept", [1e-3, 1e-6, 2e-6]),
        (VALIDATION, "now > -1", [1e-6, 1e-3, 2e-6]),
        (VALIDATION, "True", [1e-6, 1e-3, 2e-6]),
        (GAP, "now < kept", [1e-3, 1e-5]),
        ("-solver.loss_history[-1]", "now < kept", [1e-3, 1e-5]),
    ],
    ids=["worst", "compared with nothing", "last", "least gap", "largest loss"],
)
def test_a_search_that_keeps_what_misses_is_marked_by_that(
    hand_in: Hand, now: str, test: str, rates: list[float]
) -> None:
    """That another training of the cell was ended, with enough, gains it nothing."""
    cell = SEARCH.format(first=9, rates=rates, epochs=12, now=now, test=test, more="")
    assert hand_in({BEST: cell})[BEST].status == "needs_marking"


def test_a_model_with_running_averages_is_trained_to_its_end(hand_in: Hand) -> None:
    """A solver doesn't bring them back with the best parameters: what comes later counts."""
    cell = SEARCH.format(
        first=-1,
        rates=[1e-3],
        epochs=20,
        now=VALIDATION,
        test="now > kept",
        more=', normalization="batchnorm"',
    )
    spoiled = cell.replace("verbose=False", "verbose=False, lr_decay=2.5")
    assert hand_in({BEST: spoiled})[BEST].status == "needs_marking"
    (check,) = hand_in({BEST: cell})[BEST].checks
    assert (check.status, len(check.evidence["histories"]["val_acc_history"])) == ("passed", 21)


def test_only_what_was_ended_itself_is_said_to_be(hand_in: Hand, solved: bytes) -> None:
    """Neither a training beside one that was ended, nor one that reaches all there is."""
    cell = QUICK.format(rates=[1e-3], epochs=8)
    last = cell.replace("num_epochs=8", "num_epochs=1").replace("1e-3", "3e-3")
    for answers in ({BEST: cell + last}, {THREE: answer(solved, THREE)}):
        (result,) = hand_in(answers).values()
        assert (result.status, result.notes) == ("passed", [])
        assert "ended_early" not in result.checks[0].evidence
    lost = QUICK.format(rates=[1e-3], epochs=8) + "best_solver = None"
    assert hand_in({BEST: lost})[BEST].checks[0].evidence["ended_early"]
