"""Fully-connected networks: of two layers, and of any number of them."""

import numpy as np

from ..layer_utils import *
from ..layers import *


class TwoLayerNet:
    """affine - relu - affine - softmax.

    ``params`` maps W1 (D, H), b1 (H,), W2 (H, C) and b2 (C,) to arrays, which a solver updates.
    """

    def __init__(
        self,
        input_dim=3 * 32 * 32,
        hidden_dim=100,
        num_classes=10,
        weight_scale=1e-3,
        reg=0.0,
    ):
        """Draw the first weights.

        input_dim is D, hidden_dim H, num_classes C; weight_scale is the standard deviation of
        the weights, which are normal around 0; reg is the strength of L2 regularization.
        """
        self.params = {}
        self.reg = reg
        # TODO (two-layer-net): draw W1 and W2, and start b1 and b2 at zero.
        self.params["W1"] = weight_scale * np.random.randn(input_dim, hidden_dim)
        self.params["b1"] = np.zeros(hidden_dim)
        self.params["W2"] = weight_scale * np.random.randn(hidden_dim, num_classes)
        self.params["b2"] = np.zeros(num_classes)
        # Column by column in memory, as affine_backward gives dw: updates then run straight on.
        self.params["W1"] = np.asfortranarray(self.params["W1"])

    def loss(self, X, y=None):
        """Return the scores (N, C) of X (N, d_1, ..., d_k); with labels y (N,), loss and gradients.

        The loss is the mean softmax loss plus ``0.5 * reg * sum(W**2)`` over W1 and W2. The
        gradients come in a dict with the keys of ``params``.
        """
        # TODO (two-layer-net): compute the scores with the layers you have written.
        hidden, hidden_cache = affine_relu_forward(X, self.params["W1"], self.params["b1"])
        scores, scores_cache = affine_forward(hidden, self.params["W2"], self.params["b2"])
        if y is None:
            return scores
        grads = {}
        # TODO (two-layer-net): compute the loss and all four gradients; regularize both.
        loss, dscores = softmax_loss(scores, y)
        dhidden, grads["W2"], grads["b2"] = affine_backward(dscores, scores_cache)
        affine_cache, relu_cache = hidden_cache
        da = relu_backward(dhidden, relu_cache)
        _, grads["W1"], grads["b1"] = affine_backward(da, affine_cache, need_dx=False)
        if self.reg:  # two passes over all weights are a twentieth of a step
            for name in ("W1", "W2"):
                loss += 0.5 * self.reg * np.sum(self.params[name] ** 2)
                grads[name] += self.reg * self.params[name]
        return loss, grads


class FullyConnectedNet:
    """(affine - [norm] - relu - [dropout]) x (L - 1) - affine - softmax, L = len(hidden_dims) + 1.

    ``params`` maps W1, b1, ... WL, bL, and gamma and beta of each hidden layer where it
    normalizes, to arrays of one dtype.
    """

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
        """Draw the first weights.

        hidden_dims: the size of each hidden layer. dropout: the probability of KEEPING a unit
        (1: none is dropped). normalization: 'batchnorm', 'layernorm' or None. reg: the strength
        of L2 regularization. weight_scale: the standard deviation of the first weights. dtype:
        of all parameters and computations; gradient checks want float64. seed: for the dropout
        layers, so that a gradient check sees one mask.
        """
        self.normalization = normalization
        self.use_dropout = dropout != 1
        self.reg = reg
        self.num_layers = 1 + len(hidden_dims)
        self.dtype = dtype
        self.params = {}
        # TODO (fully-connected-net): draw every W, start every b at zero (and gamma at one).
        dims = [input_dim, *hidden_dims, num_classes]
        for i in range(1, len(dims)):
            self.params[f"W{i}"] = weight_scale * np.random.randn(dims[i - 1], dims[i])
            self.params[f"b{i}"] = np.zeros(dims[i])
            if normalization and i < self.num_layers:
                self.params[f"gamma{i}"] = np.ones(dims[i])
                self.params[f"beta{i}"] = np.zeros(dims[i])
        self.params["W1"] = np.asfortranarray(self.params["W1"])  # by far the largest; see above

        # Every dropout layer is handed the same dict, so that one line sets the mode of all.
        self.dropout_param = {"mode": "train", "p": dropout} if self.use_dropout else {}
        if self.use_dropout and seed is not None:
            self.dropout_param["seed"] = seed
        # Batch normalization remembers running averages: one dict for each hidden layer.
        self.bn_params = []
        if normalization == "batchnorm":
            self.bn_params = [{"mode": "train"} for _ in hidden_dims]
        if normalization == "layernorm":
            self.bn_params = [{} for _ in hidden_dims]
        for name, value in self.params.items():
            self.params[name] = value.astype(dtype)

    def loss(self, X, y=None):
        """Return the scores (N, C) of X (N, d_1, ..., d_k); with labels y (N,), loss and gradients.

        Without labels the network tests: batch normalization uses its running averages and
        nothing is dropped. The loss is the mean softmax loss plus ``0.5 * reg * sum(W**2)`` over
        all W. The gradients come in a dict with the keys of ``params``.
        """
        X = X.astype(self.dtype)
        mode = "test" if y is None else "train"
        if self.use_dropout:
            self.dropout_param["mode"] = mode
        if self.normalization == "batchnorm":
            for bn_param in self.bn_params:
                bn_param["mode"] = mode

        # TODO (fully-connected-net): compute the scores, layer by layer; keep each cache.
        h, caches = X, []
        for i in range(1, self.num_layers):
            h, affine_cache = affine_forward(h, self.params[f"W{i}"], self.params[f"b{i}"])
            norm_cache = dropout_cache = None
            if self.normalization:
                norm = batchnorm_forward if self.normalization == "batchnorm" else layernorm_forward
                gamma, beta = self.params[f"gamma{i}"], self.params[f"beta{i}"]
                h, norm_cache = norm(h, gamma, beta, self.bn_params[i - 1])
            h, relu_cache = relu_forward(h)
            if self.use_dropout:
                h, dropout_cache = dropout_forward(h, self.dropout_param)
            caches.append((affine_cache, norm_cache, relu_cache, dropout_cache))
        last = self.num_layers
        scores, cache = affine_forward(h, self.params[f"W{last}"], self.params[f"b{last}"])
        if y is None:
            return scores
        grads = {}
        # TODO (fully-connected-net): compute the loss, then gradients from the last layer.
        loss, dscores = softmax_loss(scores, y)
        dh, grads[f"W{last}"], grads[f"b{last}"] = affine_backward(dscores, cache, last > 1)
        for i in range(last - 1, 0, -1):
            affine_cache, norm_cache, relu_cache, dropout_cache = caches[i - 1]
            if self.use_dropout:
                dh = dropout_backward(dh, dropout_cache)
            dh = relu_backward(dh, relu_cache)
            if self.normalization:
                batch = self.normalization == "batchnorm"
                norm = batchnorm_backward_alt if batch else layernorm_backward
                dh, grads[f"gamma{i}"], grads[f"beta{i}"] = norm(dh, norm_cache)
            dh, grads[f"W{i}"], grads[f"b{i}"] = affine_backward(dh, affine_cache, i > 1)
        if self.reg:
            for i in range(1, last + 1):
                w = self.params[f"W{i}"]
                loss += 0.5 * self.reg * np.sum(w**2)
                grads[f"W{i}"] += self.reg * w
        return loss, grads
