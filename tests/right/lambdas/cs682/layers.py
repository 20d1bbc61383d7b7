from functools import reduce

import numpy as np

flat = lambda x: x.reshape(x.shape[0], reduce(lambda a, b: a * b, x.shape[1:], 1))
affine_forward = lambda x, w, b: (flat(x) @ w + b, (x, w))
affine_backward = lambda dout, cache: (
    (dout @ cache[1].T).reshape(cache[0].shape),
    flat(cache[0]).T @ dout,
    np.ones(len(dout)) @ dout,
)
relu_forward = lambda x: (np.maximum(x, 0), x)
relu_backward = lambda dout, x: dout * np.heaviside(x, 0)
norm = lambda x, axis, eps: (lambda c: c / np.sqrt((c**2).mean(axis, keepdims=True) + eps))(
    x - x.mean(axis, keepdims=True)
)
std = lambda x, axis, eps: np.sqrt(x.var(axis, keepdims=True) + eps)
back = lambda axis: (
    lambda dout, c: (
        (
            lambda d: (d - d.mean(axis, keepdims=True) - c[0] * (d * c[0]).mean(axis, keepdims=True))
            / c[1]
        )(dout * c[2]),
        (dout * c[0]).sum(0),
        dout.sum(0),
    )
)
batchnorm_backward = batchnorm_backward_alt = back(0)
layernorm_backward = back(1)
layernorm_forward = lambda x, gamma, beta, param: (
    lambda eps: (gamma * norm(x, 1, eps) + beta, (norm(x, 1, eps), std(x, 1, eps), gamma))
)(param.get("eps", 1e-5))
move = lambda param, name, new: param.__setitem__(
    name,
    param.get("momentum", 0.9) * param.get(name, 0) + (1 - param.get("momentum", 0.9)) * new,
)
MODES = {
    "train": lambda x, gamma, beta, param, eps: (
        move(param, "running_mean", x.mean(0)),
        move(param, "running_var", x.var(0)),
        (gamma * norm(x, 0, eps) + beta, (norm(x, 0, eps), std(x, 0, eps), gamma)),
    )[-1],
    "test": lambda x, gamma, beta, param, eps: (
        gamma
        * (x - param.get("running_mean", 0 * x[0]))
        / np.sqrt(param.get("running_var", 0 * x[0]) + eps)
        + beta,
        None,
    ),
}
batchnorm_forward = lambda x, gamma, beta, param: MODES[param["mode"]](
    x, gamma, beta, param, param.get("eps", 1e-5)
)
seeded = lambda param: np.random.seed(param["seed"]) if "seed" in param else None
dropout_forward = lambda x, param: (
    seeded(param),
    (lambda mask: (x * mask, (param, mask)))(
        (np.random.uniform(size=x.shape) < param["p"]) / param["p"]
        if param["mode"] == "train"
        else np.ones_like(x)
    ),
)[1]
dropout_backward = lambda dout, cache: dout * cache[1]
