"""Use no time at all, and never return.

Earns nothing: rmsprop
Control: plain, hurt
"""

import time


def rmsprop(w, dw, config=None):
    time.sleep(10**6)
    return w, config
