"""Coefficients have names: one that holds on all examples, and none where two do."""

from __future__ import annotations

import numpy as np
import pytest

from grader.numeric.coefficients import CoefficientNames, power, power_name

SIZES = [
    {"N": 4, "D": 3, "rate": 0.5},
    {"N": 6, "D": 5, "rate": 0.8},
    {"N": 5, "D": 7, "rate": 0.7},
]


@pytest.mark.parametrize(
    ("found", "name"),
    [
        ([0.5, 0.5, 0.5], "1/2"),
        ([0.0, 0.0, 1e-12], "0"),
        ([1, 1, 1], "1"),
        ([-1, -1, -1], "-1"),
        ([0.25, 1 / 6, 0.2], "1/N"),
        ([4 / 3, 6 / 5, 5 / 4], "N/(N - 1)"),
        ([4 / 3, 6 / 5, 5 / 7], "N/D"),
        ([-4, -6, -5], "-N"),
        ([0.5, 0.2, 0.3], "1 - rate"),
        ([-0.5, -0.2, -0.3], "-(1 - rate)"),
    ],
)
def test_a_coefficient_is_named_by_what_it_is_on_every_example(
    found: list[float], name: str
) -> None:
    """Numbers, sizes and settings; what is the same everywhere is a number."""
    coefficient = CoefficientNames(SIZES).of(np.array(found, float))
    assert coefficient is not None
    assert coefficient.name == name
    assert np.allclose(coefficient.values, found)


@pytest.mark.parametrize(
    "found", [[0.25, 1 / 6, 0.21], [0.3, 0.4, 0.5], [np.nan, 2.0, 2.0], [0.37, 0.37, 0.37]]
)
def test_what_has_no_name_is_not_named(found: list[float]) -> None:
    """One example that differs, none at all, too few to tell, and a number that is no form."""
    assert CoefficientNames(SIZES).of(np.array(found)) is None


def test_two_sizes_that_are_equal_have_no_name() -> None:
    """Where N is D on every example, a weight of N may be D."""
    alike = [{"N": n, "D": n} for n in (4, 5, 6)]
    assert CoefficientNames(alike).of(np.array([4.0, 5.0, 6.0])) is None
    assert (
        CoefficientNames([{"N": n, "D": 9 - n} for n in (4, 5, 6)]).of(np.array([4.0, 5.0, 6.0]))
        is not None
    )


def test_one_example_is_enough_for_a_number_that_was_measured() -> None:
    """A layer that few networks have: its weight is 0 or 1/2, and no size."""
    once = np.array([np.nan, 0.5, np.nan])
    assert CoefficientNames(SIZES).of(once) is None
    found = CoefficientNames(SIZES).of(once, measured=True)
    assert found is not None
    assert found.name == "1/2"
    assert CoefficientNames(SIZES).of(np.array([np.nan, 6.0, np.nan]), measured=True) is None


def test_powers_are_few() -> None:
    """A power is one of a few, or it is none."""
    assert power_name(power(0.50001) or 0.0) == "1/2"
    assert power(0.77) is None
