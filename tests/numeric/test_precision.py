"""Which precision below float64 numbers show."""

import numpy as np
import pytest

from grader.numeric.precision import precision

X = np.random.default_rng(5).standard_normal((6, 5))
W = np.random.default_rng(6).standard_normal((5, 4))
RIGHT = X @ W


@pytest.mark.parametrize(
    ("got", "expected"),
    [
        ((X.astype(np.float32) @ W.astype(np.float32)), "float32"),
        ((X.astype(np.float32) @ W.astype(np.float32)).astype(np.float64), "float32"),
        (X.astype(np.float32) @ W, "float32"),
        (RIGHT.astype(np.float32) + 0.0, "float32"),
        (RIGHT.astype(np.float16), "float16"),
        (RIGHT.astype(np.float16).astype(np.float64), "float16"),
        (RIGHT * (1 + 1e-9), None),
        (RIGHT * (1 + 1e-5), None),
        (RIGHT * 1.01, None),
        (RIGHT.round(2), None),
        (np.zeros_like(RIGHT), None),
        (np.full_like(RIGHT, np.nan), None),
        (RIGHT.astype(int), None),
    ],
    ids=[
        "computed in float32",
        "and cast back",
        "one factor",
        "the result",
        "float16",
        "float16 cast back",
        "a small difference",
        "another small difference",
        "a wrong factor",
        "rounded to two digits",
        "zeros",
        "NaN",
        "whole numbers",
    ],
)
def test_a_precision_shows_in_the_numbers(got: np.ndarray, expected: str | None) -> None:
    """By the dtype, by elements that it holds, or by how far off the numbers are."""
    assert precision(got, RIGHT) == expected
