"""Weights drawn from the last layer to the first; caches in dicts by layer number."""

import numpy as np

from ..layers import *


class TwoLayerNet(object):
    def __init__(self, input_dim=3072, hidden_dim=100, num_classes=10, weight_scale=1e-3, reg=0.0):
        self.params = {}
        self.reg = reg
        self.params["b2"] = np.zeros(num_classes)
        self.params["W2"] = np.random.normal(0, weight_scale, (hidden_dim, num_classes))
        self.params["b1"] = np.zeros(hidden_dim)
        self.params["W1"] = np.random.normal(0, weight_scale, (input_dim, hidden_dim))

    def loss(self, X, y=None):
        caches = {}
        out = X
        for layer in (1, 2):
            w, b = self.params["W%d" % layer], self.params["b%d" % layer]
            out, caches["affine", layer] = affine_forward(out, w, b)
            if layer == 1:
                out, caches["relu", layer] = relu_forward(out)
        if y is None:
            return out
        loss, dout = softmax_loss(out, y)
        grads = {}
        for layer in (2, 1):
            if layer == 1:
                dout = relu_backward(dout, caches["relu", layer])
            dout, dw, db = affine_backward(dout, caches["affine", layer])
            w = self.params["W%d" % layer]
            for row in w:
                for weight in row:
                    loss += 0.5 * self.reg * weight * weight
            grads["W%d" % layer] = dw + self.reg * w
            grads["b%d" % layer] = db
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
        dims = [input_dim] + list(hidden_dims) + [num_classes]
        layer = self.num_layers
        while layer > 0:
            shape = dims[layer - 1], dims[layer]
            self.params["W%d" % layer] = np.random.normal(0, weight_scale, shape).astype(dtype)
            self.params["b%d" % layer] = np.zeros(dims[layer], dtype=dtype)
            if normalization is not None and layer != self.num_layers:
                self.params["beta%d" % layer] = np.zeros(dims[layer], dtype=dtype)
                self.params["gamma%d" % layer] = np.ones(dims[layer], dtype=dtype)
            layer -= 1
        self.dropout_param = {}
        if self.use_dropout:
            self.dropout_param = {"mode": "train", "p": dropout}
            if seed is not None:
                self.dropout_param["seed"] = seed
        self.bn_params = [{"mode": "train"} for _ in hidden_dims]

    def loss(self, X, y=None):
        X = X.astype(self.dtype)
        mode = "test" if y is None else "train"
        if self.use_dropout:
            self.dropout_param["mode"] = mode
        for bn_param in self.bn_params:
            bn_param["mode"] = mode
        caches, out, layer = {}, X, 1
        while True:
            w, b = self.params["W%d" % layer], self.params["b%d" % layer]
            out, caches["affine", layer] = affine_forward(out, w, b)
            if layer == self.num_layers:
                break
            if self.normalization is not None:
                gamma, beta = self.params["gamma%d" % layer], self.params["beta%d" % layer]
                param = self.bn_params[layer - 1]
                if self.normalization == "batchnorm":
                    out, caches["norm", layer] = batchnorm_forward(out, gamma, beta, param)
                else:
                    out, caches["norm", layer] = layernorm_forward(out, gamma, beta, param)
            out, caches["relu", layer] = relu_forward(out)
            if self.use_dropout:
                out, caches["drop", layer] = dropout_forward(out, self.dropout_param)
            layer += 1
        if mode == "test":
            return out
        loss, dout = softmax_loss(out, y)
        grads = {}
        while layer > 0:
            if layer < self.num_layers:
                if self.use_dropout:
                    dout = dropout_backward(dout, caches["drop", layer])
                dout = relu_backward(dout, caches["relu", layer])
                if self.normalization == "batchnorm":
                    dout, dgamma, dbeta = batchnorm_backward(dout, caches["norm", layer])
                elif self.normalization is not None:
                    dout, dgamma, dbeta = layernorm_backward(dout, caches["norm", layer])
                if self.normalization is not None:
                    grads["gamma%d" % layer], grads["beta%d" % layer] = dgamma, dbeta
            dout, dw, db = affine_backward(dout, caches["affine", layer])
            grads["W%d" % layer] = dw + self.reg * self.params["W%d" % layer]
            grads["b%d" % layer] = db
            loss += self.reg * np.sum(self.params["W%d" % layer] ** 2) / 2
            layer -= 1
        return loss, grads
