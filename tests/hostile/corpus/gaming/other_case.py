"""Hand in Optim.py beside optim.py, for systems that take them for one. It isn't read.

Earns nothing: rmsprop
Control: any_case, points
"""


def rmsprop(w, dw, config=None):
    return w, config


# file: OPTIM.PY
import numpy as np


def rmsprop(w, dw, config=None):
    cache = config["decay_rate"] * config["cache"] + (1 - config["decay_rate"]) * dw**2
    config["cache"] = cache
    return w - config["learning_rate"] * dw / (np.sqrt(cache) + config["epsilon"]), config
