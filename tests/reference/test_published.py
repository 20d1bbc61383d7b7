"""The notebook's published figures, row by row, on the reference."""

import figures
import numpy as np
import pytest
from figures import assert_error, assert_loss, assert_order, published, rel_error

from cs682.classifiers.fc_net import FullyConnectedNet, TwoLayerNet
from cs682.gradient_check import eval_numerical_gradient, eval_numerical_gradient_array
from cs682.layer_utils import affine_relu_backward, affine_relu_forward
from cs682.layers import (
    affine_backward,
    affine_forward,
    relu_backward,
    relu_forward,
    softmax_loss,
    svm_loss,
)
from cs682.optim import adam, rmsprop, sgd_momentum


def spread(low, high, *shape):
    """Evenly spaced values, laid out in C order."""
    return np.linspace(low, high, int(np.prod(shape))).reshape(shape)


def randn(*shapes):
    """Seed the global generator as every row does, and draw normal arrays in order."""
    np.random.seed(231)
    return [np.random.randn(*shape) for shape in shapes]


def affine_errors(forward, backward, x, w, b, dout):
    """Errors of dx, dw and db against the notebook's central differences."""
    arrays = (x, w, b)
    _, cache = forward(*arrays)
    errors = []
    for place, grad in enumerate(backward(dout, cache)):

        def out(moved, place=place):
            return forward(*arrays[:place], moved, *arrays[place + 1 :])[0]

        errors.append(rel_error(eval_numerical_gradient_array(out, arrays[place], dout), grad))
    return errors


def network_errors(model, X, y):
    """The error of every gradient of a network, by the parameter's name."""
    _, grads = model.loss(X, y)
    assert set(grads) == set(model.params)
    return {
        name: rel_error(
            eval_numerical_gradient(lambda _: model.loss(X, y)[0], value, verbose=False),
            grads[name],
        )
        for name, value in model.params.items()
    }


def test_row_2_affine_forward():
    """The published output, and its error to the last digit."""
    out, _ = affine_forward(
        spread(-0.1, 0.5, 2, 4, 5, 6), spread(-0.2, 0.3, 120, 3), spread(-0.3, 0.1, 3)
    )
    assert_error(rel_error(out, published("affine_forward.out")), "9.7698e-10", 1e-9)


def test_row_3_affine_backward():
    """Three errors, to the last digit."""
    errors = affine_errors(
        affine_forward, affine_backward, *randn((10, 2, 3), (6, 5), (5,), (10, 5))
    )
    printed = ("5.399100368651805e-11", "9.904211865398145e-11", "2.4122867568119087e-11")
    for error, figure in zip(errors, printed, strict=True):
        assert_error(error, figure, 1e-10)


def test_row_4_relu_forward():
    """The published output."""
    out, _ = relu_forward(spread(-0.5, 0.5, 3, 4))
    assert_order(rel_error(out, published("relu_forward.out")), 1e-8)


def test_row_5_relu_backward():
    """One error, to the last digit."""
    x, dout = randn((10, 10), (10, 10))
    _, cache = relu_forward(x)
    numeric = eval_numerical_gradient_array(lambda x: relu_forward(x)[0], x, dout)
    assert_error(rel_error(numeric, relu_backward(dout, cache)), "3.2756349136310288e-12", 1e-12)


def test_row_7_sandwich():
    """Affine and ReLU joined: errors of the order of 1e-10 or less."""
    errors = affine_errors(
        affine_relu_forward, affine_relu_backward, *randn((2, 3, 4), (12, 10), (10,), (2, 10))
    )
    for error in errors:
        assert_order(error, 1e-10)


@pytest.mark.parametrize(
    ("loss_of", "loss", "error", "order"),
    [
        (svm_loss, "8.999602749096233", "1.4021566006651672e-09", 1e-9),
        (softmax_loss, "2.302545844500738", "9.384673161989355e-09", 1e-8),
    ],
    ids=["8 svm", "9 softmax"],
)
def test_rows_8_and_9_losses(loss_of, loss, error, order):
    """Loss and error, to the last digit."""
    (x,) = randn((50, 10))
    x *= 0.001
    y = np.random.randint(10, size=50)
    numeric = eval_numerical_gradient(lambda x: loss_of(x, y)[0], x, verbose=False)
    value, dx = loss_of(x, y)
    assert_loss(value, loss)
    assert_error(rel_error(numeric, dx), error, order)


def two_layer_net():
    """The network of rows 11 to 13, with its input."""
    model = TwoLayerNet(input_dim=5, hidden_dim=50, num_classes=7, weight_scale=1e-3)
    model.params["W1"] = spread(-0.7, 0.3, 5, 50)
    model.params["b1"] = spread(-0.1, 0.9, 50)
    model.params["W2"] = spread(-0.3, 0.4, 50, 7)
    model.params["b2"] = spread(-0.9, 0.1, 7)
    return model, spread(-5.5, 4.5, 5, 3).T, np.array([0, 5, 1])


def test_row_10_initial_parameters():
    """Weights of the scale asked for, biases at zero."""
    randn((3, 5))
    np.random.randint(7, size=3)
    params = TwoLayerNet(input_dim=5, hidden_dim=50, num_classes=7, weight_scale=1e-3).params
    for name in ("W1", "W2"):
        assert abs(params[name].std() - 1e-3) < 1e-4
    for name in ("b1", "b2"):
        assert not params[name].any()


def test_row_11_scores():
    """The published scores."""
    model, X, _ = two_layer_net()
    assert np.abs(model.loss(X) - published("two_layer_net.scores")).sum() < 1e-6


@pytest.mark.parametrize(("reg", "loss"), [(0.0, "3.4702243556"), (1.0, "26.5948426952")])
def test_row_12_losses(reg, loss):
    """Both losses, to every digit."""
    model, X, y = two_layer_net()
    model.reg = reg
    assert_loss(model.loss(X, y)[0], loss)


@pytest.mark.parametrize("reg", [0.0, 0.7])
def test_row_13_gradients(reg):
    """Every gradient of the two-layer net has an error of the order of 1e-7 or less."""
    model, X, y = two_layer_net()
    model.reg = reg
    for error in network_errors(model, X, y).values():
        assert_order(error, 1e-7)


def test_rows_16_and_17_fully_connected_net():
    """Both initial losses to the last digit, and the errors of all gradients at reg = 0."""
    (X,) = randn((2, 15))
    y = np.random.randint(10, size=2)
    models = [
        FullyConnectedNet([20, 30], input_dim=15, reg=reg, weight_scale=5e-2, dtype=np.float64)
        for reg in (0, 3.14)
    ]
    for model, loss in zip(models, ("2.3004790897684924", "7.052114776533016"), strict=True):
        assert_loss(model.loss(X, y)[0], loss)
    printed = {
        "W1": "1.48e-07",
        "W2": "2.21e-05",
        "W3": "3.53e-07",
        "b1": "5.38e-09",
        "b2": "2.09e-09",
        "b3": "5.80e-11",
    }
    errors = network_errors(models[0], X, y)
    # A gradient of 5e-8 in W2 is what differences, good to 1e-11, resolve to three digits or four.
    assert_error(errors.pop("W2"), printed.pop("W2"), 1e-5, elsewhere=1e-4)
    for name, error in errors.items():
        assert_error(error, printed[name], 1e-7)
    for error in network_errors(models[1], X, y).values():
        assert_order(error, 1e-7)


@pytest.mark.parametrize(
    ("rule", "config", "results", "orders"),
    [
        (
            sgd_momentum,
            {"learning_rate": 1e-3, "velocity": spread(0.6, 0.9, 4, 5)},
            {"next_w": "8.882347033505819e-09", "velocity": "4.269287743278663e-09"},
            {"next_w": 1e-9, "velocity": 1e-9},
        ),
        (
            rmsprop,
            {"learning_rate": 1e-2, "cache": spread(0.6, 0.9, 4, 5)},
            {"next_w": "9.524687511038133e-08", "cache": "2.6477955807156126e-09"},
            {"next_w": 1e-8, "cache": 1e-9},
        ),
        (
            adam,
            {
                "learning_rate": 1e-2,
                "m": spread(0.6, 0.9, 4, 5),
                "v": spread(0.7, 0.5, 4, 5),
                "t": 5,
            },
            {
                "next_w": "1.1395691798535431e-07",
                "v": "4.208314038113071e-09",
                "m": "4.214963193114416e-09",
            },
            {"next_w": 1e-7, "v": 1e-9, "m": 1e-9},
        ),
    ],
    ids=["21 momentum", "23 rmsprop", "24 adam"],
)
def test_rows_21_23_24_update_rules(rule, config, results, orders):
    """Next weights and state, each with its error to the last digit."""
    next_w, state = rule(spread(-0.4, 0.6, 4, 5), spread(-0.6, 0.4, 4, 5), dict(config))
    for name, printed in results.items():
        value = next_w if name == "next_w" else state[name]
        error = rel_error(value, published(f"{rule.__name__}.{name}"))
        assert_error(error, printed, orders[name])


# The testers, tested: what is wrong must fail.


def test_a_last_digit_counts():
    """A figure that is one last digit off isn't the published one."""
    assert figures.same_digits(2.302545844500738, "2.302545844500738")
    assert not figures.same_digits(2.3025458445007385, "2.302545844500738")
    assert figures.same_digits(9.76984e-10, "9.7698e-10")
    assert not figures.same_digits(9.7691e-10, "9.7698e-10")
    assert figures.same_digits(0.0201, "2.01e-2")


def test_elsewhere_the_bounds_hold(monkeypatch):
    """In another environment the last places may differ, and no more than they may."""
    monkeypatch.setattr(figures, "pinned", lambda: False)
    assert_loss(2.302545844500738 * (1 + 1e-13), "2.302545844500738")
    with pytest.raises(AssertionError):
        assert_loss(2.302545844500738 * (1 + 1e-11), "2.302545844500738")
    with pytest.raises(AssertionError):
        assert_loss(3.4702243557, "3.4702243556")
    assert_error(8e-11, "5.399100368651805e-11", 1e-10)
    with pytest.raises(AssertionError):
        assert_error(2e-9, "5.399100368651805e-11", 1e-10)
    assert_error(2e-4, "2.21e-05", 1e-5, elsewhere=1e-4)
    with pytest.raises(AssertionError):
        assert_error(2e-3, "2.21e-05", 1e-5, elsewhere=1e-4)


def test_where_it_is_pinned_every_digit_counts(monkeypatch):
    """In the pinned environment an error under its bound but not the published one fails."""
    monkeypatch.setattr(figures, "pinned", lambda: True)
    assert_error(5.399100368651805e-11, "5.399100368651805e-11", 1e-10)
    with pytest.raises(AssertionError):
        assert_error(5.399100368651806e-11, "5.399100368651805e-11", 1e-10)


def test_a_wrong_derivative_fails_every_row():
    """A derivative of 2.001 for 2.000 is told by the errors of a layer and of a network."""

    def backward(dout, cache):
        return [grad * 1.0005 for grad in affine_backward(dout, cache)]

    for error in affine_errors(affine_forward, backward, *randn((3, 4), (4, 5), (5,), (3, 5))):
        with pytest.raises(AssertionError):
            assert_order(error, 1e-5)

    class Wrong(TwoLayerNet):
        def loss(self, X, y=None):
            loss, grads = super().loss(X, y)
            return loss, {name: grad * 1.0005 for name, grad in grads.items()}

    model, X, y = two_layer_net()
    wrong = Wrong(5, 50, 7)
    wrong.params = model.params
    for error in network_errors(wrong, X, y).values():
        with pytest.raises(AssertionError):
            assert_order(error, 1e-5)
