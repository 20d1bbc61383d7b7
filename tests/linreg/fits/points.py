"""The points that the notebook fits a line to."""

import numpy as np

WEIGHTS = np.array([1.5, -2.0, 0.5])
NOISE = 0.1


def drawn(count, seed):
    """Return count points (count, 3) near one plane, and their targets (count,)."""
    draw = np.random.default_rng(seed)
    x = draw.standard_normal((count, 3))
    return x, x @ WEIGHTS + 0.7 + NOISE * draw.standard_normal(count)


def split(x, t, x_test, t_test, count):
    """Return the points as a dict: the first count are for fitting, the rest for validation."""
    return {
        "x": x[:count],
        "t": t[:count],
        "x_val": x[count:],
        "t_val": t[count:],
        "x_test": x_test,
        "t_test": t_test,
    }
