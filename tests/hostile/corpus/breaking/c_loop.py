"""Hang in C, where no signal handler of Python's runs.

Earns nothing: rmsprop
Control: plain, hurt
"""


def rmsprop(w, dw, config=None):
    return w * (9**9**9 % 7), config
