"""One layer after the other, with string names for the layer at hand and its caches."""

import numpy as np

from cs682.layers import *


class TwoLayerNet(object):
    def __init__(
        self,
        input_dim=3 * 32 * 32,
        hidden_dim=100,
        num_classes=10,
        weight_scale=1e-3,
        reg=0.0,
    ):
        self.params = {}
        self.reg = reg
        W1 = np.random.randn(input_dim, hidden_dim) * weight_scale
        W2 = np.random.randn(hidden_dim, num_classes) * weight_scale
        b1 = np.zeros(hidden_dim)
        b2 = np.zeros(num_classes)
        self.params["W1"], self.params["b1"] = W1, b1
        self.params["W2"], self.params["b2"] = W2, b2

    def loss(self, X, y=None):
        W1, b1 = self.params["W1"], self.params["b1"]
        W2, b2 = self.params["W2"], self.params["b2"]
        reg = self.reg
        a1, fc1_cache = affine_forward(X, W1, b1)
        h1, relu_cache = relu_forward(a1)
        scores, fc2_cache = affine_forward(h1, W2, b2)
        if y is None:
            return scores
        loss, dscores = softmax_loss(scores, y)
        dh1, dW2, db2 = affine_backward(dscores, fc2_cache)
        da1 = relu_backward(dh1, relu_cache)
        dX, dW1, db1 = affine_backward(da1, fc1_cache)
        loss += 0.5 * reg * np.sum(W1 * W1)
        loss += 0.5 * reg * np.sum(W2 * W2)
        dW1 += reg * W1
        dW2 += reg * W2
        grads = {}
        grads["W1"], grads["b1"] = dW1, db1
        grads["W2"], grads["b2"] = dW2, db2
        return loss, grads


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
        self.normalization = normalization
        self.use_dropout = dropout != 1
        self.reg = reg
        self.num_layers = 1 + len(hidden_dims)
        self.dtype = dtype
        self.params = {}
        fan_in = input_dim
        for layer, fan_out in enumerate(hidden_dims, 1):
            name = str(layer)
            self.params["W" + name] = np.random.randn(fan_in, fan_out) * weight_scale
            self.params["b" + name] = np.zeros(fan_out)
            if self.normalization is not None:
                self.params["gamma" + name] = np.ones(fan_out)
                self.params["beta" + name] = np.zeros(fan_out)
            fan_in = fan_out
        name = str(self.num_layers)
        self.params["W" + name] = np.random.randn(fan_in, num_classes) * weight_scale
        self.params["b" + name] = np.zeros(num_classes)

        self.dropout_param = {}
        if self.use_dropout:
            self.dropout_param = {"mode": "train", "p": dropout}
            if seed is not None:
                self.dropout_param["seed"] = seed
        self.bn_params = []
        if self.normalization == "batchnorm":
            self.bn_params = [{"mode": "train"} for i in range(self.num_layers - 1)]
        if self.normalization == "layernorm":
            self.bn_params = [{} for i in range(self.num_layers - 1)]
        for k, v in self.params.items():
            self.params[k] = v.astype(dtype)

    def loss(self, X, y=None):
        X = X.astype(self.dtype)
        mode = "test" if y is None else "train"
        if self.use_dropout:
            self.dropout_param["mode"] = mode
        if self.normalization == "batchnorm":
            for bn_param in self.bn_params:
                bn_param["mode"] = mode
        reg = self.reg
        cache = {}
        out = X
        for layer in range(1, self.num_layers):
            name = str(layer)
            W, b = self.params["W" + name], self.params["b" + name]
            out, cache["fc" + name] = affine_forward(out, W, b)
            if self.normalization is not None:
                gamma, beta = self.params["gamma" + name], self.params["beta" + name]
                bn_param = self.bn_params[layer - 1]
            if self.normalization == "batchnorm":
                out, cache["norm" + name] = batchnorm_forward(out, gamma, beta, bn_param)
            if self.normalization == "layernorm":
                out, cache["norm" + name] = layernorm_forward(out, gamma, beta, bn_param)
            out, cache["relu" + name] = relu_forward(out)
            if self.use_dropout:
                out, cache["drop" + name] = dropout_forward(out, self.dropout_param)
        name = str(self.num_layers)
        W, b = self.params["W" + name], self.params["b" + name]
        scores, cache["fc" + name] = affine_forward(out, W, b)
        if mode == "test":
            return scores

        grads = {}
        loss, dscores = softmax_loss(scores, y)
        dout, dW, db = affine_backward(dscores, cache["fc" + name])
        loss += 0.5 * reg * np.sum(W * W)
        grads["W" + name] = dW + reg * W
        grads["b" + name] = db
        for layer in range(self.num_layers - 1, 0, -1):
            name = str(layer)
            if self.use_dropout:
                dout = dropout_backward(dout, cache["drop" + name])
            dout = relu_backward(dout, cache["relu" + name])
            if self.normalization == "batchnorm":
                dout, dgamma, dbeta = batchnorm_backward(dout, cache["norm" + name])
            if self.normalization == "layernorm":
                dout, dgamma, dbeta = layernorm_backward(dout, cache["norm" + name])
            if self.normalization is not None:
                grads["gamma" + name], grads["beta" + name] = dgamma, dbeta
            dout, dW, db = affine_backward(dout, cache["fc" + name])
            W, b = self.params["W" + name], self.params["b" + name]
            loss += 0.5 * reg * np.sum(W * W)
            grads["W" + name] = dW + reg * W
            grads["b" + name] = db
        return loss, grads
