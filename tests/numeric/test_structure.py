"""In what way an array is wrong: each relation is named, and none where there is none."""

import numpy as np
import pytest
from hypothesis import given

from grader.numeric.strategies import dense, seeds
from grader.numeric.structure import Structure, structure

RIGHT = dense((3, 5), 7)
SIZES = {"x": np.ones((4, 3)), "param": {"eps": 1e-5}}


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
        (RIGHT.T * [1.1, 0.9, 1.3] + [1, 2, 3], Structure("columns_scaled")),
        (RIGHT * np.array([[1.1], [0.9], [1.3]]), Structure("rows_scaled")),
    ],
    ids=lambda value: value.kind if isinstance(value, Structure) else "",
)
def test_a_relation_is_named(got: np.ndarray, expected: Structure) -> None:
    """Each known relation between a wrong and a right array is found and named."""
    right = RIGHT.T if expected.kind.startswith("columns") else RIGHT
    found = structure(got, right, SIZES)
    assert found is not None
    assert found.kind == expected.kind
    assert found.value == pytest.approx(expected.value)


def test_a_factor_is_measured() -> None:
    """A factor that is no size of an axis is given as a number."""
    found = structure(1.5 * RIGHT, RIGHT, SIZES)
    assert found is not None
    assert found.kind == "factor"
    assert found.value == pytest.approx(1.5)


@given(seeds())
def test_unrelated_arrays_have_no_relation(seed: int) -> None:
    """Two arrays drawn apart are not said to be related."""
    assert structure(dense((4, 5), seed), dense((4, 5), seed + 1), SIZES) is None


def test_what_is_not_finite_has_no_relation() -> None:
    """NaN is related to nothing."""
    assert structure(np.full((2, 2), np.nan), np.ones((2, 2))) is None


@given(seeds())
def test_a_sum_over_the_wrong_axis_is_named(seed: int) -> None:
    """A sum of an input, or of two multiplied, over the other axis than the one asked."""
    x, dout = dense((4, 5), seed), dense((4, 5), seed + 1)
    for whole in (dout, x * dout):
        found = structure(whole.sum(axis=1), whole.sum(axis=0), {"x": x, "dout": dout})
        assert found == Structure("axis", 1)
    assert structure(dout.sum(axis=0), dout.sum(axis=0) + 1, {"dout": dout}) == Structure(
        "offset", pytest.approx(-1.0)
    )
