"""A line through points."""

import numpy as np


def moments(X):
    """Return ``{"mean": (D,), "spread": (D,)}`` of the columns of X (N, D).

    The spread is the standard deviation, with N in the denominator.
    """
    # BEGIN ANSWER moments: reduce over the rows.
    mean = X.mean(axis=0)
    spread = np.sqrt(((X - mean) ** 2).mean(axis=0))
    # END ANSWER
    return {"mean": mean, "spread": spread}


def mse(X, y, w, b):
    """Return the mean squared error of ``X @ w + b`` for y, and its gradients by w and b.

    X (N, D), y (N,), w (D,), b a number; loss and db are numbers, dw (D,).
    """
    # BEGIN ANSWER loss: average the squared residuals, and differentiate that by hand.
    residual = X @ w + b - y
    loss = np.mean(residual**2)
    dw = 2 * X.T @ residual / len(y)
    db = 2 * residual.mean()
    # END ANSWER
    return loss, dw, db
