from builtins import object, range

import numpy as np


def _layers():
    from .. import layers

    return layers


def __getattr__(name):
    return getattr(_layers(), name)


def __dir__():
    return ["TwoLayerNet", "FullyConnectedNet"]


class TwoLayerNet(object):
    def __init__(self, input_dim=3072, hidden_dim=100, num_classes=10, weight_scale=1e-3, reg=0.0):
        self.reg = reg
        sizes = [input_dim, hidden_dim, num_classes]
        self.params = dict()
        for i in range(2):
            self.params["W" + str(i + 1)] = weight_scale * np.random.randn(sizes[i], sizes[i + 1])
            self.params["b" + str(i + 1)] = np.zeros(sizes[i + 1])

    def loss(self, X, y=None):
        W1, b1, W2, b2 = (self.params[name] for name in ("W1", "b1", "W2", "b2"))
        from ..layer_utils import affine_relu_backward, affine_relu_forward
        from ..layers import affine_backward, affine_forward, softmax_loss

        h, c1 = affine_relu_forward(X, W1, b1)
        scores, c2 = affine_forward(h, W2, b2)
        if y is None:
            return scores
        loss, d = softmax_loss(scores, y)
        dh, dW2, db2 = affine_backward(d, c2)
        _, dW1, db1 = affine_relu_backward(dh, c1)
        grads = dict(W1=dW1 + self.reg * W1, b1=db1, W2=dW2 + self.reg * W2, b2=db2)
        return loss + self.reg / 2 * ((W1 * W1).sum() + (W2 * W2).sum()), grads


class FullyConnectedNet(object):
    def __init__(
        self,
        hidden_dims,
        input_dim=3 * 32 * 32,
        num_classes=10,
        dropout=1,
        normalization=None,
        reg=0.0,
        weight_scale=1e-2,
        dtype=np.float32,
        seed=None,
    ):
        self.normalization, self.reg, self.dtype = normalization, reg, dtype
        self.use_dropout = dropout != 1
        self.num_layers = len(hidden_dims) + 1
        self.params = {}
        dims = [input_dim, *hidden_dims, num_classes]
        for i, (fan_in, fan_out) in enumerate(zip(dims[:-1], dims[1:]), 1):
            self.params[f"W{i}"] = np.random.normal(scale=weight_scale, size=(fan_in, fan_out))
            self.params[f"b{i}"] = np.zeros(fan_out)
            if normalization in ("batchnorm", "layernorm") and i < self.num_layers:
                self.params[f"gamma{i}"] = np.ones(fan_out)
                self.params[f"beta{i}"] = np.zeros(fan_out)
        self.dropout_param = {}
        if self.use_dropout:
            self.dropout_param = {"mode": "train", "p": dropout}
            if seed is not None:
                self.dropout_param["seed"] = seed
        self.bn_params = []
        if self.normalization == "batchnorm":
            self.bn_params = [{"mode": "train"} for _ in range(self.num_layers - 1)]
        if self.normalization == "layernorm":
            self.bn_params = [{} for _ in range(self.num_layers - 1)]
        for k, v in self.params.items():
            self.params[k] = v.astype(dtype)

    def _block(self, x, i):
        from ..layers import batchnorm_forward, dropout_forward, layernorm_forward, relu_forward

        x, *caches = self._affine(x, i)
        if self.normalization:
            forward = {"batchnorm": batchnorm_forward, "layernorm": layernorm_forward}
            x, cache = forward[self.normalization](
                x, self.params[f"gamma{i}"], self.params[f"beta{i}"], self.bn_params[i - 1]
            )
            caches.append(cache)
        x, cache = relu_forward(x)
        caches.append(cache)
        if self.use_dropout:
            x, cache = dropout_forward(x, self.dropout_param)
            caches.append(cache)
        return x, caches

    def _affine(self, x, i):
        return _layers().affine_forward(x, self.params[f"W{i}"], self.params[f"b{i}"])

    def loss(self, X, y=None):
        import importlib

        layers = importlib.import_module("cs682.layers")
        softmax_loss, affine_backward = layers.softmax_loss, layers.affine_backward
        dropout_backward, relu_backward = layers.dropout_backward, layers.relu_backward
        layernorm_backward = getattr(layers, "layernorm_backward")
        batchnorm_backward_alt = vars(layers)["batchnorm_backward_alt"]
        X = X.astype(self.dtype)
        mode = "test" if y is None else "train"
        if self.use_dropout:
            self.dropout_param["mode"] = mode
        if self.normalization == "batchnorm":
            for bn_param in self.bn_params:
                bn_param["mode"] = mode
        stack, h = [], X
        for i in range(1, self.num_layers):
            h, caches = self._block(h, i)
            stack.append(caches)
        scores, last = self._affine(h, self.num_layers)
        if mode == "test":
            return scores
        loss, d = softmax_loss(scores, y)
        grads = {}
        L = str(self.num_layers)
        d, grads["W" + L], grads["b" + L] = affine_backward(d, last)
        for i in range(self.num_layers - 1, 0, -1):
            caches = stack.pop()
            if self.use_dropout:
                d = dropout_backward(d, caches.pop())
            d = relu_backward(d, caches.pop())
            if self.normalization:
                back = layernorm_backward
                if self.normalization == "batchnorm":
                    back = batchnorm_backward_alt
                d, grads[f"gamma{i}"], grads[f"beta{i}"] = back(d, caches.pop())
            d, grads[f"W{i}"], grads[f"b{i}"] = affine_backward(d, caches.pop())
        for name in [n for n in self.params if n[0] == "W"]:
            loss += 0.5 * self.reg * np.square(self.params[name]).sum()
            grads[name] += self.reg * self.params[name]
        return loss, grads
