"""The reference's best model, trained by its notebook's cells on the real images."""

import os
import sys
from pathlib import Path

import numpy as np
import pytest

from cs682.data_utils import SUMS

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "docs"))

FOLDER = Path(os.environ.get("CIFAR10_DIR") or os.devnull)

pytestmark = [
    pytest.mark.cifar10,
    pytest.mark.skipif(
        not all((FOLDER / name).is_file() for name in SUMS),
        reason="CIFAR10_DIR names no folder with the files of CIFAR-10",
    ),
]


def test_the_best_model_is_as_good_as_is_said(tmp_path, monkeypatch):
    """At least 60 % of the validation images and 58 % of the test images, from the saved file."""
    monkeypatch.setenv("MPLBACKEND", "agg")
    from make_curves import cells, run

    names = run(cells(tmp_path), tmp_path)
    model, data = names["best_model"], names["data"]
    with np.load(tmp_path / "best_model.npz") as saved:
        for name in model.params:
            np.testing.assert_array_equal(saved[name], model.params[name])
    for part, bound in (("val", 0.60), ("test", 0.58)):
        right = model.loss(data[f"X_{part}"]).argmax(axis=1) == data[f"y_{part}"]
        assert right.mean() >= bound, part
