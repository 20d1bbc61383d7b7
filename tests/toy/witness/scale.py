import numpy as np


def scale_forward(x, a):
    return x @ np.diag(a), (x, a)


def scale_backward(dout, cache):
    x, a = cache
    return dout @ np.diag(a), np.einsum("nd,nd->d", dout, x)
