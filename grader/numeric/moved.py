"""Images moved so that a table of known ones knows them no more, while a model still does."""

from __future__ import annotations

import numpy as np

from grader.model.trees import Array

#: How far images are shifted at most, in pixels, and the noise for those that stay in place.
SHIFT, NOISE = 2, 1e-3


def mirrored(images: Array, draw: np.random.Generator) -> Array:
    """Return images (N, C, H, W) mirrored left to right and shifted, with their edges repeated."""
    count, _, height, width = images.shape
    sides = ((0, 0), (0, 0), (SHIFT, SHIFT), (SHIFT, SHIFT))
    padded = np.pad(images[..., ::-1], sides, mode="edge")
    moved = np.empty_like(images)
    for i, (down, right) in enumerate(draw.integers(0, 2 * SHIFT + 1, size=(count, 2))):
        moved[i] = padded[i, :, down : down + height, right : right + width]
    return moved


def noisy(images: Array, draw: np.random.Generator) -> Array:
    """Return images with a noise in every pixel that no score of a model depends on."""
    return images + draw.uniform(-NOISE, NOISE, size=images.shape)
