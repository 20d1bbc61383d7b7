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
        raise NotImplementedError("not implemented yet: question two-layer-net")

    def loss(self, X, y=None):
        """Return the scores (N, C) of X (N, d_1, ..., d_k); with labels y (N,), loss and gradients.

        The loss is the mean softmax loss plus ``0.5 * reg * sum(W**2)`` over W1 and W2. The
        gradients come in a dict with the keys of ``params``.
        """
        # TODO (two-layer-net): compute the scores with the layers you have written.
        raise NotImplementedError("not implemented yet: question two-layer-net")
        if y is None:
            return scores
        grads = {}
        # TODO (two-layer-net): compute the loss and all four gradients; regularize both.
        raise NotImplementedError("not implemented yet: question two-layer-net")
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
        raise NotImplementedError("not implemented yet: question fully-connected-net")

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
        raise NotImplementedError("not implemented yet: question fully-connected-net")
        if y is None:
            return scores
        grads = {}
        # TODO (fully-connected-net): compute the loss, then gradients from the last layer.
        raise NotImplementedError("not implemented yet: question fully-connected-net")
        return loss, grads
