"""Networks as a list of operations, each with its way back."""

import numpy as np

from .. import layers


class _Network:
    """Affine layers with ReLU between them, and what is asked for in addition."""

    def __init__(self, dims, scale, reg, dtype, keep=1, normalization=None, seed=None):
        self.reg, self.dims, self.keep, self.normalization = reg, dims, keep, normalization
        self.seed = seed
        self.params = {}
        self.bn_params = [{} for _ in dims[2:]]
        for i in range(1, len(dims)):
            self.params[f"W{i}"] = (scale * np.random.randn(dims[i - 1], dims[i])).astype(dtype)
            self.params[f"b{i}"] = np.zeros(dims[i], dtype)
            if normalization and i < len(dims) - 1:
                self.params[f"gamma{i}"] = np.ones(dims[i], dtype)
                self.params[f"beta{i}"] = np.zeros(dims[i], dtype)

    def loss(self, X, y=None):
        mode = "test" if y is None else "train"
        last = len(self.dims) - 1
        back = []
        h = X
        for i in range(1, last):
            h, cache = layers.affine_forward(h, self.params[f"W{i}"], self.params[f"b{i}"])
            back.append((("W", "b"), i, layers.affine_backward, cache))
            if self.normalization:
                h, cache, backward = self._normalized(h, i, mode)
                back.append((("gamma", "beta"), i, backward, cache))
            h, cache = layers.relu_forward(h)
            back.append(((), i, layers.relu_backward, cache))
            if self.keep != 1:
                param = {"mode": mode, "p": self.keep}
                if self.seed is not None:
                    param["seed"] = self.seed
                h, cache = layers.dropout_forward(h, param)
                back.append(((), i, layers.dropout_backward, cache))
        scores, cache = layers.affine_forward(h, self.params[f"W{last}"], self.params[f"b{last}"])
        back.append((("W", "b"), last, layers.affine_backward, cache))
        if y is None:
            return scores
        loss, d = layers.softmax_loss(scores, y)
        grads = {}
        for names, i, backward, cache in reversed(back):
            if not names:
                d = backward(d, cache)
                continue
            d, *parameters = backward(d, cache)
            for name, gradient in zip(names, parameters, strict=True):
                grads[f"{name}{i}"] = gradient
        for i in range(1, last + 1):
            w = self.params[f"W{i}"]
            loss += 0.5 * self.reg * np.vdot(w, w)
            grads[f"W{i}"] = grads[f"W{i}"] + self.reg * w
        return loss, grads

    def _normalized(self, h, i, mode):
        gamma, beta = self.params[f"gamma{i}"], self.params[f"beta{i}"]
        if self.normalization == "batchnorm":
            self.bn_params[i - 1]["mode"] = mode
            out, cache = layers.batchnorm_forward(h, gamma, beta, self.bn_params[i - 1])
            return out, cache, layers.batchnorm_backward
        out, cache = layers.layernorm_forward(h, gamma, beta, {})
        return out, cache, layers.layernorm_backward


class TwoLayerNet(_Network):
    def __init__(self, input_dim=3072, hidden_dim=100, num_classes=10, weight_scale=1e-3, reg=0.0):
        dims = [input_dim, hidden_dim, num_classes]
        super().__init__(dims, weight_scale, reg, np.float64)


class FullyConnectedNet(_Network):
    def __init__(
        self,
        hidden_dims,
        input_dim=3072,
        num_classes=10,
        dropout=1,
        normalization=None,
        reg=0.0,
        weight_scale=1e-2,
        dtype=np.float32,
        seed=None,
    ):
        dims = [input_dim, *hidden_dims, num_classes]
        super().__init__(dims, weight_scale, reg, dtype, dropout, normalization, seed)
