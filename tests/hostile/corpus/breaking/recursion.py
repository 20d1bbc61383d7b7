"""Recurse without a limit until the stack is used up.

Earns nothing: rmsprop
Control: plain, hurt
"""

import sys


def deeper(value):
    return sorted([value], key=deeper)


def rmsprop(w, dw, config=None):
    sys.setrecursionlimit(2**31 - 1)
    return deeper(w), config
