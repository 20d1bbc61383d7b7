"""Abort the interpreter from within C.

Earns nothing: rmsprop
Control: plain, hurt
"""

import os


def rmsprop(w, dw, config=None):
    os.abort()
