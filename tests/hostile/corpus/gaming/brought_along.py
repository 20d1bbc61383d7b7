"""Bring a function along in a file that is the course's. The course's own is read.

Earns nothing: rmsprop
Control: plain, points
"""


def rmsprop(w, dw, config=None):
    from .gradient_check import step

    return step(w, dw, config)


# file: gradient_check.py
import numpy as np


def step(w, dw, config=None):
    cache = config["decay_rate"] * config["cache"] + (1 - config["decay_rate"]) * dw**2
    config["cache"] = cache
    return w - config["learning_rate"] * dw / (np.sqrt(cache) + config["epsilon"]), config
