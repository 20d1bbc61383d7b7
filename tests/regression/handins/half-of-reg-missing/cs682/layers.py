"""Layers as pairs of functions: a forward pass, and a backward pass that is its chain rule.

A forward pass returns its output and a cache; the backward pass takes the gradient of the loss
with respect to that output, and the cache, and returns the gradient of each input. N is the
number of examples, D the number of features of one, M of its output.
"""

import numpy as np


def affine_forward(x, w, b):
    """Multiply each example by a matrix and add a vector: ``out = x w + b``.

    x: (N, d_1, ..., d_k), flattened to (N, D); w: (D, M); b: (M,).
    Returns out (N, M) and the cache (x, w, b).
    """
    # TODO (affine-forward): flatten each example to a row, then compute out (N, M).
    out = x.reshape(len(x), -1) @ w + b
    cache = (x, w, b)
    return out, cache


def affine_backward(dout, cache, need_dx=True):
    """Return the gradients dx (the shape of x), dw (D, M) and db (M,) of the affine layer.

    dout: (N, M). The first layer of a network has no use for its dx, which costs as much as dw:
    with need_dx false it is None.
    """
    x, w, _ = cache
    # TODO (affine-backward): compute dx, dw and db; dx has the shape of x.
    dx = (dout @ w.T).reshape(x.shape) if need_dx else None
    # x.T @ dout, as the transpose of the product that BLAS takes less time for.
    dw = (dout.T @ x.reshape(len(x), -1)).T
    db = dout.sum(axis=0)
    return dx, dw, db


def relu_forward(x):
    """Rectify: ``out = max(x, 0)``, element by element (Nair and Hinton, 2010). The cache is x."""
    # TODO (relu-forward): compute out, of the shape of x.
    out = np.maximum(x, 0)
    cache = x
    return out, cache


def relu_backward(dout, cache):
    """Return dx, of the shape of x: the gradient passes where x is above zero."""
    x = cache
    # TODO (relu-backward): compute dx from dout and x.
    dx = dout * (x > 0)
    return dx


def batchnorm_forward(x, gamma, beta, bn_param):
    """Normalize each feature over the batch, scale and shift (Ioffe and Szegedy, 2015, alg. 1).

    x: (N, D); gamma, beta: (D,). bn_param: ``mode`` ('train' or 'test', required), ``eps``
    (1e-5, added to the variance), ``momentum`` (0.9), ``running_mean`` and ``running_var`` (D,),
    which training updates in place: ``running = momentum * running + (1 - momentum) * batch``,
    with the batch's biased variance. Testing normalizes by them.
    Returns out (N, D) and a cache for either backward pass (None when testing).
    Raises ValueError for another mode.
    """
    mode = bn_param["mode"]
    eps = bn_param.get("eps", 1e-5)
    momentum = bn_param.get("momentum", 0.9)
    D = x.shape[1]
    running_mean = bn_param.get("running_mean", np.zeros(D, dtype=x.dtype))
    running_var = bn_param.get("running_var", np.zeros(D, dtype=x.dtype))
    cache = None
    if mode == "train":
        # TODO (batchnorm-forward): normalize by the batch; update both running averages.
        mean, var = x.mean(axis=0), x.var(axis=0)
        std = np.sqrt(var + eps)
        xhat = (x - mean) / std
        out = gamma * xhat + beta
        running_mean = momentum * running_mean + (1 - momentum) * mean
        running_var = momentum * running_var + (1 - momentum) * var
        cache = (xhat, gamma, std)
    elif mode == "test":
        # TODO (batchnorm-forward): normalize by the running averages; scale and shift.
        out = gamma * (x - running_mean) / np.sqrt(running_var + eps) + beta
    else:
        raise ValueError(f"mode is {mode!r}; it must be 'train' or 'test'")
    bn_param["running_mean"] = running_mean
    bn_param["running_var"] = running_var
    return out, cache


def batchnorm_backward(dout, cache):
    """Return dx (N, D), dgamma (D,) and dbeta (D,), one step of the graph at a time."""
    # TODO (batchnorm-backward): go back through the graph of the forward pass.
    xhat, gamma, std = cache
    dgamma = (dout * xhat).sum(axis=0)
    dbeta = dout.sum(axis=0)
    dxhat = dout * gamma
    dcentred = dxhat / std
    dstd = -(dxhat * xhat).sum(axis=0) / std
    dcentred += xhat * dstd / len(dout)  # d std / d centred = centred / (N std)
    dx = dcentred - dcentred.mean(axis=0)
    return dx, dgamma, dbeta


def batchnorm_backward_alt(dout, cache):
    """The same gradients from the derivative simplified on paper, in one expression for dx."""
    # TODO (batchnorm-backward-alt): simplify the derivative on paper, then write it down.
    xhat, gamma, std = cache
    dgamma = (dout * xhat).sum(axis=0)
    dbeta = dout.sum(axis=0)
    dx = gamma / std * (dout - (dbeta + xhat * dgamma) / len(dout))
    return dx, dgamma, dbeta


def layernorm_forward(x, gamma, beta, ln_param):
    """Normalize each example over its features, then scale and shift (Ba, Kiros and Hinton, 2016).

    x: (N, D); gamma, beta: (D,); ln_param: ``eps`` (1e-5, added to the variance). There is no
    training mode and nothing to remember. Returns out (N, D) and a cache.
    """
    eps = ln_param.get("eps", 1e-5)
    # TODO (layernorm-forward): normalize each row; keep what the backward pass needs.
    std = np.sqrt(x.var(axis=1, keepdims=True) + eps)
    xhat = (x - x.mean(axis=1, keepdims=True)) / std
    out = gamma * xhat + beta
    cache = (xhat, gamma, std)
    return out, cache


def layernorm_backward(dout, cache):
    """Return dx (N, D), dgamma (D,) and dbeta (D,) of layer normalization."""
    # TODO (layernorm-backward): which sums go over the features, and which over examples?
    xhat, gamma, std = cache
    dgamma = (dout * xhat).sum(axis=0)
    dbeta = dout.sum(axis=0)
    dxhat = dout * gamma
    sums = dxhat.mean(axis=1, keepdims=True) + xhat * (dxhat * xhat).mean(axis=1, keepdims=True)
    dx = (dxhat - sums) / std
    return dx, dgamma, dbeta


def dropout_forward(x, dropout_param):
    """Drop values at random while training, and scale up what is kept (Srivastava et al., 2014).

    x: any shape. dropout_param: ``p``, the probability of KEEPING a value; ``mode`` ('train' or
    'test'); optionally ``seed``, for numpy's generator at each call. What is kept is divided by
    p (inverted dropout), so that testing changes nothing.
    Returns out, of the shape of x, and the cache (dropout_param, mask).
    Raises ValueError for another mode.
    """
    p, mode = dropout_param["p"], dropout_param["mode"]
    if "seed" in dropout_param:
        np.random.seed(dropout_param["seed"])
    mask = None
    if mode == "train":
        # TODO (dropout-forward): draw a mask for every value, and apply it to x.
        mask = ((np.random.rand(*x.shape) < p) / p).astype(x.dtype)
        out = x * mask
    elif mode == "test":
        # TODO (dropout-forward): what does inverted dropout do when testing?
        out = x
    else:
        raise ValueError(f"mode is {mode!r}; it must be 'train' or 'test'")
    cache = (dropout_param, mask)
    return out.astype(x.dtype, copy=False), cache


def dropout_backward(dout, cache):
    """Return dx, of the shape of x: the gradient goes through the mask of the forward pass."""
    dropout_param, mask = cache
    if dropout_param["mode"] == "train":
        # TODO (dropout-backward): pass dout through the same mask.
        dx = dout * mask
    else:
        dx = dout
    return dx


def svm_loss(x, y):
    """The multiclass hinge loss (Weston and Watkins, 1999), averaged over the batch.

    x: (N, C), the score of each class; y: (N,), the right classes, in [0, C).
    Returns the loss, a number, and its gradient dx (N, C).
    """
    rows = np.arange(len(x))
    margins = np.maximum(0, x - x[rows, y][:, np.newaxis] + 1)
    margins[rows, y] = 0
    dx = (margins > 0).astype(x.dtype)
    dx[rows, y] = -dx.sum(axis=1)
    return margins.sum() / len(x), dx / len(x)


def softmax_loss(x, y):
    """The cross-entropy of the softmax of the scores, averaged over the batch.

    x: (N, C), the score of each class; y: (N,), the right classes, in [0, C). Scores are shifted
    by their largest one first, so that no exponential overflows.
    Returns the loss, a number, and its gradient dx (N, C).
    """
    rows = np.arange(len(x))
    shifted = x - x.max(axis=1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    loss = -log_probs[rows, y].sum() / len(x)
    dx = np.exp(log_probs)
    dx[rows, y] -= 1
    return loss, dx / len(x)
