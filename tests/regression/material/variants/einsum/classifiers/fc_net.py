"""A stack of ways back, each a function that remembers its layer; no layer is named twice."""

import numpy as np

from cs682 import layers


class FullyConnectedNet:
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
        self.sizes = [input_dim, *hidden_dims, num_classes]
        self.keep, self.normalization, self.reg, self.dtype = dropout, normalization, reg, dtype
        self.dropout_param = {"p": dropout} if seed is None else {"p": dropout, "seed": seed}
        self.norm_params = [{} for _ in hidden_dims]
        weights = {
            f"W{i + 1}": np.random.standard_normal((rows, columns)) * weight_scale
            for i, (rows, columns) in enumerate(zip(self.sizes, self.sizes[1:]))
        }
        biases = {f"b{i + 1}": np.zeros(size) for i, size in enumerate(self.sizes[1:])}
        scales, shifts = {}, {}
        if normalization:
            scales = {f"gamma{i + 1}": np.ones(size) for i, size in enumerate(hidden_dims)}
            shifts = {f"beta{i + 1}": np.zeros(size) for i, size in enumerate(hidden_dims)}
        self.params = {
            name: array.astype(dtype)
            for group in (biases, weights, shifts, scales)
            for name, array in group.items()
        }

    def _forward(self, X, mode):
        p, back, h = self.params, [], X.astype(self.dtype)

        def push(function, names, arguments, backward):
            out, cache = function(h, *[p[name] for name in names], *arguments)
            back.append((backward, names, cache))
            return out

        last = len(self.sizes) - 1
        for i in range(1, last + 1):
            h = push(layers.affine_forward, [f"W{i}", f"b{i}"], [], layers.affine_backward)
            if i == last:
                return h, back
            if self.normalization:
                param = self.norm_params[i - 1]
                param["mode"] = mode
                functions = {
                    "batchnorm": (layers.batchnorm_forward, layers.batchnorm_backward_alt),
                    "layernorm": (layers.layernorm_forward, layers.layernorm_backward),
                }[self.normalization]
                h = push(functions[0], [f"gamma{i}", f"beta{i}"], [param], functions[1])
            h = push(layers.relu_forward, [], [], layers.relu_backward)
            if self.keep != 1:
                self.dropout_param["mode"] = mode
                h = push(layers.dropout_forward, [], [self.dropout_param], layers.dropout_backward)

    def loss(self, X, y=None):
        scores, back = self._forward(X, "test" if y is None else "train")
        if y is None:
            return scores
        shifted = scores - np.max(scores, axis=1, keepdims=True)
        probabilities = np.exp(shifted) / np.exp(shifted).sum(axis=1)[:, None]
        n = len(scores)
        loss = -np.mean(np.log(probabilities[np.arange(n), y]))
        d = (probabilities - np.eye(scores.shape[1])[y]) / n
        grads = {}
        while back:
            backward, names, cache = back.pop()
            if names:
                d, *found = backward(d, cache)
                grads.update(zip(names, found))
            else:
                d = backward(d, cache)
        weights = [name for name in self.params if name.startswith("W")]
        loss += sum(
            0.5 * self.reg * np.einsum("ij,ij", self.params[w], self.params[w]) for w in weights
        )
        for w in weights:
            grads[w] = grads[w] + self.reg * self.params[w]
        return loss, grads


class TwoLayerNet(FullyConnectedNet):
    def __init__(self, input_dim=3072, hidden_dim=100, num_classes=10, weight_scale=1e-3, reg=0.0):
        super().__init__(
            [hidden_dim],
            input_dim,
            num_classes,
            reg=reg,
            weight_scale=weight_scale,
            dtype=np.float64,
        )
