import numpy as np


def affine_forward(x, w, b):
    match x.shape:
        case (n, d):
            rows = x
        case (n, *rest):
            rows = x.reshape((n, d := int(np.prod(rest))))
    assert rows.shape == (n, d)
    return rows @ w + b, {"x": x, "w": w}


def affine_backward(dout, cache):
    match cache:
        case {"x": x, "w": w}:
            return (
                (dout @ w.T).reshape(x.shape),
                x.reshape(len(x), -1).T @ dout,
                dout.sum(axis=0),
            )


def relu_forward(x):
    return (out := np.where((mask := x > 0), x, 0.0)), {"mask": mask, "out": out}


def relu_backward(dout, cache):
    return dout * cache["mask"]


def norm(x, gamma, beta, eps, axis):
    xhat = (c := x - x.mean(axis, keepdims=True)) / (
        s := np.sqrt((c * c).mean(axis, keepdims=True) + eps)
    )
    return gamma * xhat + beta, ("norm", axis, xhat, s, gamma)


def batchnorm_forward(x, gamma, beta, bn_param):
    eps = bn_param.get("eps", 1e-5)
    old = [bn_param.get(k, np.zeros(x.shape[1])) for k in ("running_mean", "running_var")]
    match bn_param:
        case {"mode": "train", **rest} if (m := rest.get("momentum", 0.9)) >= 0:
            new = [m * o + (1 - m) * f(x, axis=0) for o, f in zip(old, (np.mean, np.var))]
            bn_param["running_mean"], bn_param["running_var"] = new
            return norm(x, gamma, beta, eps, 0)
        case {"mode": "test"}:
            return gamma * (x - old[0]) / np.sqrt(old[1] + eps) + beta, None
        case {"mode": other}:
            raise ValueError(f"{other=}")


def layernorm_forward(x, gamma, beta, ln_param):
    match ln_param:
        case {"eps": float(eps)}:
            return norm(x, gamma, beta, eps, 1)
        case _:
            return norm(x, gamma, beta, 1e-5, 1)


def batchnorm_backward(dout, cache):
    match cache:
        case ("norm", (0 | 1) as axis, xhat, s, gamma):
            n = (d := dout * gamma).shape[axis]
            mean = d.sum(axis, keepdims=True) / n
            along = xhat * (d * xhat).sum(axis, keepdims=True) / n
            return (d - mean - along) / s, (dout * xhat).sum(0), dout.sum(0)


def batchnorm_backward_alt(dout, cache):
    return batchnorm_backward(dout, cache)


def layernorm_backward(dout, cache):
    return batchnorm_backward(dout, cache)


def dropout_forward(x, dropout_param):
    match dropout_param:
        case {"seed": int(seed)}:
            np.random.seed(seed)
    match dropout_param["mode"], dropout_param["p"]:
        case "train", p:
            return x * (mask := (np.random.rand(*x.shape) < p) / p), mask
        case "test", _:
            return x, None


def dropout_backward(dout, cache):
    match cache:
        case np.ndarray() as mask:
            return dout * mask
        case None:
            return dout
