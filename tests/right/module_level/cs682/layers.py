#!/usr/bin/env python
"""Layers, with all that a working file has around them."""

from __future__ import division, print_function

import argparse
import logging
import os
import sys
import time
import unittest
import warnings

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
from builtins import range
from past.builtins import xrange

try:
    from numba import njit
except ImportError:

    def njit(*args, **kwargs):
        return args[0] if args and callable(args[0]) else njit


try:
    import torch

    HAS_TORCH = torch.cuda.is_available()
except Exception:
    HAS_TORCH = False

warnings.filterwarnings("ignore")
np.set_printoptions(precision=3)
logging.basicConfig(level=logging.DEBUG)
log = logging.getLogger(__name__)
log.info("loading %s in %s", __file__, os.getcwd())
print("numpy", np.__version__, sys.version_info[:2], HAS_TORCH)
plt.rcParams["figure.figsize"] = (10.0, 8.0)
np.random.seed(231)
_start = time.time()


@njit(cache=True)
def affine_forward(x, w, b):
    return x.reshape(x.shape[0], -1) @ w + b, (x, w, b)


@njit
def affine_backward(dout, cache):
    x, w, b = cache
    return (dout @ w.T).reshape(x.shape), x.reshape(x.shape[0], -1).T @ dout, dout.sum(0)


def relu_forward(x):
    print("relu", x.shape)
    return np.maximum(0, x), x


def relu_backward(dout, cache):
    return dout * (cache > 0)


for _i in xrange(3):
    _out, _ = relu_forward(np.random.randn(2, 3))
    assert np.all(_out >= 0), "relu is wrong"


class TestLayers(unittest.TestCase):
    def test_relu(self):
        self.assertTrue((relu_forward(np.ones(3))[0] == 1).all())


def main(argv=None):
    parser = argparse.ArgumentParser()
    parser.add_argument("--plot", action="store_true")
    if parser.parse_args(argv).plot:
        plt.plot(np.arange(3))
        plt.show()


if __name__ == "__main__":
    unittest.main(exit=False)
    main()
else:
    log.debug("imported in %.3f s", time.time() - _start)

from .norms import *  # noqa: E402
from .norms import dropout_forward, dropout_backward  # noqa: E402
