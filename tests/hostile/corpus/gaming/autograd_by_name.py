"""Import autograd by a name put together at run time.

Earns nothing: rmsprop
Control: libraries, points
"""

import importlib


def rmsprop(w, dw, config=None):
    return importlib.import_module("auto" + "grad").rmsprop(w, dw, config), config
