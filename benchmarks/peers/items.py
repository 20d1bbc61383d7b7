"""The assignment's twelve code items as a notebook's tests: published values, gradient checks.

Each is what the notebook's own check of that part computes, on inputs of the same sizes, with an
assertion in place of the printed error. Every input is fixed: networks whose weights a submission
draws get drawn ones here, so that no right submission meets a kink of ReLU by chance.
"""

from __future__ import annotations

#: What stands before them: the submission's path, then what the items use.
SETUP = """\
import sys
sys.path.insert(0, PLACE)

import numpy as np
from cs682.layers import *
from cs682.optim import sgd_momentum, rmsprop, adam
from cs682.classifiers.fc_net import TwoLayerNet, FullyConnectedNet
from cs682.gradient_check import eval_numerical_gradient as slope
from cs682.gradient_check import eval_numerical_gradient_array as slopes

def error(x, y):
    return np.max(np.abs(x - y) / np.maximum(1e-8, np.abs(x) + np.abs(y)))

def spread(low, high, *shape):
    return np.linspace(low, high, int(np.prod(shape))).reshape(shape)

def drawn(*shape):
    return np.random.RandomState(sum(shape)).randn(*shape)

def gradients(model, X, y, regs):
    for model.reg in regs:
        _, grads = model.loss(X, y)
        for name in sorted(grads):
            f = lambda _: model.loss(X, y)[0]
            got = slope(f, model.params[name], verbose=False)
            assert error(got, grads[name]) < 1e-5, (model.reg, name)
"""

_TWO_LAYER = """\
net = TwoLayerNet(input_dim=5, hidden_dim=50, num_classes=7, weight_scale=1e-3)
net.params["W1"], net.params["b1"] = spread(-0.7, 0.3, 5, 50), spread(-0.1, 0.9, 50)
net.params["W2"], net.params["b2"] = spread(-0.3, 0.4, 50, 7), spread(-0.9, 0.1, 7)
X, y = spread(-5.5, 4.5, 5, 3).T, np.array([0, 5, 1])
"""

_OPTIMIZER = """\
w, dw, s = spread(-0.4, 0.6, 4, 5), spread(-0.6, 0.4, 4, 5), spread(0.6, 0.9, 4, 5)
"""

ITEMS: dict[str, str] = {
    "affine-forward": """\
x, w, b = spread(-0.1, 0.5, 2, 4, 5, 6), spread(-0.2, 0.3, 120, 3), spread(-0.3, 0.1, 3)
right = [[1.49834967, 1.70660132, 1.91485297], [3.25553199, 3.5141327, 3.77273342]]
assert error(affine_forward(x, w, b)[0], np.array(right)) < 1e-7
""",
    "affine-backward": """\
x, w, b, dout = drawn(10, 2, 3), drawn(6, 5), drawn(5), drawn(10, 5)
found = affine_backward(dout, affine_forward(x, w, b)[1])
for at, got in zip((x, w, b), found):
    assert error(slopes(lambda _: affine_forward(x, w, b)[0], at, dout), got) < 1e-7
""",
    "relu-forward": """\
x = spread(-0.5, 0.5, 3, 4)
assert error(relu_forward(x)[0], np.where(x > 0, x, 0)) < 1e-7
""",
    "relu-backward": """\
x, dout = drawn(10, 10), drawn(10, 10) + 1
got = relu_backward(dout, relu_forward(x)[1])
assert error(slopes(lambda x: relu_forward(x)[0], x, dout), got) < 1e-7
""",
    "two-layer-initial": """\
net = TwoLayerNet(input_dim=50, hidden_dim=100, num_classes=7, weight_scale=1e-3)
assert abs(net.params["W1"].std() - 1e-3) < 1e-4
assert not net.params["b1"].any() and not net.params["b2"].any()
""",
    "two-layer-scores": _TWO_LAYER
    + """\
assert abs(net.loss(X)[0, 0] - 11.53165108) < 1e-6
""",
    "two-layer-loss": _TWO_LAYER
    + """\
assert abs(net.loss(X, y)[0] - 3.4702243556) < 1e-9
net.reg = 1.0
assert abs(net.loss(X, y)[0] - 26.5948426952) < 1e-9
""",
    "two-layer-gradients": _TWO_LAYER
    + """\
gradients(net, X, y, regs=(0.0, 0.7))
""",
    "fully-connected-net": """\
net = FullyConnectedNet([20, 30], input_dim=15, num_classes=10, weight_scale=0.3, dtype=np.float64)
for name in net.params:
    net.params[name] = 0.3 * drawn(*net.params[name].shape)
gradients(net, drawn(2, 15), np.array([3, 8]), regs=(0.0, 3.14))
""",
    "sgd-momentum": _OPTIMIZER
    + """\
w1, config = sgd_momentum(w.copy(), dw, {"learning_rate": 1e-3, "velocity": s.copy()})
assert abs(w1[0, 0] - 0.1406) < 1e-6 and abs(config["velocity"][0, 0] - 0.5406) < 1e-6
""",
    "rmsprop": _OPTIMIZER
    + """\
w1, config = rmsprop(w.copy(), dw, {"learning_rate": 1e-2, "cache": s.copy()})
assert abs(w1[0, 0] + 0.39223849) < 1e-6 and abs(config["cache"][0, 0] - 0.5976) < 1e-6
""",
    "adam": _OPTIMIZER
    + """\
v = spread(0.7, 0.5, 4, 5)
w1, config = adam(w.copy(), dw, {"learning_rate": 1e-2, "m": s.copy(), "v": v, "t": 5})
assert abs(w1[0, 0] + 0.40094747) < 1e-6 and abs(config["m"][0, 0] - 0.48) < 1e-6
""",
}
