"""A forward pass that is off by a constant: its differences agree with a backward pass that is too.

What is right for a wrong forward pass may have a part of the gradient's points, never a value's.

Earns nothing: affine-forward, affine-backward.values
Control: gradcheck, points
"""
# file: layers.py


def affine_forward(x, w, b):
    return 2 * (x.reshape(len(x), -1) @ w + b) + 1, (x, w, b)


def affine_backward(dout, cache):
    x, w, b = cache
    return (2 * dout @ w.T).reshape(x.shape), 2 * x.reshape(len(x), -1).T @ dout, 2 * dout.sum(0)
