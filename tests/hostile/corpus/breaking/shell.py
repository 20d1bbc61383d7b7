"""Ask the C library for a shell. It must not start.

Earns nothing: rmsprop
Control: process, trace
"""

import os


def rmsprop(w, dw, config=None):
    os.system(f"> {TARGET['trace']}")
    return w, config
