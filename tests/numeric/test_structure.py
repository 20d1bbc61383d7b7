"""In what way an array is wrong: each relation is named, and none where there is none."""

import numpy as np
import pytest
from hypothesis import given

from grader.numeric.strategies import dense, seeds
from grader.numeric.structure import Structure, structure

RIGHT = dense((3, 5), 7)


def one_row_off() -> np.ndarray:
    wrong = RIGHT.copy()
    wrong[1] += 1
    return wrong


@pytest.mark.parametrize(
    ("got", "expected"),
    [
        (np.zeros_like(RIGHT), Structure("zeros")),
        (RIGHT.T, Structure("transposed")),
        (RIGHT.ravel(), Structure("reshaped")),
        (-RIGHT, Structure("sign")),
        (RIGHT / 4, Structure("mean", 4)),
        (RIGHT * 4, Structure("sum", 4)),
        (RIGHT + 2.5, Structure("offset", 2.5)),
        (one_row_off(), Structure("rows", 1)),
        (one_row_off().T, Structure("columns", 1)),
    ],
    ids=lambda value: value.kind if isinstance(value, Structure) else "",
)
def test_a_relation_is_named(got: np.ndarray, expected: Structure) -> None:
    """Each known relation between a wrong and a right array is found and named."""
    right = RIGHT.T if expected.kind == "columns" else RIGHT
    found = structure(got, right, sizes=(4, 3))
    assert found is not None
    assert found.kind == expected.kind
    assert found.value == pytest.approx(expected.value)


def test_a_factor_is_measured() -> None:
    """A factor that is no size of an axis is given as a number."""
    found = structure(1.5 * RIGHT, RIGHT, sizes=(4, 3))
    assert found is not None
    assert found.kind == "factor"
    assert found.value == pytest.approx(1.5)


@given(seeds())
def test_unrelated_arrays_have_no_relation(seed: int) -> None:
    """Two arrays drawn apart are not said to be related."""
    assert structure(dense((4, 5), seed), dense((4, 5), seed + 1), (4, 5)) is None


def test_what_is_not_finite_has_no_relation() -> None:
    """NaN is related to nothing."""
    assert structure(np.full((2, 2), np.nan), np.ones((2, 2))) is None
