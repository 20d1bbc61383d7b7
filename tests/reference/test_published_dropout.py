"""The published figures of the notebook on dropout, row by row, on the reference.

They hold for a mask that is drawn as ``rand(*x.shape) < p``, which the reference does.
"""

import numpy as np
import pytest
from figures import assert_error, assert_loss, assert_order, pinned, published, rel_error

from cs682.classifiers.fc_net import FullyConnectedNet
from cs682.gradient_check import eval_numerical_gradient, eval_numerical_gradient_array
from cs682.layers import dropout_backward, dropout_forward


def test_row_3_forward():
    """Means and shares of zeros, in training and testing, the last two of 17 digits aside."""
    np.random.seed(231)
    x = np.random.randn(500, 500) + 10
    assert x.mean() == pytest.approx(float(published("dropout_forward.mean_of_input")), rel=1e-14)
    for p in (0.25, 0.4, 0.7):
        out, _ = dropout_forward(x, {"mode": "train", "p": p})
        tested, _ = dropout_forward(x, {"mode": "test", "p": p})
        found = [out.mean(), tested.mean(), (out == 0).mean(), (tested == 0).mean()]
        assert found == pytest.approx(published(f"dropout_forward.p_{p}"), rel=1e-14)


def backward_error(backward):
    """Row 4's error of dx."""
    np.random.seed(231)
    x = np.random.randn(10, 10) + 10
    dout = np.random.randn(10, 10)
    param = {"mode": "train", "p": 0.2, "seed": 123}
    _, cache = dropout_forward(x, param)
    dx = backward(dout, cache)
    return rel_error(
        eval_numerical_gradient_array(lambda x: dropout_forward(x, param)[0], x, dout), dx
    )


def test_row_4_backward():
    """One error, to the last digit."""
    assert_error(backward_error(dropout_backward), "5.44560814873387e-11", 1e-11)


PRINTED = {
    1: ["1.48e-07", "2.21e-05", "3.53e-07", "5.38e-09", "2.09e-09", "5.80e-11"],
    0.75: ["1.90e-07", "4.76e-06", "2.60e-08", "4.73e-09", "1.82e-09", "1.70e-10"],
    0.5: ["3.11e-07", "1.84e-08", "5.35e-08", "5.37e-09", "2.99e-09", "1.13e-10"],
}


def network_losses(make):
    """Row 6's losses and models; the first two models' passes decide what the third draws."""
    np.random.seed(231)
    X, y = np.random.randn(2, 15), np.random.randint(10, size=2)
    found = {}
    for dropout in PRINTED:
        model = make(
            [20, 30],
            input_dim=15,
            weight_scale=5e-2,
            dtype=np.float64,
            dropout=dropout,
            seed=123,
        )
        loss, grads = model.loss(X, y)
        errors = {}
        for name in sorted(grads):
            numeric = eval_numerical_gradient(
                lambda _, model=model: model.loss(X, y)[0],
                model.params[name],
                verbose=False,
                h=1e-5,
            )
            errors[name] = rel_error(numeric, grads[name])
        found[dropout] = loss, errors
    return found


def test_row_6_network():
    """Three losses to the last digit, and the errors of all gradients."""
    for dropout, (loss, errors) in network_losses(FullyConnectedNet).items():
        assert_loss(loss, repr(float(published(f"dropout_net.loss.dropout_{dropout}"))))
        for (name, error), printed in zip(errors.items(), PRINTED[dropout], strict=True):
            if pinned():
                assert f"{error:.2e}" == printed, (dropout, name)
            # Gradients of 5e-8 are what differences resolve to three digits or four.
            assert_order(error, 1e-4 if name == "W2" else 1e-6)


# The testers, tested: what is wrong must fail.


def test_a_new_mask_fails_row_4():
    """A backward pass that draws again is far from the differences."""

    def redrawn(dout, cache):
        param, _ = cache
        return dropout_forward(dout, {**param, "seed": 124})[0]

    assert backward_error(redrawn) == pytest.approx(1.0)


def test_a_network_that_never_drops_fails_row_6():
    """Its second loss is that of the plain network, and its third network has other weights."""

    def never(*arguments, dropout, **options):
        return FullyConnectedNet(*arguments, dropout=1, **options)

    found = network_losses(never)
    assert found[0.75][0] == pytest.approx(2.3016482157750753, rel=1e-12)
    assert found[0.5][0] == pytest.approx(2.294963257976082, rel=1e-12)
