"""Turn the direction of what follows, so that it reads as something else.

Earns nothing: rmsprop
Control: page, page
"""


def rmsprop(w, dw, config=None):
    raise ValueError("\u202e\u2066\u200f\u061cderossap\u2028" + TARGET["markup"])
