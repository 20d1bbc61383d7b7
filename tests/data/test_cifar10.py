"""Reading CIFAR-10: what comes out, where it is looked for, and what is refused."""

import pickle

import numpy as np
import pytest

from cs682 import data_utils
from cs682.data_utils import DataError, data_folder, get_CIFAR10_data, load_data

SIZES = {"num_training": 30, "num_validation": 5, "num_test": 4}


def test_images_keep_their_order_and_layout(folder, sums, pickles):
    """Batches one to five in order train, then validate; channels come first."""
    data = get_CIFAR10_data(**SIZES, subtract_mean=False, folder=folder, sums=sums)
    assert list(data) == ["X_train", "y_train", "X_val", "y_val", "X_test", "y_test"]
    batches = [pickle.loads(pickles[name]) for name in sums]
    rows = np.concatenate([batch["data"] for batch in batches[:5]])
    labels = np.concatenate([batch["labels"] for batch in batches[:5]])
    assert np.array_equal(data["X_train"], rows[:30].reshape(30, 3, 32, 32))
    assert np.array_equal(data["X_val"], rows[30:35].reshape(5, 3, 32, 32))
    assert np.array_equal(data["X_test"], batches[5]["data"][:4].reshape(4, 3, 32, 32))
    assert np.array_equal(data["y_train"], labels[:30])
    assert np.array_equal(data["y_val"], labels[30:35])
    assert np.array_equal(data["y_test"], batches[5]["labels"][:4])
    assert {array.dtype for name, array in data.items() if name[0] == "X"} == {np.dtype("f8")}
    assert {array.dtype for name, array in data.items() if name[0] == "y"} == {np.dtype("i8")}


def test_the_training_mean_is_subtracted_from_all_images(folder, sums):
    """Training images have mean zero, and the others lose that same mean image."""
    raw = get_CIFAR10_data(**SIZES, subtract_mean=False, folder=folder, sums=sums)
    data = get_CIFAR10_data(**SIZES, folder=folder, sums=sums)
    mean = raw["X_train"].mean(axis=0)
    for name in ("X_train", "X_val", "X_test"):
        assert np.array_equal(data[name], raw[name] - mean)


def test_more_images_than_there_are(folder, sums):
    """A number of images that the files don't hold is refused, not cut."""
    with pytest.raises(ValueError, match="36 images are asked for, and there are 35"):
        get_CIFAR10_data(31, 5, 4, folder=folder, sums=sums)
    with pytest.raises(ValueError, match="8 images are asked for, and there are 7"):
        get_CIFAR10_data(30, 5, 8, folder=folder, sums=sums)


def test_the_order_of_the_three_folders(tmp_path, monkeypatch):
    """The argument goes before the environment variable, and that before the cache."""
    home = tmp_path / "home"
    assert data_folder().is_relative_to(home)
    assert data_folder().parts[-2:] == ("cs682", "cifar-10-batches-py")
    monkeypatch.setenv("CIFAR10_DIR", str(tmp_path / "variable"))
    assert data_folder() == tmp_path / "variable"
    assert data_folder(tmp_path / "argument") == tmp_path / "argument"
    monkeypatch.setenv("CIFAR10_DIR", "")
    assert data_folder().is_relative_to(home)


@pytest.mark.parametrize(
    ("platform", "variable", "below"),
    [
        ("linux", "XDG_CACHE_HOME", ()),
        ("linux", "HOME", (".cache",)),
        ("darwin", "HOME", ("Library", "Caches")),
        ("win32", "LOCALAPPDATA", ()),
    ],
)
def test_each_system_has_its_cache(tmp_path, monkeypatch, platform, variable, below):
    """The cache is where the programs of a system keep theirs."""
    for name in ("XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name)
    monkeypatch.setenv(variable, str(tmp_path / "there"))
    monkeypatch.setattr(data_utils.sys, "platform", platform)
    expected = (tmp_path / "there").joinpath(*below, "cs682", "cifar-10-batches-py")
    assert data_folder() == expected


@pytest.mark.parametrize("name", ["data_batch_1", "data_batch_4", "test_batch"])
@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (lambda path: path.unlink(), "is missing"),
        (lambda path: path.write_bytes(path.read_bytes()[:-9]), "is damaged or incomplete"),
        (lambda path: path.write_bytes(path.read_bytes() + b"x"), "is damaged or incomplete"),
        (lambda path: path.write_bytes(b""), "is damaged or incomplete"),
        (lambda path: path.unlink() or path.mkdir(), "can't be read"),
    ],
    ids=["missing", "truncated", "changed", "empty", "a folder"],
)
def test_a_file_that_is_not_right(folder, sums, name, harm, said):
    """One line names the file, what is wrong with it, and the way out."""
    harm(folder / name)
    with pytest.raises(DataError) as caught:
        get_CIFAR10_data(**SIZES, folder=folder, sums=sums)
    message = str(caught.value)
    assert message.startswith(f"{folder / name} {said}")
    assert "`python -m cs682.download`" in message
    assert "CIFAR10_DIR" in message
    assert "\n" not in message


def test_nothing_is_unpickled_before_its_sum_is_right(folder, sums, tmp_path):
    """A pickle that would do something is refused by its sum, and not run."""

    class Bomb:
        def __reduce__(self):
            return (tmp_path / "ran").mkdir, ()

    bomb = pickle.dumps(Bomb())
    (folder / "data_batch_1").write_bytes(bomb)
    with pytest.raises(DataError):
        get_CIFAR10_data(**SIZES, folder=folder, sums=sums)
    assert not (tmp_path / "ran").exists()
    pickle.loads(bomb)
    assert (tmp_path / "ran").exists(), "it was a bomb"


def test_without_the_data_set_the_stand_in_is_used_and_named(tmp_path, capsys):
    """No file there: the stand-in, with the folder and the command that would bring the rest."""
    data = load_data(tmp_path / "none")
    said = capsys.readouterr().out
    assert "synthetic" in said
    assert str(tmp_path / "none") in said
    assert "python -m cs682.download" in said
    assert data["X_train"].shape == (5000, 3, 32, 32)


def test_half_a_data_set_is_an_error(folder, tmp_path):
    """Files that are there but not the original's are never passed over for the stand-in."""
    with pytest.raises(DataError, match="data_batch_1 is damaged"):
        load_data(folder)
    (folder / "data_batch_1").unlink()
    with pytest.raises(DataError, match="data_batch_1 is missing"):
        load_data(folder)
