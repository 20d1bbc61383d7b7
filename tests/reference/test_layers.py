"""The reference's layers: backward passes against derivatives of their own forward passes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cs682 import layers
from cs682.gradient_check import eval_numerical_gradient_array
from grader.numeric.errors import agrees
from grader.numeric.strategies import away_from_zero, dense, integers, seeds, sizes

few = settings(max_examples=25, database=None, derandomize=True)


def complex_step(f, x, step=1e-30):
    """Return the gradient of a real function by ``Im f(x + ih) / h``, exact to rounding.

    It holds for functions that are analytic as they are written: no absolute values, and so no
    variance as numpy has it.
    """
    grad = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        moved = x.astype(complex)
        moved[index] += 1j * step
        grad[index] = f(moved).imag / step
    return grad


def by_complex_step(forward, arrays, dout):
    """Return the gradient of ``sum(out * dout)`` for each of the layer's arrays."""
    return [
        complex_step(
            lambda moved, place=place: np.sum(
                forward(*arrays[:place], moved, *arrays[place + 1 :])[0] * dout
            ),
            array,
        )
        for place, array in enumerate(arrays)
    ]


def by_differences(forward, arrays, dout):
    """Return the same by central differences, which take any function."""
    return [
        eval_numerical_gradient_array(
            lambda moved, place=place: forward(*arrays[:place], moved, *arrays[place + 1 :])[0],
            array.copy(),
            dout,
        )
        for place, array in enumerate(arrays)
    ]


def assert_exact(grads, expected):
    """Gradients and those of a complex step agree to rounding."""
    for grad, exact in zip(grads, expected, strict=True):
        assert grad.shape == exact.shape
        assert agrees(grad, exact, relative=1e-14)


def assert_near(grads, expected):
    """Gradients and central differences agree within what the differences resolve."""
    for grad, numeric in zip(grads, expected, strict=True):
        assert grad.shape == numeric.shape
        assert agrees(grad, numeric, relative=1e-7, absolute=1e-8)


@few
@given(sizes(1, 6, count=4), st.booleans(), seeds())
def test_affine(shape, flat, seed):
    """All three gradients, for inputs of two dimensions and of three."""
    N, d, k, M = shape
    inner = (d,) if flat else (d, k)
    x, w, b = dense((N, *inner), seed), dense((int(np.prod(inner)), M), seed + 1), dense((M,), 7)
    dout = dense((N, M), seed + 2)
    out, cache = layers.affine_forward(x, w, b)
    assert out.shape == (N, M)
    grads = layers.affine_backward(dout, cache)
    assert_exact(grads, by_complex_step(layers.affine_forward, (x, w, b), dout))
    assert_near(grads, by_differences(layers.affine_forward, (x, w, b), dout))


@few
@given(sizes(1, 6, count=3), seeds())
def test_relu(shape, seed):
    """The gradient passes where the input is above zero, in any number of dimensions."""
    x, dout = away_from_zero(dense(shape, seed), 1e-3), dense(shape, seed + 1)
    _, cache = layers.relu_forward(x)
    dx = layers.relu_backward(dout, cache)
    assert_exact([dx], by_complex_step(layers.relu_forward, (x,), dout))


@few
@given(st.sampled_from(["svm_loss", "softmax_loss"]), sizes(2, 7, count=2), seeds())
def test_losses(name, shape, seed):
    """Losses return their own derivative."""
    loss_of = getattr(layers, name)
    x, y = dense(shape, seed, scale=3.0), integers(shape[1], shape[0], seed + 1)
    loss, dx = loss_of(x, y)
    assert loss >= 0
    assert_exact([dx], [complex_step(lambda moved: loss_of(moved, y)[0], x)])


def test_softmax_of_large_scores():
    """Scores near 1,000 overflow nothing; scores far apart make a loss of their distance."""
    with np.errstate(all="raise", under="ignore"):
        loss, dx = layers.softmax_loss(np.array([[1000.0, 0.0, -1000.0]]), np.array([1]))
    assert loss == 1000
    assert np.allclose(dx, [[1, -1, 0]])


norms = st.sampled_from([1e-3, 1.0, 50.0])


@few
@given(st.integers(4, 9), st.integers(2, 6), norms, seeds())
def test_batchnorm(N, D, scale, seed):
    """Both backward passes agree, and with central differences where these can resolve them."""
    x, gamma, beta = dense((N, D), seed, scale, 2.0), dense((D,), seed + 1), dense((D,), seed + 2)
    dout = dense((N, D), seed + 3)

    def forward(x, gamma, beta):
        return layers.batchnorm_forward(x, gamma, beta, {"mode": "train"})

    _, cache = forward(x, gamma, beta)
    grads = layers.batchnorm_backward(dout, cache)
    for staged, simplified in zip(grads, layers.batchnorm_backward_alt(dout, cache), strict=True):
        assert agrees(staged, simplified, relative=1e-12)
    if scale == 1.0:
        assert_near(grads, by_differences(forward, (x, gamma, beta), dout))


@few
@given(st.integers(2, 6), st.integers(4, 9), seeds())
def test_layernorm(N, D, seed):
    """All three gradients."""
    x, gamma, beta = dense((N, D), seed, 1.0, 2.0), dense((D,), seed + 1), dense((D,), seed + 2)
    dout = dense((N, D), seed + 3)

    def forward(x, gamma, beta):
        return layers.layernorm_forward(x, gamma, beta, {})

    _, cache = forward(x, gamma, beta)
    assert_near(
        layers.layernorm_backward(dout, cache), by_differences(forward, (x, gamma, beta), dout)
    )


@few
@given(st.integers(4, 9), st.integers(2, 6), seeds())
def test_batchnorm_normalizes_and_remembers(N, D, seed):
    """Each feature gets mean 0 and variance 1; the averages follow, in place, and test by them."""
    x, ones, zeros = dense((N, D), seed, 3.0, 5.0), np.ones(D), np.zeros(D)
    bn_param = {"mode": "train", "momentum": 0.0, "eps": 0.0}
    out, _ = layers.batchnorm_forward(x, ones, zeros, bn_param)
    assert np.allclose(out.mean(axis=0), 0, atol=1e-12)
    assert np.allclose(out.var(axis=0), 1)
    assert np.allclose(bn_param["running_mean"], x.mean(axis=0))
    assert np.allclose(bn_param["running_var"], x.var(axis=0))
    bn_param["mode"] = "test"
    again, _ = layers.batchnorm_forward(x, ones, zeros, bn_param)
    assert np.allclose(again, out)


@few
@given(sizes(20, 40, count=2), st.sampled_from([0.3, 0.5, 0.8]), seeds())
def test_dropout(shape, p, seed):
    """What is kept is divided by p, in the share of p; backward goes by the same mask."""
    x, dout = away_from_zero(dense(shape, seed), 1e-3), dense(shape, seed + 1)
    param = {"mode": "train", "p": p, "seed": seed}
    out, cache = layers.dropout_forward(x, param)
    kept = out != 0
    assert np.allclose(out[kept], x[kept] / p)
    assert abs(kept.mean() - p) < 5 * np.sqrt(p * (1 - p) / x.size)
    assert np.allclose(layers.dropout_backward(dout, cache), np.where(kept, dout / p, 0))
    assert np.array_equal(layers.dropout_forward(x, param)[0], out)
    param = {"mode": "test", "p": p}
    out, cache = layers.dropout_forward(x, param)
    assert np.array_equal(out, x)
    assert np.array_equal(layers.dropout_backward(dout, cache), dout)


@pytest.mark.parametrize(
    "call",
    [
        lambda x: layers.batchnorm_forward(x, x[0], x[0], {"mode": "training"}),
        lambda x: layers.dropout_forward(x, {"mode": "training", "p": 0.5}),
    ],
    ids=["batchnorm", "dropout"],
)
def test_an_unknown_mode(call):
    """A mode that doesn't exist is named."""
    with pytest.raises(ValueError, match="'training'"):
        call(np.ones((2, 3)))


@pytest.mark.parametrize(
    ("derive", "compare"), [(by_complex_step, assert_exact), (by_differences, assert_near)]
)
def test_a_derivative_of_2_001_for_2_fails(derive, compare):
    """Both comparisons pass a right gradient, and tell one that is off by 0.05 %."""
    x, dout = dense((3, 4), 0), dense((3, 4), 1)

    def double(x):
        return 2 * x, None

    expected = derive(double, (x,), dout)
    compare([2 * dout], expected)
    with pytest.raises(AssertionError):
        compare([2.001 * dout], expected)
