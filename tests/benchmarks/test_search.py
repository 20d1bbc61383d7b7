"""How the search varies its images, and that its draws are repeated by their seed."""

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))

from search import Varied, drawn


@pytest.mark.parametrize("most", [0, 1, 2])
def test_an_image_comes_shifted_and_mirrored_within_its_bounds(most: int) -> None:
    """Each image that comes is its own shift, edges repeated, or the mirror image of one."""
    np.random.seed(0)
    images = np.random.randn(40, 3, 8, 8)
    padded = np.pad(images, [(0, 0), (0, 0), (most, most), (most, most)], mode="edge")
    indices = np.random.choice(len(images), 300)
    seen = set()
    for index, came in zip(indices, Varied(images, most)[indices], strict=True):
        ways = {
            (down, right, step): padded[index, :, down : down + 8, right : right + 8][..., ::step]
            for down in range(2 * most + 1)
            for right in range(2 * most + 1)
            for step in (1, -1)
        }
        (way,) = (way for way, image in ways.items() if np.array_equal(image, came))
        seen.add(way)
    assert len(seen) == 2 * (2 * most + 1) ** 2, "every way comes up"


def test_images_that_are_varied_stay_as_they_were() -> None:
    """What is stored isn't mirrored in place."""
    images = np.random.randn(9, 3, 4, 4)
    before = images.copy()
    Varied(images, 0)[np.arange(9)]
    np.testing.assert_array_equal(images, before)


def test_a_trials_settings_follow_from_its_seed() -> None:
    """The same seed gives the same trial, and another seed another."""
    first, again, other = (drawn(np.random.default_rng(seed)) for seed in (3, 3, 4))
    assert first == again
    assert first["learning_rate"] != other["learning_rate"]
