"""What the inputs of each check are drawn from.

Sizes are distinct, inputs lie away from ReLU's kink, ``dout`` is random (batch normalization's
``dx`` vanishes for ones), biases are off zero (zero biases put dead units on the kink and hide
a bias that is regularized), and small enough that a failing example can be read.
"""

from itertools import pairwise

import numpy as np
from hypothesis import strategies as st

from grader.numeric.strategies import away_from_zero, dense, integers, seeds, sizes

scales = st.sampled_from([1.0, 0.1, 3.0])


@st.composite
def affine(draw):
    """``x`` (N, d_1, ..., d_k) with one to three feature axes, ``w`` (D, M), ``b``, ``dout``."""
    n, m, *features = draw(sizes(2, 6, count=draw(st.integers(3, 5))))
    seed, scale = draw(seeds()), draw(scales)
    d = int(np.prod(features))
    return {
        "x": dense((n, *features), seed, scale),
        "w": dense((d, m), seed + 1),
        "b": dense((m,), seed + 2),
        "dout": dense((n, m), seed + 3),
    }


@st.composite
def relu(draw):
    """``x`` of one to four axes, no element near zero, and ``dout`` of the same shape."""
    shape = draw(sizes(2, 6, count=draw(st.integers(1, 4))))
    seed, scale = draw(seeds()), draw(scales)
    return {
        "x": away_from_zero(dense(shape, seed, scale), 0.01 * scale),
        "dout": dense(shape, seed + 1),
    }


@st.composite
def batchnorm(draw, mode="train", spread=1.0, eps=False):
    """``x`` (N, D) of scale *spread* with N at least 4, ``gamma``, ``beta``, ``bn_param``.

    The running averages are given or left to their defaults, as are ``momentum`` and, where *eps*
    says so, ``eps``: given ones are large.
    """
    n, d = draw(sizes(4, 8, count=2))
    seed = draw(seeds())
    bn_param = {"mode": mode}
    if mode == "test" or draw(st.booleans()):
        bn_param["running_mean"] = dense((d,), seed + 1)
        bn_param["running_var"] = 0.2 + dense((d,), seed + 2) ** 2
    if eps and draw(st.booleans()):
        bn_param["eps"] = draw(st.sampled_from([1e-3, 1e-4]))
    if draw(st.booleans()):
        bn_param["momentum"] = draw(st.sampled_from([0.6, 0.8]))
    return {
        "x": spread * (dense((n, d), seed + 3) * (1 + np.arange(d)) + dense((d,), seed + 4)),
        "gamma": dense((d,), seed + 5),
        "beta": dense((d,), seed + 6),
        "dout": dense((n, d), seed + 7),
        "bn_param": bn_param,
    }


@st.composite
def layernorm(draw, spread=1.0, eps=False):
    """``x`` (N, D) of scale *spread* with D at least 4, ``gamma``, ``beta``, ``ln_param``.

    ``eps`` is given, and large, or left to its default where *eps* says so.
    """
    n, d = draw(sizes(4, 8, count=2))
    seed = draw(seeds())
    ln_param = {}
    if eps and draw(st.booleans()):
        ln_param["eps"] = draw(st.sampled_from([1e-3, 1e-4]))
    return {
        "x": spread * (dense((n, d), seed) + dense((n, 1), seed + 1)),
        "gamma": dense((d,), seed + 2),
        "beta": dense((d,), seed + 3),
        "dout": dense((n, d), seed + 4),
        "ln_param": ln_param,
    }


@st.composite
def dropout(draw, mode="train"):
    """``x`` (N, D) of some 2,000 elements, none near zero, and a seed for each of eight masks."""
    n, d = draw(st.sampled_from([(40, 52), (45, 48), (36, 60)]))
    seed = draw(seeds())
    param = {"mode": mode, "p": draw(st.sampled_from([0.3, 0.6, 0.75, 0.8])), "seed": seed % 1000}
    return {
        "x": away_from_zero(dense((n, d), seed), 0.5),
        "dout": away_from_zero(dense((n, d), seed + 1), 0.5),
        "keep": param["p"] if mode == "train" else 1.0,
        "dropout_param": param,
        **{f"other{i}": {**param, "seed": seed % 1000 + i} for i in range(1, 8)},
    }


@st.composite
def update(draw, state, config=None, scales=(1.0,)):
    """``w``, four gradients of one of *scales*, and a ``config`` that *state* begins."""
    shape = draw(sizes(2, 6, count=draw(st.integers(1, 2))))
    seed, scale = draw(seeds()), draw(st.sampled_from(scales))
    drawn = {"w": dense(shape, seed)}
    for t in range(1, 5):
        drawn[f"dw{t}"] = dense(shape, seed + t, scale)
    drawn["config"] = state(shape, seed + 5, scale)
    if config is not None:
        drawn["config"] |= draw(config)
    return drawn


def momentum_state(shape, seed, scale):
    return {"velocity": dense(shape, seed, scale)}


def rmsprop_state(shape, seed, scale):
    return {"cache": scale**2 * (0.1 + dense(shape, seed) ** 2)}


def adam_state(shape, seed, scale):
    v = scale**2 * (0.1 + dense(shape, seed + 1) ** 2)
    return {"m": dense(shape, seed, scale), "v": v, "t": 3}


momentum_config = st.fixed_dictionaries(
    {"learning_rate": st.sampled_from([0.1, 0.03]), "momentum": st.sampled_from([0.5, 0.8])}
)
rmsprop_config = st.fixed_dictionaries(
    {
        "learning_rate": st.sampled_from([0.1, 0.03]),
        "decay_rate": st.sampled_from([0.5, 0.8, 0.95]),
        "epsilon": st.just(1e-8),
    }
)
adam_config = st.fixed_dictionaries(
    {
        "learning_rate": st.sampled_from([0.1, 0.03]),
        "beta1": st.sampled_from([0.6, 0.8]),
        "beta2": st.sampled_from([0.7, 0.95]),
        "epsilon": st.just(1e-8),
        "t": st.integers(0, 7),
    }
)


def parameters(dims, seed, norm=False):
    """Return ``W1, b1, ...`` (with gamma and beta for each hidden layer if *norm*), off zero."""
    params = {}
    for i, (fan_in, fan_out) in enumerate(pairwise(dims), start=1):
        params[f"W{i}"] = dense((fan_in, fan_out), seed + 10 * i, 1 / np.sqrt(fan_in))
        params[f"b{i}"] = dense((fan_out,), seed + 10 * i + 1, 0.3)
        if norm and i < len(dims) - 1:
            params[f"gamma{i}"] = 1 + dense((fan_out,), seed + 10 * i + 2, 0.3)
            params[f"beta{i}"] = dense((fan_out,), seed + 10 * i + 3, 0.3)
    return params


@st.composite
def two_layer_net(draw, reg=False):
    """A network D-H-C with all parameters, images or rows ``X``, labels ``y``, and its ``reg``."""
    n, d, h, c = draw(sizes(3, 7, count=4))
    seed = draw(seeds())
    drawn = {
        "arguments": [],
        "options": {"input_dim": d, "hidden_dim": h, "num_classes": c},
        "params": parameters([d, h, c], seed),
        "X": dense((n, d), seed + 1),
        "y": integers(c, n, seed),
    }
    if reg:
        drawn["options"]["reg"] = draw(st.sampled_from([0.3, 0.7, 1.5]))
        drawn["new_reg"] = 0.5 + drawn["options"]["reg"]
    return drawn


@st.composite
def network(draw, depth=None, reg=False, norm=None):
    """A network of *depth* layers (2 to 4 where None), float64, with every parameter."""
    depth = depth or draw(st.integers(2, 4))
    n, c, *hidden = draw(sizes(3, 10, count=depth + 1))
    # Images of c x h x w in place of rows, at times: the first layer flattens them.
    feature_shape = draw(st.sampled_from([(6,), (9,), (2, 2, 3)]))
    seed = draw(seeds())
    d = int(np.prod(feature_shape))
    options = {"input_dim": d, "num_classes": c, "dtype": {"dtype": "float64"}}
    if norm:
        options["normalization"] = norm
        n = max(n, 5)
    drawn = {
        "arguments": [hidden],
        "options": options,
        "params": parameters([d, *hidden, c], seed, norm is not None),
        "X": dense((n, *feature_shape), seed + 1),
        "y": integers(c, n, seed),
    }
    if reg:
        options["reg"] = draw(st.sampled_from([0.3, 0.7, 1.5]))
        drawn["new_reg"] = 0.5 + options["reg"]
    if norm:
        drawn["shapes"] = {name: list(array.shape) for name, array in drawn["params"].items()}
    return drawn


@st.composite
def deep_network(draw):
    """A network of five or six layers, regularized."""
    return draw(network(depth=draw(st.integers(5, 6)), reg=True))


@st.composite
def masked_network(draw, reg=False, norm=None):
    """A network of two or three hidden layers that drops, with a given mask for each of them."""
    drawn = draw(network(depth=draw(st.integers(3, 4)), reg=reg, norm=norm))
    if reg or norm:
        drawn["plain"] = dict(drawn["options"])
    keep, seed = draw(st.sampled_from([0.4, 0.8])), draw(seeds()) % 999
    drawn["options"] |= {"dropout": keep, "seed": seed}
    n = len(drawn["X"])
    drawn["masks"] = [
        (integers(10, n * units, seed + 70 + i).reshape(n, units) < 10 * keep) / keep
        for i, units in enumerate(drawn["arguments"][0])
    ]
    return drawn


def _switched(params, layers, seed):
    """Move biases so that four units of five are on whatever is dropped, and the others off."""
    for i in range(1, layers + 1):
        b = params[f"b{i}"]
        params[f"b{i}"] = np.where(integers(5, b.size, seed + i) > 0, 3.0, -3.0) + 0.1 * b
    return params


@st.composite
def own_network(draw):
    """Networks whose own masks can be read from their gradients, and six seeds for these.

    One example through two or three hidden layers, most of whose units are on; the same
    normalized; and nine examples of nine labels through one hidden layer, whose last weights are
    small.
    """
    seed, keep = draw(seeds()), draw(st.sampled_from([0.3, 0.6, 0.7]))
    hidden = draw(st.sampled_from([[40, 50], [50, 30, 40]]))
    d, c, units = 5, 6, 120
    plain = {"input_dim": d, "num_classes": c, "dtype": {"dtype": "float64"}}
    params = _switched(parameters([d, *hidden, c], seed), len(hidden), seed)
    for i in range(2, len(hidden) + 1):
        params[f"W{i}"] *= 0.1
    rows = _switched(parameters([4, units, 12], seed + 200), 1, seed)
    rows["W1"] *= 0.5
    rows["W2"] *= 0.01
    drawn = {
        "arguments": [hidden],
        "plain": plain,
        "options": {**plain, "dropout": keep},
        "keep": keep,
        "params": params,
        "X": dense((1, d), seed + 1, 0.3),
        "y": np.array([seed % c]),
        "reg": 0.5,
        "normalization": "layernorm",
        "normalized_params": parameters([d, *hidden, c], seed + 400, norm=True),
        "rows_arguments": [[units]],
        "rows_options": {**plain, "input_dim": 4, "num_classes": 12, "dropout": keep},
        "rows_params": rows,
        "rows_X": dense((9, 4), seed + 2, 0.3),
        "rows_y": np.arange(9),
    }
    return drawn | {f"seed{i}": (seed + 7 * i) % 9973 for i in range(6)}


@st.composite
def initial_two_layer_net(draw):
    """A network with over 10,000 weights in each layer and a weight scale to find in them."""
    scale = draw(st.sampled_from([1e-3, 1e-2, 0.5]))
    d, h, c = 101, 113, 107
    return {
        "arguments": [],
        "options": {"input_dim": d, "hidden_dim": h, "num_classes": c, "weight_scale": scale},
        "shapes": {"W1": [d, h], "b1": [h], "W2": [h, c], "b2": [c]},
        "scale": scale,
    }


@st.composite
def initial_network(draw):
    """The same for a network of three layers, in float32 or float64."""
    scale = draw(st.sampled_from([1e-2, 5e-2, 0.5]))
    d, h, k, c = 101, 113, 103, 109
    options = {"input_dim": d, "num_classes": c, "weight_scale": scale}
    dtype = draw(st.sampled_from(["float32", "float64"]))
    return {
        "arguments": [[h, k]],
        "options": {**options, "dtype": {"dtype": dtype}},
        "shapes": {"W1": [d, h], "b1": [h], "W2": [h, k], "b2": [k], "W3": [k, c], "b3": [c]},
        "scale": scale,
        "dtype": dtype,
    }


@st.composite
def network_of_norms(draw):
    """A network that normalizes, regularized, whose weights and biases are zero.

    However those are regularized, they add nothing to the loss; gammas and betas would.
    """
    drawn = draw(network(depth=3, reg=True, norm=draw(st.sampled_from(["batchnorm", "layernorm"]))))
    zero = {name: 0.0 * array for name, array in drawn["params"].items() if name[0] in "Wb"}
    zero = {name: array for name, array in zero.items() if not name.startswith("beta")}
    drawn["params"] = drawn["params"] | zero
    return drawn


@st.composite
def initial_normalized(draw):
    """A network that normalizes, of three layers: where its gammas and betas start."""
    d, c, h, k = draw(sizes(3, 9, count=4))
    norm = draw(st.sampled_from(["batchnorm", "layernorm"]))
    return {
        "arguments": [[h, k]],
        "options": {"input_dim": d, "num_classes": c, "normalization": norm},
        "shapes": {"gamma1": [h], "beta1": [h], "gamma2": [k], "beta2": [k]},
        "ones": ["gamma1", "gamma2"],
        "scale": 1e-2,
    }
