"""Helpers of the student's own for a hidden layer; gradients are added to in place."""

import numpy as np

from cs682.layer_utils import *
from cs682.layers import *


class TwoLayerNet(object):
    def __init__(self, input_dim=3072, hidden_dim=100, num_classes=10, weight_scale=1e-3, reg=0.0):
        self.reg = reg
        W1 = np.random.randn(input_dim, hidden_dim)
        W2 = np.random.randn(hidden_dim, num_classes)
        W1 *= weight_scale
        W2 *= weight_scale
        b1, b2 = np.zeros((hidden_dim,)), np.zeros((num_classes,))
        self.params = {"W1": W1, "W2": W2, "b1": b1, "b2": b2}

    def loss(self, X, y=None):
        W1, b1 = self.params["W1"], self.params["b1"]
        W2, b2 = self.params["W2"], self.params["b2"]
        hidden, cache1 = hidden_forward(X, W1, b1, None, None, None, None, None)
        scores, cache2 = affine_forward(hidden, W2, b2)
        if y is None:
            return scores
        loss, dscores = softmax_loss(scores, y)
        loss += 0.5 * self.reg * (np.sum(W1 * W1) + np.sum(W2 * W2))
        dhidden, dW2, db2 = affine_backward(dscores, cache2)
        _, dW1, db1, _, _ = hidden_backward(dhidden, cache1)
        dW1 += self.reg * W1
        dW2 += self.reg * W2
        return loss, {"W1": dW1, "b1": db1, "W2": dW2, "b2": db2}


class FullyConnectedNet(object):
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
        self.normalization = normalization
        self.use_dropout = dropout != 1
        self.reg = reg
        self.num_layers = 1 + len(hidden_dims)
        self.dtype = dtype
        self.params = {}
        before = input_dim
        for i, size in enumerate(hidden_dims):
            self.params["b" + str(i + 1)] = np.zeros(size)
            self.params["W" + str(i + 1)] = np.random.randn(before, size)
            if normalization in ("batchnorm", "layernorm"):
                self.params["gamma" + str(i + 1)] = np.ones(size)
                self.params["beta" + str(i + 1)] = np.zeros(size)
            before = size
        self.params["b" + str(self.num_layers)] = np.zeros(num_classes)
        self.params["W" + str(self.num_layers)] = np.random.randn(before, num_classes)
        for k, v in self.params.items():
            if k[0] == "W":
                v *= weight_scale
            self.params[k] = v.astype(dtype)
        self.dropout_param = {}
        if self.use_dropout:
            self.dropout_param = {"mode": "train", "p": dropout}
            if seed is not None:
                self.dropout_param["seed"] = seed
        self.bn_params = [{"mode": "train"} for i in range(self.num_layers - 1)]

    def loss(self, X, y=None):
        X = X.astype(self.dtype)
        mode = "test" if y is None else "train"
        if self.dropout_param:
            self.dropout_param["mode"] = mode
        for bn_param in self.bn_params:
            bn_param["mode"] = mode
        caches = []
        scores = X
        for i in range(self.num_layers - 1):
            n = str(i + 1)
            scores, cache = hidden_forward(
                scores,
                self.params["W" + n],
                self.params["b" + n],
                self.params.get("gamma" + n),
                self.params.get("beta" + n),
                self.normalization,
                self.bn_params[i],
                self.dropout_param,
            )
            caches.append(cache)
        n = str(self.num_layers)
        scores, cache = affine_forward(scores, self.params["W" + n], self.params["b" + n])
        if mode == "test":
            return scores
        loss, dscores = softmax_loss(scores, y)
        grads = {}
        dout, grads["W" + n], grads["b" + n] = affine_backward(dscores, cache)
        for i in reversed(range(self.num_layers - 1)):
            n = str(i + 1)
            dout, grads["W" + n], grads["b" + n], dgamma, dbeta = hidden_backward(dout, caches[i])
            if dgamma is not None:
                grads["gamma" + n], grads["beta" + n] = dgamma, dbeta
        for k in grads:
            if k.startswith("W"):
                grads[k] += self.reg * self.params[k]
                loss += 0.5 * self.reg * np.sum(np.square(self.params[k]))
        return loss, grads
