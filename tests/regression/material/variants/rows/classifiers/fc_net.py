"""Layers counted from zero, biases kept as rows; the older spelling of dropout."""

import numpy as np

from ..layers import (
    affine_backward,
    affine_forward,
    batchnorm_backward,
    batchnorm_forward,
    dropout_backward,
    dropout_forward,
    layernorm_backward,
    layernorm_forward,
    relu_backward,
    relu_forward,
    softmax_loss,
)


class TwoLayerNet:
    def __init__(self, input_dim=3072, hidden_dim=100, num_classes=10, weight_scale=1e-3, reg=0.0):
        self.reg = reg
        self.params = dict(
            W1=np.random.normal(scale=weight_scale, size=(input_dim, hidden_dim)),
            b1=np.zeros(hidden_dim),
            W2=np.random.normal(scale=weight_scale, size=(hidden_dim, num_classes)),
            b2=np.zeros(num_classes),
        )

    def loss(self, X, y=None):
        p = self.params
        # Without the layers: this student writes it out.
        x = X.reshape(len(X), -1)
        a = x @ p["W1"] + p["b1"][None]
        h = np.where(a > 0, a, 0)
        scores = h @ p["W2"] + p["b2"][None]
        if y is None:
            return scores
        data_loss, d = softmax_loss(scores, y)
        grads = {"W2": h.T @ d + self.reg * p["W2"], "b2": (np.ones((1, len(d))) @ d)[0]}
        dh = (d @ p["W2"].T) * (a > 0)
        grads["W1"] = x.T @ dh + self.reg * p["W1"]
        grads["b1"] = (np.ones((1, len(d))) @ dh)[0]
        penalty = np.linalg.norm(p["W1"]) ** 2 + np.linalg.norm(p["W2"]) ** 2
        return data_loss + self.reg / 2 * penalty, grads


class FullyConnectedNet:
    def __init__(
        self,
        hidden_dims,
        input_dim=3072,
        num_classes=10,
        dropout_keep_ratio=1,
        normalization=None,
        reg=0.0,
        weight_scale=1e-2,
        dtype=np.float32,
        seed=None,
    ):
        self.normalization, self.reg, self.dtype = normalization, reg, dtype
        self.hidden = len(hidden_dims)
        self.params = {}
        sizes = np.array([input_dim, *hidden_dims, num_classes])
        for i in range(self.hidden + 1):
            W = weight_scale * np.random.randn(sizes[i], sizes[i + 1])
            self.params[f"W{i}"] = W.astype(dtype)
            self.params[f"b{i}"] = np.zeros(sizes[i + 1], dtype)
            if normalization and i < self.hidden:
                self.params[f"gamma{i}"] = np.ones(sizes[i + 1], dtype)
                self.params[f"beta{i}"] = np.zeros(sizes[i + 1], dtype)
        self.drop = None
        if dropout_keep_ratio < 1:
            self.drop = {"p": dropout_keep_ratio}
            if seed is not None:
                self.drop["seed"] = seed
        self.norm = [dict() for _ in range(self.hidden)]

    def _hidden(self, i, x, mode):
        get = lambda name: self.params[f"{name}{i}"]
        x, affine = affine_forward(x, get("W"), get("b"))
        norm = drop = None
        if self.normalization == "batchnorm":
            self.norm[i]["mode"] = mode
            x, norm = batchnorm_forward(x, get("gamma"), get("beta"), self.norm[i])
        elif self.normalization == "layernorm":
            x, norm = layernorm_forward(x, get("gamma"), get("beta"), self.norm[i])
        x, relu = relu_forward(x)
        if self.drop:
            x, drop = dropout_forward(x, {**self.drop, "mode": mode})
        return x, (affine, norm, relu, drop)

    def _back(self, i, d, cache, grads):
        affine, norm, relu, drop = cache
        if self.drop:
            d = dropout_backward(d, drop)
        d = relu_backward(d, relu)
        if norm is not None:
            backward = {"batchnorm": batchnorm_backward, "layernorm": layernorm_backward}
            d, grads[f"gamma{i}"], grads[f"beta{i}"] = backward[self.normalization](d, norm)
        d, dW, grads[f"b{i}"] = affine_backward(d, affine)
        grads[f"W{i}"] = dW + self.reg * self.params[f"W{i}"]
        return d

    def _descend(self, i, x, y, grads):
        """Forward from layer i on, then back down to it: the loss and the gradient of x."""
        if i == self.hidden:
            scores, cache = affine_forward(x, self.params[f"W{i}"], self.params[f"b{i}"])
            loss, d = softmax_loss(scores, y)
            d, dW, grads[f"b{i}"] = affine_backward(d, cache)
            grads[f"W{i}"] = dW + self.reg * self.params[f"W{i}"]
            return loss, d
        out, cache = self._hidden(i, x, "train")
        loss, d = self._descend(i + 1, out, y, grads)
        return loss, self._back(i, d, cache, grads)

    def loss(self, X, y=None):
        X = X.astype(self.dtype)
        if y is None:
            for i in range(self.hidden):
                X, _ = self._hidden(i, X, "test")
            return affine_forward(X, self.params[f"W{i + 1}"], self.params[f"b{i + 1}"])[0]
        grads = {}
        loss, _ = self._descend(0, X, y, grads)
        squares = [np.sum(v**2) for k, v in self.params.items() if k.startswith("W")]
        return loss + 0.5 * self.reg * sum(squares), grads
