"""The reference's networks, with every option alone and together."""

import itertools

import numpy as np
import pytest

from cs682.classifiers.fc_net import FullyConnectedNet, TwoLayerNet
from grader.numeric.gradients import probe, slope_error
from grader.numeric.strategies import dense, integers

OPTIONS = list(
    itertools.product([None, "batchnorm", "layernorm"], [1, 0.7], [0.0, 0.3], [[], [8], [8, 7, 6]])
)


def network(normalization, dropout, reg, hidden, dtype=np.float64):
    """A small network with no parameter at zero, and its inputs."""
    model = FullyConnectedNet(
        hidden,
        input_dim=6,
        num_classes=5,
        dropout=dropout,
        normalization=normalization,
        reg=reg,
        dtype=dtype,
        seed=3,
    )
    for number, (name, value) in enumerate(model.params.items()):
        shift = 1.0 if name.startswith("gamma") else 0.0
        model.params[name] = dense(value.shape, number, 0.6, shift).astype(dtype)
    return model, dense((9, 2, 3), 100), integers(5, 9, 101)


def wrong_gradients(model, X, y):
    """Name the parameters whose gradient is not the slope of the loss along three directions."""
    loss, grads = model.loss(X, y)
    assert set(grads) == set(model.params)
    wrong = set()
    for name, value in model.params.items():
        assert grads[name].shape == value.shape
        for seed in range(3):
            plus, minus = probe(value, seed)
            ends = []
            for moved in (plus, minus):
                model.params[name] = moved
                ends.append(model.loss(X, y)[0])
            model.params[name] = value
            error, bound = slope_error(grads[name], plus, minus, ends[0] - ends[1], loss)
            if not error <= bound:
                wrong.add(name)
    return wrong


@pytest.mark.parametrize(("normalization", "dropout", "reg", "hidden"), OPTIONS)
def test_every_gradient(normalization, dropout, reg, hidden):
    """Each parameter's gradient is the slope of the network's own loss."""
    assert wrong_gradients(*network(normalization, dropout, reg, hidden)) == set()


@pytest.mark.parametrize("reg", [0.0, 0.7])
def test_two_layers_are_a_case_of_any_number(reg):
    """TwoLayerNet and FullyConnectedNet with one hidden layer agree on everything."""
    model, X, y = network(None, 1, reg, [8])
    two = TwoLayerNet(input_dim=6, hidden_dim=8, num_classes=5, reg=reg)
    two.params = model.params
    assert wrong_gradients(two, X, y) == set()
    assert np.array_equal(two.loss(X), model.loss(X))
    (loss, grads), (expected, others) = two.loss(X, y), model.loss(X, y)
    assert loss == pytest.approx(expected, rel=1e-14)
    for name, grad in grads.items():
        assert np.allclose(grad, others[name], rtol=1e-13)


@pytest.mark.parametrize(("normalization", "dropout", "reg", "hidden"), OPTIONS)
def test_testing_is_repeatable_and_changes_nothing(normalization, dropout, reg, hidden):
    """Without labels there are scores only, the same each time, and no state moves."""
    model, X, y = network(normalization, dropout, reg, hidden)
    model.loss(X, y)
    before = [dict(bn_param) for bn_param in model.bn_params]
    scores = model.loss(X)
    assert scores.shape == (9, 5)
    assert np.array_equal(model.loss(X), scores)
    for old, new in zip(before, model.bn_params, strict=True):
        for name in set(old) - {"mode"}:
            assert np.array_equal(old[name], new[name])


@pytest.mark.parametrize(("normalization", "dropout", "reg", "hidden"), OPTIONS)
def test_float32_stays_float32(normalization, dropout, reg, hidden):
    """Parameters, scores and gradients have the dtype that was asked for."""
    model, X, y = network(normalization, dropout, reg, hidden, np.float32)
    _, grads = model.loss(X, y)
    arrays = [*model.params.values(), model.loss(X), *grads.values()]
    assert {array.dtype for array in arrays} == {np.dtype(np.float32)}


def test_initial_parameters():
    """Weights have the scale asked for and aren't alike; biases, gamma and beta begin as said."""
    np.random.seed(0)
    model = FullyConnectedNet(
        [120, 90], input_dim=100, normalization="layernorm", weight_scale=0.02
    )
    for name, value in model.params.items():
        if name.startswith("W"):
            # Five standard errors of a standard deviation.
            assert abs(value.std() / 0.02 - 1) < 5 / np.sqrt(2 * value.size)
            assert len(np.unique(value)) > 0.99 * value.size
        else:
            assert np.all(value == (1 if name.startswith("gamma") else 0))


def test_regularization_is_half_the_sum_of_squares_of_weights_alone():
    """0.5 * reg * sum(W**2) over W, and not over biases, gamma or beta."""
    plain, X, y = network("batchnorm", 1, 0.0, [8, 7])
    strong, _, _ = network("batchnorm", 1, 0.3, [8, 7])
    squares = sum(np.sum(strong.params[f"W{i}"] ** 2) for i in (1, 2, 3))
    difference = strong.loss(X, y)[0] - plain.loss(X, y)[0]
    assert difference == pytest.approx(0.5 * 0.3 * squares, rel=1e-12)


@pytest.mark.parametrize("name", ["W1", "b2", "gamma1", "beta2", "W3"])
def test_a_wrong_gradient_is_named(name):
    """A gradient of 2.001 for 2.000 is told, in the parameter where it is."""
    model, X, y = network("layernorm", 0.7, 0.3, [8, 7])
    loss_of = model.loss

    def loss(X, y=None):
        value, grads = loss_of(X, y)
        grads[name] = grads[name] * 1.0005
        return value, grads

    model.loss = loss
    assert wrong_gradients(model, X, y) == {name}
