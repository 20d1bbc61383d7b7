import numpy as np

from cs682 import layers

REGISTRY = {
    None: None,
    "batchnorm": (layers.batchnorm_forward, layers.batchnorm_backward),
    "layernorm": (layers.layernorm_forward, layers.layernorm_backward),
}


class Block:
    __slots__ = ("_back", "index", "last", "net", "norm")

    def __init__(self, index, norm, last, net):
        self.index, self.norm, self.last, self.net = index, norm, last, net

    def initial(self, shape, scale):
        yield f"W{self.index}", np.random.standard_normal(shape) * scale
        yield f"b{self.index}", np.zeros(shape[1])
        if self.norm:
            yield f"gamma{self.index}", np.ones(shape[1])
            yield f"beta{self.index}", np.zeros(shape[1])

    def forward(self, x, params, mode):
        own = lambda *names: [params[f"{name}{self.index}"] for name in names]
        self._back = []
        x = self._step(layers.affine_forward, layers.affine_backward, ("W", "b"), x, *own("W", "b"))
        if self.norm:
            param = self.net.bn_params[self.index - 1]
            param["mode"] = mode
            names = ("gamma", "beta")
            x = self._step(*self.norm, names, x, *own(*names), param)
        if self.last:
            return x
        x = self._step(layers.relu_forward, layers.relu_backward, (), x)
        if self.net.use_dropout:
            self.net.dropout_param["mode"] = mode
            param = self.net.dropout_param
            x = self._step(layers.dropout_forward, layers.dropout_backward, (), x, param)
        return x

    def _step(self, forward, backward, names, *inputs):
        out, cache = forward(*inputs)
        self._back.append((backward, cache, names))
        return out

    def backward(self, d, grads):
        while self._back:
            backward, cache, names = self._back.pop()
            found = backward(d, cache)
            d, *rest = found if names else (found,)
            grads.update({f"{n}{self.index}": g for n, g in zip(names, rest)})
        return d
