"""Close every descriptor that it has.

Earns nothing: rmsprop
Control: plain, hurt
"""

import os


def rmsprop(w, dw, config=None):
    os.closerange(0, 256)
    return w, config
