"""A made-up data set in the original's layout: seven images in each file."""

import hashlib
import pickle
import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "assignment"))

FILES = [*(f"data_batch_{number}" for number in range(1, 6)), "test_batch"]


@pytest.fixture(autouse=True)
def nowhere(tmp_path, monkeypatch):
    """No real data set is found, and none of this user's folders is touched."""
    monkeypatch.delenv("CIFAR10_DIR", raising=False)
    for name in ("XDG_CACHE_HOME", "LOCALAPPDATA", "HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    monkeypatch.setenv("no_proxy", "*")


@pytest.fixture
def pickles():
    """The files' bytes by name. Image i of a file is drawn with the file's number as seed."""
    files = {}
    for number, name in enumerate(FILES):
        draw = np.random.RandomState(number)
        batch = {
            "data": draw.randint(256, size=(7, 3072), dtype=np.uint8),
            "labels": draw.randint(10, size=7).tolist(),
        }
        files[name] = pickle.dumps(batch, protocol=2)
    return files


@pytest.fixture
def sums(pickles):
    """Their MD5 sums, in the place of those of the original."""
    return {name: hashlib.md5(data).hexdigest() for name, data in pickles.items()}


@pytest.fixture
def folder(pickles, tmp_path):
    """A folder that holds them."""
    folder = tmp_path / "cifar-10-batches-py"
    folder.mkdir()
    for name, data in pickles.items():
        (folder / name).write_bytes(data)
    return folder
