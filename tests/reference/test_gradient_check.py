"""The notebook's central differences."""

import numpy as np
import pytest

from cs682.gradient_check import eval_numerical_gradient, eval_numerical_gradient_array


@pytest.mark.parametrize("shape", [(), (4,), (2, 3), (2, 1, 3)])
def test_the_derivative_of_a_number(shape):
    """The gradient has x's shape and the derivative's values; x is as it was."""
    x = np.random.RandomState(0).randn(*shape) if shape else np.array(0.7)
    before = x.copy()
    grad = eval_numerical_gradient(lambda x: np.sum(x**3), x, verbose=False)
    assert grad.shape == shape
    assert np.allclose(grad, 3 * x**2, rtol=1e-7)
    assert np.array_equal(x, before)


def test_the_derivative_of_an_array_is_weighted():
    """Each output counts by its df, also if f returns one and the same array each time."""
    draw = np.random.RandomState(0)
    x, df, out = draw.randn(2, 3), draw.randn(2, 3), np.empty((2, 3))
    grad = eval_numerical_gradient_array(lambda x: np.multiply(x, x, out=out), x, df)
    assert np.allclose(grad, 2 * x * df)
    assert not np.allclose(grad, 2.001 * x * df)


def test_f_may_see_x_by_another_name():
    """A parameter of a model is moved where it is."""
    params = {"w": np.array([1.0, 2.0])}
    grad = eval_numerical_gradient(lambda _: params["w"] @ params["w"], params["w"], verbose=False)
    assert np.allclose(grad, [2, 4])


def test_the_step_can_be_chosen():
    """A cubic's error is the step squared."""
    grad = eval_numerical_gradient(lambda x: x[0] ** 3, np.array([1.0]), verbose=False, h=0.1)
    assert grad[0] == pytest.approx(3.01)


def test_verbose_prints_each_element(capsys):
    """By default each element's place and value is printed."""
    eval_numerical_gradient(lambda x: x.sum(), np.zeros((1, 2)))
    lines = capsys.readouterr().out.splitlines()
    assert [line.rpartition(" ")[0] for line in lines] == ["(0, 0)", "(0, 1)"]
