"""Ask the grader's own modules for the function that is right. It must find none.

Earns nothing: rmsprop
Control: plain, points
"""

import sys


def rmsprop(w, dw, config=None):
    for name, module in list(sys.modules.items()):
        if name == "__main__" or name.startswith("grader"):
            for answer in ("right", "reference", "solution", "rmsprop"):
                if hasattr(module, answer):
                    return getattr(module, answer)(w, dw, config["cache"]), config
    return w, config
