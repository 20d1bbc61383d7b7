"""The reference's best model, trained by its notebook on the real images."""

import re
from pathlib import Path

import numpy as np
import pytest
from fresh_kernel import printed
from on_images import ON_IMAGES

from cs682.data_utils import get_CIFAR10_data
from cs682.saved_model import load_model

pytestmark = ON_IMAGES

BOUNDS = {"val": 0.60, "test": 0.58}


def test_the_best_model_is_as_good_as_is_said(executed):
    """The notebook prints at least 60 % of the validation images and 58 % of the test images."""
    text = printed(executed, "question:best-model", "check")
    accuracies = dict(re.findall(r"^(val|test) accuracy: (\S+)", text, re.MULTILINE))
    assert accuracies.keys() == BOUNDS.keys()
    for part, bound in BOUNDS.items():
        assert float(accuracies[part]) >= bound, part


def test_the_saved_file_holds_it(executed):
    """A network made of the file, with its running averages, is as good as what was printed."""
    model = load_model(Path(executed.metadata["folder"]) / "best_model.npz")
    data = get_CIFAR10_data()
    text = printed(executed, "question:best-model", "check")
    for part in BOUNDS:
        right = np.mean(model.loss(data[f"X_{part}"]).argmax(axis=1) == data[f"y_{part}"])
        (accuracy,) = re.findall(rf"^{part} accuracy: (\S+)", text, re.MULTILINE)
        # In float32, where the order of sums may move a score or two.
        assert right == pytest.approx(float(accuracy), abs=0.003)
