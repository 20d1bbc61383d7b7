"""Synthetic images in the layout of CIFAR-10, for machines that don't have the data set.

An image is a smooth random background, plus one of its class's patterns, in its own colors or in
their negative, plus noise in every pixel. A pattern and its negative cancel in a sum: a linear
model, which scores a class by one sum over the pixels, learns little of them, whereas rectified
units can answer to each. Accuracies are near those on CIFAR-10.
"""

import numpy as np

CLASSES = 10
#: Where the classes' patterns come from, whatever the seed of the images, unless a call says.
CLASSES_SEED = 682
#: Patterns in each class.
PATTERNS = 2
#: The share of images that show their pattern in its own colors.
UPRIGHT = 0.65
#: Coarse values along each side of an image, of which the pixels are interpolations.
GRID = 6
#: Standard deviation of the background, least and largest contrast of a pattern, largest noise of
#: a pixel; a pixel has values from 0 to 255.
BACKGROUND, FAINT, BOLD, NOISE = 58, 12, 42, 20


def images(count, seed, classes=CLASSES_SEED, contrast=1.0):
    """Return count images (count, 3, 32, 32), uint8, and their labels (count,), int64, 0 to 9.

    The same seed gives the same images, and another seed other images of the same classes. What
    the classes look like is drawn from the seed ``classes``; ``contrast`` multiplies that of their
    patterns: the higher, the fewer steps of training it takes to tell them apart. numpy's global
    generator stays as it is.
    """
    draw = np.random.RandomState(seed)  # its streams are the same in every version of numpy
    labels = draw.randint(CLASSES, size=count, dtype=np.int64)
    shown = _patterns(classes)[labels, draw.randint(PATTERNS, size=count)]
    sign = np.where(draw.rand(count) < UPRIGHT, 1, -1)
    strength = contrast * sign * draw.uniform(FAINT, BOLD, size=count)
    coarse = BACKGROUND * _coarse(draw, count) + strength.reshape(-1, 1, 1, 1) * shown
    noise = draw.randint(-NOISE, NOISE + 1, size=(count, 3, 32, 32), dtype=np.int8)
    pixels = 128 + _enlarged(coarse.astype(np.float32)) + noise
    return pixels.round().clip(0, 255).astype(np.uint8), labels


def _patterns(seed):
    """Return the patterns (CLASSES, PATTERNS, 3, GRID, GRID) by which the classes are told."""
    draw = np.random.RandomState(seed)
    return _coarse(draw, CLASSES * PATTERNS).reshape(CLASSES, PATTERNS, 3, GRID, GRID)


def _coarse(draw, count):
    """Draw coarse images (count, 3, GRID, GRID) of unit variance; their colors go together."""
    values = draw.randn(count, 3, GRID, GRID)
    return 0.8 * values[:, :1] + 0.6 * values


def _enlarged(coarse):
    """Interpolate coarse images (N, 3, GRID, GRID) linearly, to (N, 3, 32, 32)."""
    places = np.linspace(0, GRID - 1, 32)
    share = np.maximum(0, 1 - np.abs(places[:, np.newaxis] - np.arange(GRID))).astype(np.float32)
    return share @ coarse @ share.T
