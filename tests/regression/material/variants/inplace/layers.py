"""In-place work wherever it is possible, in the inputs too."""

import numpy as np

print("layers loaded")


def affine_forward(x, w, b):
    out = np.empty((x.shape[0], w.shape[1]))
    np.dot(x.reshape((x.shape[0], -1)), w, out=out)
    out += b
    return out, (x, w, b)


def affine_backward(dout, cache):
    x, w, b = cache
    dx = np.empty((x.shape[0], w.shape[0]))
    np.dot(dout, w.T, out=dx)
    dw = np.zeros_like(w)
    dw += np.dot(x.reshape((x.shape[0], -1)).T, dout)
    db = np.add.reduce(dout, axis=0)
    dx.shape = x.shape
    return dx, dw, db


def relu_forward(x):
    cache = x.copy()
    x[x < 0] = 0
    return x, cache


def relu_backward(dout, cache):
    dout[cache <= 0] = 0
    return dout


def batchnorm_forward(x, gamma, beta, bn_param):
    mode = bn_param["mode"]
    bn_param[mode] = mode
    eps, momentum = bn_param.get("eps", 1e-5), bn_param.get("momentum", 0.9)
    bn_param.setdefault("running_mean", np.zeros(x.shape[1]))
    bn_param.setdefault("running_var", np.zeros(x.shape[1]))
    if mode == "train":
        mean = x.mean(0)
        var = np.square(x).mean(0)
        out = x.copy()
        out -= mean
        var = np.square(out).mean(0)
        for name, value in (("running_mean", mean), ("running_var", var)):
            bn_param[name] *= momentum
            bn_param[name] += (1 - momentum) * value
        var += eps
        np.sqrt(var, out=var)
        out /= var
        cache = out.copy(), var, gamma, beta
        out *= gamma
        out += beta
        return out, cache
    x -= bn_param["running_mean"]
    x /= np.sqrt(bn_param["running_var"] + eps)
    x *= gamma
    x += beta
    return x, None


def batchnorm_backward(dout, cache):
    xhat, std, gamma, _ = cache
    dbeta = dout.sum(0)
    dgamma = (dout * xhat).sum(0)
    dout *= gamma
    dout -= dout.mean(0) + xhat * np.mean(dout * xhat, 0)
    dout /= std
    return dout, dgamma, dbeta


def batchnorm_backward_alt(dout, cache):
    xhat, std, gamma, _ = cache
    dbeta = dout.sum(0)
    dgamma = (dout * xhat).sum(0)
    xhat *= -dgamma
    xhat -= dbeta
    xhat /= len(dout)
    xhat += dout
    xhat *= gamma / std
    return xhat, dgamma, dbeta


def layernorm_forward(x, gamma, beta, ln_param):
    x = x.T.copy()
    x -= x.mean(0)
    std = np.sqrt(np.square(x).mean(0) + ln_param.get("eps", 1e-5))
    x /= std
    out = x.T * gamma
    out += beta
    return out, (x, std, gamma)


def layernorm_backward(dout, cache):
    xhat, std, gamma = cache
    dbeta = dout.sum(0)
    dgamma = (dout.T * xhat).sum(1)
    dout *= gamma
    d = dout.T.copy()
    d -= d.mean(0) + xhat * (d * xhat).mean(0)
    d /= std
    return d.T, dgamma, dbeta


def dropout_forward(x, dropout_param):
    p, mode = dropout_param["p"], dropout_param["mode"]
    if "seed" in dropout_param:
        np.random.seed(dropout_param["seed"])
    mask = None
    if mode == "train":
        mask = np.random.uniform(size=x.shape) >= 1 - p
        x[~mask] = 0
        x /= p
    return x, (p, mask)


def dropout_backward(dout, cache):
    p, mask = cache
    if mask is not None:
        dout *= mask
        dout /= p
    return dout
