"""Errors of arrays: what counts as equal, and what doesn't."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.numeric.errors import agrees, elementwise, norm, normwise, worst
from grader.numeric.strategies import dense, seeds


@given(seeds(), st.sampled_from([1e-200, 1e-8, 1.0, 1e8, 1e200]))
def test_an_array_agrees_with_itself_at_any_scale(seed: int, scale: float) -> None:
    """Equal arrays agree, however large or small their numbers are."""
    array = dense((3, 4), seed, scale)
    assert agrees(array, array.copy())
    assert normwise(array, array.copy()) == 0


@given(seeds(), st.integers(0, 11), st.sampled_from([1e-7, 1e-3, 1.0]))
def test_one_wrong_element_is_seen(seed: int, index: int, by: float) -> None:
    """An element that is off by more than the bound, relative to the norm, never passes."""
    array = dense((3, 4), seed)
    wrong = array.copy()
    wrong.flat[index] += by * norm(array)
    assert not agrees(wrong, array)
    assert worst(wrong, array) == np.unravel_index(index, (3, 4))


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_never_agrees(bad: float) -> None:
    """NaN and infinity agree with nothing, not even with themselves."""
    array = np.array([1.0, bad])
    assert not agrees(array, array)
    assert not agrees(array, np.array([1.0, 2.0]))
    assert not agrees(np.array([1.0, 2.0]), array)


def test_rounding_agrees_and_single_precision_does_not() -> None:
    """The bound lies between double precision's rounding and single precision's."""
    array = dense((5, 6), 0)
    assert agrees(array * (1 + 1e-13), array)
    assert not agrees(array.astype(np.float32).astype(np.float64), array)


def test_zeros_agree_only_with_what_is_nearly_zero() -> None:
    """An expected zero leaves room for rounding and for nothing else."""
    assert agrees(np.full(4, 1e-14), np.zeros(4))
    assert not agrees(np.full(4, 1e-9), np.zeros(4))


def test_elementwise_is_the_notebook_s_measure() -> None:
    """The largest of |x - y| / max(1e-8, |x| + |y|)."""
    assert elementwise(np.array([1.0, 3.0]), np.array([1.0, 1.0])) == pytest.approx(0.5)
    assert elementwise(np.array([1e-9]), np.array([0.0])) == pytest.approx(0.1)
    assert elementwise(np.array([]), np.array([])) == 0.0


@given(seeds(), st.sampled_from([1e-300, 1e-170, 1.0, 1e170, 1e300]))
def test_norms_neither_overflow_nor_vanish(seed: int, scale: float) -> None:
    """A norm scales with its array from one end of float64 to the other."""
    array = dense((7,), seed)
    # abs=0: approx's own absolute bound, 1e-12, would take any tiny norm for any other.
    assert norm(array * scale) == pytest.approx(np.linalg.norm(array) * scale, rel=1e-12, abs=0)


@pytest.mark.filterwarnings("error")
def test_norms_of_what_is_extreme_or_small_in_type() -> None:
    """Nothing, overflow, infinity and one-byte numbers have their norm, without a warning."""
    assert norm(np.zeros((0, 3))) == norm(np.zeros(3)) == 0.0
    assert norm(np.array([3e200, 4e200])) == pytest.approx(5e200)
    assert norm(np.array([1.0, -np.inf])) == np.inf
    assert np.isnan(norm(np.array([1.0, np.nan])))
    assert norm(np.full(4, 100, np.int8)) == 200.0


@given(seeds(), seeds())
def test_normwise_is_symmetric_and_at_most_one(one: int, other: int) -> None:
    """The norm-wise error is the same both ways and lies in [0, 1]."""
    a, b = dense((3, 4), one), dense((3, 4), other)
    assert normwise(a, b) == normwise(b, a)
    assert 0 <= normwise(a, b) <= 1
    assert normwise(a, -a) == 1


def test_normwise_is_relative_to_both_norms() -> None:
    """``norm(a - b) / (norm(a) + norm(b))``, and 0 where both vanish."""
    assert normwise(np.array([3.0]), np.array([1.0])) == 0.5
    assert normwise(np.zeros(2), np.zeros(2)) == 0.0


def test_the_bound_itself_agrees() -> None:
    """What is exactly at the bound agrees, so that with no room at all equal zeros do."""
    assert agrees(np.zeros(2), np.zeros(2), absolute=0.0)


def test_worst_takes_a_nan_for_the_furthest() -> None:
    """An element that is no number stands before any that is far off."""
    assert worst(np.array([[0.0, 9.0], [np.nan, 0.0]]), np.zeros((2, 2))) == (1, 0)


def test_worst_subtracts_without_wrapping_round() -> None:
    """One-byte numbers are subtracted as floats."""
    assert worst(np.zeros(2, np.uint8), np.array([1, 100], np.uint8)) == (1,)
