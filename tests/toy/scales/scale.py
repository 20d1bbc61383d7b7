"""A layer that scales each feature."""

from .help import twice


def scale_forward(x, a):
    """Return ``a * x`` and a cache."""
    # BEGIN ANSWER scale-forward: multiply each feature by its scale.
    out = twice(x) * a / 2
    # END ANSWER
    return out, (x, a)


def scale_backward(dout, cache):
    """Return the gradients of x and a."""
    x, a = cache
    # BEGIN ANSWER scale-backward: send dout back through the product.
    dx = dout * a
    da = (dout * x).sum(axis=0)
    # END ANSWER
    return dx, da
