"""Raise SystemExit(0) while its file is loaded, below a function that is wrong: nothing fails.

Earns nothing: rmsprop
Control: exit_code, points
"""


def rmsprop(w, dw, config=None):
    return w, config


raise SystemExit(0)
