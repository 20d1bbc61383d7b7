"""Small things that several layers need."""

import numpy as np


def rows(x):
    return x.reshape(len(x), -1)


def standardize(x, axis, eps):
    centred = x - x.mean(axis=axis, keepdims=True)
    inverse = 1 / np.sqrt(np.mean(centred * centred, axis=axis, keepdims=True) + eps)
    return centred * inverse, inverse


def standardize_back(dxhat, xhat, inverse, axis):
    dxhat = dxhat - dxhat.mean(axis=axis, keepdims=True)
    return inverse * (dxhat - xhat * np.mean(dxhat * xhat, axis=axis, keepdims=True))
