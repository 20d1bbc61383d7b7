"""What is drawn: sizes that differ, seeds, and the dense data that a seed stands for."""

import hypothesis
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.numeric.strategies import away_from_zero, dense, integers, salted, seeds, sizes


# Drawn within the tests: what a decorator holds was made when the module was loaded.
@given(st.data())
def test_sizes_are_distinct_and_within_their_bounds(data: st.DataObject) -> None:
    """No two axes can be taken for one another."""
    drawn = data.draw(sizes(2, 6, count=3))
    assert len(drawn) == len(set(drawn)) == 3
    assert set(drawn) <= set(range(2, 7))


@given(st.data())
def test_both_bounds_are_drawn(data: st.DataObject) -> None:
    """The smallest and the largest size are among those that can come."""
    assert sorted(data.draw(sizes(2, 4, count=3))) == [2, 3, 4]


@given(st.data())
def test_seeds_fit_a_generator_of_any_kind(data: st.DataObject) -> None:
    """A seed is a whole number from 0 to below 2**31, which the oldest generators take too."""
    assert 0 <= data.draw(seeds()) < 2**31


def test_seeds_shrink_to_zero_and_are_many() -> None:
    """The simplest seed is 0, and there are more than anyone lists."""
    settings = hypothesis.settings(database=None, derandomize=True)
    assert hypothesis.find(seeds(), lambda seed: True, settings=settings) == 0
    assert hypothesis.find(seeds(), lambda seed: seed > 10**6, settings=settings) > 10**6


def test_what_a_seed_stands_for_stays() -> None:
    """A recorded key's examples are drawn again from their seeds: the data must be the same."""
    rng = np.random.default_rng((0, 5))
    assert np.array_equal(dense((2, 3), 5), rng.standard_normal((2, 3)))
    rng = np.random.default_rng((0, 5))
    labels = integers(7, 40, 5)
    assert np.array_equal(labels, rng.integers(7, size=40))
    assert labels.dtype == np.int64


@given(seeds())
def test_scale_and_shift_move_the_same_data(seed: int) -> None:
    """``dense`` gives ``shift + scale * z`` of one and the same z."""
    assert np.array_equal(dense((3, 4), seed, 3.0, 2.0), 2.0 + 3.0 * dense((3, 4), seed))
    assert not np.array_equal(dense((3, 4), seed), dense((3, 4), seed + 1))


def test_a_secret_changes_all_data_and_only_within_its_block() -> None:
    """With a salt a seed means other data, the same for one secret, and as before afterwards."""
    plain, drawn = dense((4,), 1), []
    for secret in ("one", "one", "two"):
        with salted(secret):
            drawn.append(dense((4,), 1))
        assert np.array_equal(dense((4,), 1), plain)
    assert np.array_equal(drawn[0], drawn[1])
    assert not np.array_equal(drawn[0], drawn[2])
    assert not np.array_equal(drawn[0], plain)


@pytest.mark.parametrize("seed", range(5))
def test_away_from_zero_keeps_signs_and_distance(seed: int) -> None:
    """Every element moves away from zero by the margin, and none across it."""
    array = dense((3, 4), seed)
    moved = away_from_zero(array, 0.25)
    assert np.array_equal(np.sign(moved), np.sign(array))
    assert np.abs(moved) == pytest.approx(np.abs(array) + 0.25)
    assert away_from_zero(np.zeros(2), 0.25).tolist() == [0.25, 0.25]
