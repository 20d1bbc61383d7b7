"""Read address 0.

Earns nothing: rmsprop
Control: plain, hurt
"""


def rmsprop(w, dw, config=None):
    ctypes_anyway().string_at(0)
    return w, config
