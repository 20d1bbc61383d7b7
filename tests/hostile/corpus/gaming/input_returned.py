"""Return the input.

Earns nothing: rmsprop
Control: shape, points
"""


def rmsprop(w, dw, config=None):
    return w, config
