"""Bring a library along in the package, in a file that no one asked for. It isn't read.

Earns nothing: rmsprop
Control: plain, points
"""


def rmsprop(w, dw, config=None):
    from .vendor import rmsprop

    return rmsprop(w, dw, config)


# file: vendor.py
import numpy as np


def rmsprop(w, dw, config=None):
    cache = config["decay_rate"] * config["cache"] + (1 - config["decay_rate"]) * dw**2
    config["cache"] = cache
    return w - config["learning_rate"] * dw / (np.sqrt(cache) + config["epsilon"]), config
