"""The same, with the bias as a column."""

import numpy as np


def moments(X):
    return {"mean": X.sum(axis=0) / len(X), "spread": X.std(axis=0)}


def mse(X, y, w, b):
    A = np.column_stack([X, np.ones(len(y))])
    r = A @ np.append(w, b) - y
    g = 2 * np.einsum("nd,n->d", A, r) / len(y)
    return float(r @ r) / len(y), g[:-1], float(g[-1])
