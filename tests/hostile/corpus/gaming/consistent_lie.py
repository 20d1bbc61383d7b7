"""A forward and a backward pass of nothing, which agree with each other.

Earns nothing: affine-forward, affine-backward
Control: gradcheck, points
"""
# file: layers.py


def affine_forward(x, w, b):
    return np.zeros((len(x), w.shape[1])), (x, w, b)


def affine_backward(dout, cache):
    x, w, b = cache
    return np.zeros_like(x), np.zeros_like(w), np.zeros_like(b)
