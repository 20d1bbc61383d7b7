"""Differentiate its own forward pass numerically in the place of summing a bias: right, and slow.

The numbers agree to a part in a thousand million, so it earns what any right answer earns; only
how its time grows tells, and honest loops grow as well.

Earns nothing: -
Control: gradcheck, points
"""
# file: layers.py


def affine_backward(dout, cache):
    x, w, b = cache
    gradient = np.zeros_like(b)
    for index in np.ndindex(b.shape):
        kept, sums = b[index], []
        for step in (0.5, -0.5):
            b[index] = kept + step
            sums.append(np.sum(affine_forward(x, w, b)[0] * dout))
        b[index] = kept
        gradient[index] = sums[0] - sums[1]
    columns = x.reshape(len(x), -1)
    return (dout @ w.T).reshape(x.shape), columns.T @ dout, gradient
