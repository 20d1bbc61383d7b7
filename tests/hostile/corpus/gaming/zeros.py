"""Return zeros of the right shape.

Earns nothing: rmsprop
Control: shape, points
"""


def rmsprop(w, dw, config=None):
    return np.zeros_like(w), config
