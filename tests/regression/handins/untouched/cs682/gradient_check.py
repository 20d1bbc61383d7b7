"""Gradients by central differences: ``f'(x) = (f(x + h) - f(x - h)) / 2h``, off by order h**2.

They need no derivation, and two evaluations of f for each element of x: right for a check of
small arrays, and too slow for training.
"""

import numpy as np


def eval_numerical_gradient(f, x, verbose=True, h=1e-5):
    """Return the gradient, of the shape of x, of a function f whose value is a number.

    x: any shape, float64. It is moved in place, one element at a time, so that f may also look
    at x by another name; at the end it is as it was. h: the step. verbose: print each element.
    """
    grad = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        above, below = _on_both_sides(f, x, index, h)
        grad[index] = (above - below) / (2 * h)
        if verbose:
            print(index, grad[index])
    return grad


def eval_numerical_gradient_array(f, x, df, h=1e-5):
    """Return the gradient, of the shape of x, of ``sum(f(x) * df)`` for an f with arrays as values.

    df: of the shape of f(x), the gradient of the loss with respect to it. x, h: as above.
    """
    grad = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        above, below = _on_both_sides(f, x, index, h)
        grad[index] = np.sum((above - below) * df) / (2 * h)
    return grad


def _on_both_sides(f, x, index, h):
    """Return f with one element of x a step above, and a step below, where it stands."""
    middle = x[index]
    x[index] = middle + h
    above = np.copy(f(x))  # f may return the same array again
    x[index] = middle - h
    below = np.copy(f(x))
    x[index] = middle
    return above, below
