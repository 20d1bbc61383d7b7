"""Central differences: right gradients pass, gradients off by a thousandth fail."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from grader.numeric.errors import norm
from grader.numeric.gradients import ABSOLUTE, RELATIVE, STEP, kinked, probe, slope_error
from grader.numeric.strategies import dense, seeds


def cubic(x: np.ndarray) -> float:
    return float(np.sum(x**3 / 3 + np.sin(x)))


def slope_of(x: np.ndarray, gradient: np.ndarray, seed: int) -> tuple[float, float]:
    plus, minus = probe(x, seed)
    return slope_error(gradient, plus, minus, cubic(plus) - cubic(minus), cubic(x))


@given(seeds(), st.integers(1, 6), st.integers(1, 8), st.sampled_from([0.01, 1.0, 30.0]))
def test_a_right_gradient_passes(seed: int, rows: int, columns: int, scale: float) -> None:
    """The derivative of a smooth function meets the bound at every size and scale."""
    x = dense((rows, columns), seed, scale)
    error, bound = slope_of(x, x**2 + np.cos(x), seed + 1)
    assert error <= bound


@given(seeds(), st.integers(0, 23), st.sampled_from([1e-3, -1e-3, 1.0]))
def test_one_element_off_by_a_thousandth_fails(seed: int, index: int, by: float) -> None:
    """A gradient of which one element is off by 1e-3 relative doesn't pass three projections."""
    x = dense((4, 6), seed)
    gradient = x**2 + np.cos(x)
    assume(abs(gradient.flat[index]) > 0.1)
    gradient.flat[index] *= 1 + by
    assert any(
        error > bound for error, bound in (slope_of(x, gradient, seed + k) for k in range(3))
    )


def test_no_gradient_at_all_fails() -> None:
    """Zeros are not the gradient of a function that moves."""
    x = dense((3, 3), 0)
    error, bound = slope_of(x, np.zeros_like(x), 1)
    assert error > bound


def test_nothing_moves_and_nothing_is_claimed() -> None:
    """A constant function has zeros for a gradient."""
    plus, minus = probe(np.ones((2, 2)), 0)
    error, bound = slope_error(np.zeros((2, 2)), plus, minus, 0.0, 0.0)
    assert error <= bound


def test_nan_is_never_right() -> None:
    """A gradient that is no number has an error that is no number."""
    x = dense((2, 2), 0)
    error, bound = slope_of(x, np.full((2, 2), np.nan), 0)
    assert not error <= bound


@given(seeds(), st.sampled_from([0.01, 1.0, 100.0]))
def test_probe_points_lie_on_both_sides(seed: int, scale: float) -> None:
    """The array is the middle of its probe points, and they are some 1e-5 of it apart."""
    x = dense((4, 5), seed, scale)
    plus, minus = probe(x, seed)
    assert np.allclose((plus + minus) / 2, x, rtol=0, atol=1e-15 * np.abs(x).max())
    assert 1e-6 < np.linalg.norm(plus - minus) / np.linalg.norm(x) < 1e-4


@pytest.mark.parametrize("at", [0.0, 2e-6, -4e-6, 7e-6])
def test_a_kink_between_probe_points_is_seen(at: float) -> None:
    """A bend within the step is told from curvature, wherever in it the bend lies."""
    h = 1e-5

    def f(t: float) -> float:
        return abs(t - at) + np.sin(t)

    assert kinked(f(-h), f(0.0), f(h), f(-h / 2), f(h / 2))


@given(st.floats(-3, 3), st.sampled_from([1.0, 100.0]))
def test_curvature_is_no_kink(t: float, scale: float) -> None:
    """A smooth function is never taken for one with a bend."""
    h = 1e-5

    def f(s: float) -> float:
        return scale * (np.exp(t + s) + (t + s) ** 3)

    assert not kinked(f(-h), f(0.0), f(h), f(-h / 2), f(h / 2))


@given(seeds(), st.sampled_from([(1,), (3, 4)]))
def test_the_step_is_relative_to_the_root_mean_square(seed: int, shape: tuple[int, ...]) -> None:
    """The move is STEP times the root mean square times the direction that the seed stands for."""
    x = dense(shape, seed, 50.0)
    direction = np.random.default_rng(seed).standard_normal(shape)
    move = STEP * np.sqrt(np.mean(x**2)) * direction
    plus, minus = probe(x, seed)
    assert (plus - minus) / 2 == pytest.approx(move, rel=1e-6, abs=1e-12)


def test_an_array_of_zeros_moves_too() -> None:
    """The step has a floor: a thousandth of STEP."""
    plus, _ = probe(np.zeros(1000), 0)
    assert norm(plus) / np.sqrt(1000) == pytest.approx(1e-3 * STEP, rel=0.1)


def test_what_has_no_elements_has_no_error() -> None:
    """Where nothing can be moved, nothing is wrong."""
    empty = np.zeros((0, 3))
    error, bound = slope_error(empty, empty, empty, 0.0, 1.0)
    assert error == 0.0
    assert bound == RELATIVE


@pytest.mark.parametrize("loss", [0.0, -1.5, 300.0])
def test_the_bound_grows_with_the_loss_that_is_rounded(loss: float) -> None:
    """The bound is RELATIVE + ABSOLUTE max(1, |loss|) / (norm(g) norm(v) + |fd|)."""
    plus, minus = np.array([1.0, 2.0]), np.array([1.0, 1.5])
    error, bound = slope_error(np.array([3.0, 4.0]), plus, minus, 1.0, loss)
    assert error == pytest.approx(abs(2.0 - 4.0) / (5.0 + 2.0))
    assert bound == pytest.approx(RELATIVE + ABSOLUTE * max(1.0, abs(loss)) / 7.0, rel=1e-12)


@pytest.mark.parametrize("scale", [1e-12, 1.0, 1e12])
def test_a_bend_is_measured_against_the_rise(scale: float) -> None:
    """A bend of more than RELATIVE of the rise between the probe points is a kink."""
    for bend, expected in ((1e-6, False), (4e-6, True)):
        values = np.array([-1.0, 0.0, 1.0 + bend, -0.5, 0.5]) * scale
        assert kinked(*map(float, values)) is expected


def test_rounding_of_a_level_function_is_no_kink() -> None:
    """Where the function hardly rises, some of its value's last digits are no bend."""
    eps = np.finfo(np.float64).eps
    for digits, expected in ((45, False), (100, True)):
        beside = float(1 + digits * eps)
        assert kinked(beside, 1.0, beside, 1.0, 1.0) is expected
    assert not kinked(0.0, 0.0, 0.0, 0.0, 0.0)
