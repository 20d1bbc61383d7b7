"""Tests of draws: a million right ones pass, and what is no draw fails."""

from __future__ import annotations

import numpy as np
import pytest

from grader.numeric.chance import (
    BITS,
    ODDS,
    alike,
    count_is_off,
    counts_are_off,
    counts_coincide,
    deviation_error,
    ordered,
    pairs,
    patterned,
    sum_is_off,
)

MANY = 1_000_000
RATES = (0.3, 0.6, 0.8)
GENERATOR = np.random.default_rng


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("size", [20, 330, 2000, 16_000])
def test_none_of_a_million_right_counts_fails(rate: float, size: int) -> None:
    """Counts of masks of a million draws, and of the pairs in them that agree."""
    drawn = GENERATOR(size)
    for share in (rate, rate**2 + (1 - rate) ** 2):
        counts = drawn.binomial(size, share, MANY)
        assert not counts_are_off(counts, np.full(MANY, size), share).any()


def test_a_bound_is_met_as_often_as_it_says() -> None:
    """At odds that can be seen the bound holds, and isn't far from what happens."""
    size, rate = 400, 0.3
    share = GENERATOR(1).binomial(size, rate, MANY) / size
    entropy = share * np.log(share / rate) + (1 - share) * np.log((1 - share) / (1 - rate))
    for odds in (1e-2, 1e-3, 1e-4):
        often = np.mean(size * entropy > np.log(2 / odds))
        assert odds / 20 < often <= odds
    assert 2 * np.exp(-BITS) == pytest.approx(ODDS)


@pytest.mark.parametrize("shape", [(8, 10, 12), (1, 40)])
def test_small_masks_of_many_seeds_pass(shape: tuple[int, ...]) -> None:
    """Whole masks, looked at along every axis: none of some thousand fails."""
    for seed in range(1000):
        assert patterned(GENERATOR(seed).random(shape) < 0.6, 0.6) is None


@pytest.mark.parametrize("draw", ["normal", "uniform", "laplace", "sign", "triangular"])
def test_none_of_a_million_right_sums_fails(draw: str) -> None:
    """A hundred numbers of any symmetric distribution, and the products of pairs of them."""
    drawn = GENERATOR(2)
    for _ in range(20):
        shape = (MANY // 20, 100)
        numbers = {
            "normal": lambda shape=shape: drawn.normal(size=shape),
            "uniform": lambda shape=shape: drawn.uniform(-1, 1, shape),
            "laplace": lambda shape=shape: drawn.laplace(size=shape),
            "sign": lambda shape=shape: drawn.choice([-1.0, 1.0], shape),
            "triangular": lambda shape=shape: drawn.triangular(-1, 0, 1, shape),
        }[draw]()
        for some in (numbers, numbers[:, ::2] * numbers[:, 1::2]):
            assert (np.abs(some.sum(1)) <= np.sqrt(2 * BITS * np.square(some).sum(1))).all()


@pytest.mark.parametrize(
    ("draw", "deviation"), [("normal", 1.0), ("uniform", 3**-0.5), ("laplace", 2**0.5)]
)
def test_right_deviations_pass_and_wrong_ones_fail(draw: str, deviation: float) -> None:
    """At the 10,000 weights that are asked, for any distribution; an eighth more is found."""
    drawn = GENERATOR(3)
    farthest = 0.0
    for _ in range(1000):
        numbers = {
            "normal": lambda: drawn.normal(size=10_000),
            "uniform": lambda: drawn.uniform(-1, 1, 10_000),
            "laplace": lambda: drawn.laplace(size=10_000),
        }[draw]()
        error = deviation_error(numbers)
        farthest = max(farthest, abs(float(np.sqrt(np.square(numbers).mean())) - deviation) / error)
        assert error < 0.12 * deviation
    assert 0.25 < farthest < 0.7
    assert deviation_error(np.zeros(9)) == 0.0
    assert deviation_error(np.array([1.0, -1.0])) == pytest.approx(1e-6)


def test_pairs_share_no_element() -> None:
    """Each element is in one pair at most, with one that stands as far away as is said."""
    numbers = np.arange(7 * 33).reshape(7, 33)
    looked = set()
    for axis, lag, one, other in pairs(numbers):
        together = np.concatenate([one.ravel(), other.ravel()])
        assert len(set(together)) == together.size
        assert set((other - one).ravel()) == {lag * (33 if axis == 0 else 1)}
        looked.add((axis, lag))
    assert looked == {(0, lag) for lag in (1, 2, 3)} | {(1, lag) for lag in range(1, 17)}
    assert {axis for axis, *_ in pairs(numbers, (1,))} == {1}


def test_what_is_ordered_is_no_draw() -> None:
    """A ramp, sorted numbers, a running sum and waves are found; numbers in any order are not."""
    drawn = GENERATOR(4).normal(size=(100, 110))
    assert not ordered(drawn)
    for numbers in (
        np.linspace(-1, 1, 11_000).reshape(100, 110),
        np.sort(drawn, axis=0),
        np.sort(drawn, axis=1),
        np.cumsum(drawn, axis=1),
        np.sin(np.arange(11_000) / 5).reshape(100, 110),
        np.repeat(drawn[:50], 2, axis=0),
    ):
        assert ordered(numbers - numbers.mean())


def test_masks_are_alike_when_one_foretells_the_other() -> None:
    """Equal and opposite masks are; those of two draws are not."""
    one, other = GENERATOR(5).random((2, 40, 50)) < 0.6
    assert not alike(one, other, 0.6)
    assert alike(one, one, 0.6)
    assert alike(one, ~one, 0.6)


def test_only_what_is_seen_counts() -> None:
    """A pattern of elements that aren't known is none; in the others it is found."""
    on = GENERATOR(6).random((6, 40, 50)) < 0.6
    striped = np.where(np.arange(50) < 25, on, np.arange(50) % 2 == 0)
    assert patterned(striped, 0.6, (1, 2)) is not None
    assert patterned(striped, 0.6, (1, 2), np.broadcast_to(np.arange(50) < 25, on.shape)) is None


def test_a_sum_and_a_count_have_two_sides() -> None:
    """Too much and too little, too often and too seldom."""
    ones = np.ones(100)
    assert sum_is_off(ones)
    assert sum_is_off(-ones)
    assert not sum_is_off(np.tile([1.0, -1.0], 50))
    assert count_is_off(100, 100, 0.6)
    assert count_is_off(0, 100, 0.4)
    assert not count_is_off(0, 0, 0.4)
    assert not count_is_off(60, 100, 0.6)


def test_equal_counts_are_chance_as_often_as_the_sum_says() -> None:
    """Two counts of few trials may well be equal; eight of many, or hundreds of few, may not."""
    assert not counts_coincide(np.array([600]), 2000, 0.3)
    assert not counts_coincide(np.array([3, 3, 3]), 10, 0.3)
    assert not counts_coincide(np.array([600] * 7 + [601]), 2000, 0.3)
    assert counts_coincide(np.array([600] * 8), 2080, 0.3)
    assert counts_coincide(np.array([3] * 100), 10, 0.3)
    drawn = GENERATOR(6).binomial(10, 0.3, (MANY, 4))
    equal = (drawn == drawn[:, :1]).all(axis=1).mean()
    chance = np.bincount(GENERATOR(7).binomial(10, 0.3, MANY)) / MANY
    assert equal == pytest.approx(np.sum(chance**4), rel=0.05)
