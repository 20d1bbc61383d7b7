"""The published figures of the notebook on normalization, row by row, on the reference."""

import numpy as np
import pytest
from figures import assert_loss, assert_order, pinned, published, rel_error

from cs682.classifiers.fc_net import FullyConnectedNet
from cs682.gradient_check import eval_numerical_gradient, eval_numerical_gradient_array
from cs682.layers import (
    batchnorm_backward,
    batchnorm_backward_alt,
    batchnorm_forward,
    layernorm_backward,
    layernorm_forward,
)

#: Half of the last digit that is printed of means and deviations.
LAST = 0.5e-8 + 1e-12


def two_layers(count, W1, W2):
    """The output of a two-layer network on freshly drawn examples, as rows 3, 4 and 17 make it."""
    return np.maximum(0, np.random.randn(count, 50).dot(W1)).dot(W2)


def drawn(count):
    """Row 3's draws (200 examples) or row 17's (4): the seed, the examples, the weights."""
    np.random.seed(231)
    X, W1, W2 = (np.random.randn(*shape) for shape in [(count, 50), (50, 60), (60, 3)])
    return np.maximum(0, X.dot(W1)).dot(W2)


def assert_statistics(array, axis, means, deviations):
    """Means and deviations are the published ones to the last printed digit."""
    assert np.abs(array.mean(axis=axis) - published(means)).max() < LAST
    assert np.abs(array.std(axis=axis) - published(deviations)).max() < LAST


def errors_of(forward, backward, param):
    """Rows 5 and 18: the errors of dx, dgamma and dbeta against central differences."""
    np.random.seed(231)
    arrays = [5 * np.random.randn(4, 5) + 12, np.random.randn(5), np.random.randn(5)]
    dout = np.random.randn(4, 5)
    _, cache = forward(*arrays, param)
    errors = []
    for place, grad in enumerate(backward(dout, cache)):

        def out(moved, place=place):
            return forward(*arrays[:place], moved, *arrays[place + 1 :], param)[0]

        errors.append(rel_error(eval_numerical_gradient_array(out, arrays[place], dout), grad))
    return errors


def assert_one_of(error, forms, order, places=None):
    """An error is one of the published forms where that is pinned, and of its order anywhere.

    *places*: how many digits the forms have in common, where later ones are the formula's.
    """
    if pinned():
        digits = (places or 13) - 1
        assert any(f"{error:.{digits}e}" == f"{form:.{digits}e}" for form in forms), error
    assert_order(error, order)


def test_row_3_forward_in_training():
    """Before: the published means and deviations. After: those asked for, but for epsilon."""
    a = drawn(200)
    assert_statistics(a, 0, "batchnorm_forward.before.means", "batchnorm_forward.before.stds")
    out, _ = batchnorm_forward(a, np.ones(3), np.zeros(3), {"mode": "train"})
    assert np.abs(out.mean(axis=0)).max() < 1e-15
    stds = published("batchnorm_forward.train.gamma_1.stds")
    assert np.abs(out.std(axis=0) - stds).max() < LAST
    gamma, beta = np.array([1.0, 2.0, 3.0]), np.array([11.0, 12.0, 13.0])
    out, _ = batchnorm_forward(a, gamma, beta, {"mode": "train"})
    where = "batchnorm_forward.train.gamma_123"
    assert_statistics(out, 0, f"{where}.means", f"{where}.stds")


def warmed_up(forward):
    """What a forward pass gives in test mode after row 4's fifty batches."""
    np.random.seed(231)
    W1, W2 = np.random.randn(50, 60), np.random.randn(60, 3)
    bn_param, gamma, beta = {"mode": "train"}, np.ones(3), np.zeros(3)
    for _ in range(50):
        forward(two_layers(200, W1, W2), gamma, beta, bn_param)
    bn_param["mode"] = "test"
    return forward(two_layers(200, W1, W2), gamma, beta, bn_param)[0]


def test_row_4_forward_in_testing():
    """By running averages: the published means and deviations."""
    out = warmed_up(batchnorm_forward)
    assert_statistics(out, 0, "batchnorm_forward.test.means", "batchnorm_forward.test.stds")


def test_row_5_backward():
    """Three errors, each one of the two forms published."""
    dx, dgamma, dbeta = errors_of(batchnorm_forward, batchnorm_backward, {"mode": "train"})
    # Later digits of dx are those of the formula.
    assert_one_of(dx, [1.7029e-09, 1.6675e-09], 1e-9, places=5)
    assert_one_of(dgamma, [7.420414216247087e-13, 7.417225040694815e-13], 1e-12)
    assert_one_of(dbeta, [2.8795057655839487e-12, 2.379446949959628e-12], 1e-11)


def test_row_6_both_backward_passes_agree():
    """dx within 2e-11; dgamma and dbeta to the last bit."""
    np.random.seed(231)
    x = 5 * np.random.randn(100, 500) + 12
    gamma, beta = np.random.randn(500), np.random.randn(500)
    dout = np.random.randn(100, 500)
    _, cache = batchnorm_forward(x, gamma, beta, {"mode": "train"})
    one, other = batchnorm_backward(dout, cache), batchnorm_backward_alt(dout, cache)
    assert rel_error(one[0], other[0]) < 2e-11
    assert np.array_equal(one[1], other[1])
    assert np.array_equal(one[2], other[2])


def networks(normalization):
    """Row 7's two networks, at reg 0 and 3.14, with their input."""
    np.random.seed(231)
    X, y = np.random.randn(2, 15), np.random.randint(10, size=2)
    models = [
        FullyConnectedNet(
            [20, 30],
            input_dim=15,
            reg=reg,
            weight_scale=5e-2,
            dtype=np.float64,
            normalization=normalization,
        )
        for reg in (0, 3.14)
    ]
    return models, X, y


PRINTED = [
    {
        "W1": (["1.10e-04"], 1e-4),
        "W2": (["2.85e-06"], 1e-5),
        "W3": (["3.92e-10", "4.05e-10"], 1e-9),
        "b3": (["4.78e-11", "1.01e-10"], 1e-9),
        "beta1": (["7.33e-09"], 1e-8),
        "beta2": (["1.89e-09"], 1e-8),
        "gamma1": (["6.96e-09", "7.57e-09"], 1e-8),
        "gamma2": (["1.96e-09"], 1e-8),
    },
    {
        "W1": (["1.98e-06"], 1e-5),
        "W2": (["2.28e-06"], 1e-5),
        "W3": (["1.11e-08"], 1e-8),
        "b3": ([], 1e-10),  # the last bits of the loss: the same order is all there is
        "beta1": (["6.65e-09"], 1e-8),
        "beta2": (["3.48e-09"], 1e-8),
        "gamma1": (["5.94e-09", "6.27e-09", "8.80e-09"], 1e-8),
        "gamma2": (["4.14e-09", "5.28e-09"], 1e-8),
    },
]


@pytest.mark.parametrize("place", [0, 1], ids=["reg 0", "reg 3.14"])
def test_row_7_network(place):
    """The loss to the last digit; every gradient's error one of those published."""
    models, X, y = networks("batchnorm")
    model = models[place]
    loss, grads = model.loss(X, y)
    assert_loss(loss, ["2.2611955101340957", "6.996533220108303"][place])
    for name in sorted(grads):
        if name in ("b1", "b2"):  # in front of a normalization: zero, up to rounding
            assert np.abs(grads[name]).max() < 1e-9
            continue
        numeric = eval_numerical_gradient(
            lambda _: model.loss(X, y)[0], model.params[name], verbose=False, h=1e-5
        )
        error = rel_error(numeric, grads[name])
        forms, order = PRINTED[place][name]
        assert_order(error, order)
        if forms and pinned():
            assert f"{error:.2e}" in forms, name


def test_the_network_with_layer_norm_has_losses_of_its_own():
    """Row 7's recipe with layer normalization: what a right implementation gives."""
    models, X, y = networks("layernorm")
    losses = [model.loss(X, y)[0] for model in models]
    assert losses == pytest.approx([2.237831004146712, 7.10213782725159], rel=1e-12)


def test_row_17_layer_norm_forward():
    """Over features: the published means and deviations, before and after; a mode is ignored."""
    a = drawn(4)
    assert_statistics(a, 1, "layernorm_forward.before.means", "layernorm_forward.before.stds")
    out, _ = layernorm_forward(a, np.ones(3), np.zeros(3), {"mode": "train"})
    assert np.abs(out.mean(axis=1)).max() < 1e-15
    assert np.abs(out.std(axis=1) - published("layernorm_forward.gamma_1.stds")).max() < LAST
    out, _ = layernorm_forward(a, np.full(3, 3.0), np.full(3, 5.0), {"mode": "test"})
    assert_statistics(out, 1, "layernorm_forward.gamma_3.means", "layernorm_forward.gamma_3.stds")


def test_row_18_layer_norm_backward():
    """Three errors, each one of the forms published."""
    dx, dgamma, dbeta = errors_of(layernorm_forward, layernorm_backward, {})
    assert_one_of(dx, [1.4336e-09], 1e-9, places=5)
    assert_one_of(dgamma, [4.519489546032799e-12], 1e-11)
    assert_one_of(dbeta, [2.276445013433725e-12, 2.5842537629899423e-12], 1e-11)


# The testers, tested: what is wrong must fail.


def test_wrong_running_averages_fail_row_4():
    """Momentum the wrong way round gives other means in testing."""

    def swapped(x, gamma, beta, bn_param):
        bn_param["momentum"] = 0.1
        return batchnorm_forward(x, gamma, beta, bn_param)

    out = warmed_up(swapped)
    assert np.abs(out.mean(axis=0) - published("batchnorm_forward.test.means")).max() > 0.01


def test_a_missing_term_fails_row_5():
    """Without the path through the variance dx is far from the differences."""

    def direct(dout, cache):
        _, dgamma, dbeta = batchnorm_backward(dout, cache)
        _, gamma, std = cache
        return gamma / std * (dout - dbeta / len(dout)), dgamma, dbeta

    error = errors_of(batchnorm_forward, direct, {"mode": "train"})[0]
    with pytest.raises(AssertionError):
        assert_order(error, 1e-3)


def test_a_network_that_does_not_normalize_fails_row_7():
    """Its loss is the plain network's."""
    models, X, y = networks(None)
    assert models[0].loss(X, y)[0] != pytest.approx(2.2611955101340957, abs=0.01)
