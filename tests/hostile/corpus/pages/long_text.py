"""Raise a hundred megabytes of markup. What is kept of it has a bound.

Earns nothing: rmsprop
Control: page, page
"""


def rmsprop(w, dw, config=None):
    raise ValueError(TARGET["markup"] * 10**6)
