"""Differentiate its own forward pass numerically in the place of a backward pass: right, and slow.

The numbers agree to a part in a thousand million, so it earns what any right answer earns; only
how its time grows tells, and honest loops grow as well.

Earns nothing: -
Control: gradcheck, points
"""
# file: layers.py


def affine_backward(dout, cache, need_dx=True):
    arrays = [np.array(array) for array in cache]
    gradients = []
    for array in arrays:
        gradient = np.zeros_like(array)
        for index in np.ndindex(array.shape):
            kept, sums = array[index], []
            for step in (0.5, -0.5):
                array[index] = kept + step
                sums.append(np.sum(affine_forward(*arrays)[0] * dout))
            array[index] = kept
            gradient[index] = sums[0] - sums[1]
        gradients.append(gradient)
    return tuple(gradients)
