"""The marks of a test module that needs the real images."""

import os
from pathlib import Path

import pytest

from cs682.data_utils import SUMS

# A folder named on purpose, so that a data set in someone's cache doesn't slow the usual run.
FOLDER = Path(os.environ.get("CIFAR10_DIR") or os.devnull)

ON_IMAGES = [
    pytest.mark.cifar10,
    pytest.mark.skipif(
        not all((FOLDER / name).is_file() for name in SUMS),
        reason="CIFAR10_DIR names no folder with the files of CIFAR-10",
    ),
]
