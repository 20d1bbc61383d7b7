import abc
from collections import ChainMap, OrderedDict, defaultdict

import numpy as np

from .. import layers as L
from .blocks import REGISTRY, Block


class Net(metaclass=abc.ABCMeta):
    """What both networks are: a list of blocks, each with parameters of its own."""

    reg = 0.0

    @property
    def num_layers(self):
        return len(self.blocks)

    @property
    @abc.abstractmethod
    def blocks(self):
        ...

    def scores(self, X, mode):
        for block in self.blocks:
            X = block.forward(X, self.params, mode)
        return X

    def loss(self, X, y=None):
        scores = self.scores(X.astype(self.dtype), "test" if y is None else "train")
        if y is None:
            return scores
        loss, d = L.softmax_loss(scores, y)
        grads = OrderedDict()
        for block in reversed(self.blocks):
            d = block.backward(d, grads)
        weights = {k: v for k, v in self.params.items() if k.startswith("W")}
        for k, v in weights.items():
            grads[k] = grads[k] + self.reg * v
        return loss + 0.5 * self.reg * sum(np.vdot(v, v) for v in weights.values()), grads


class FullyConnectedNet(Net):
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
        self.reg, self.dtype, self.normalization = reg, dtype, normalization
        self.use_dropout = dropout != 1
        self.dropout_param = {}
        if self.use_dropout:
            self.dropout_param = {"mode": "train", "p": dropout}
            self.dropout_param.update({} if seed is None else {"seed": seed})
        self.bn_params = [{"mode": "train"} for _ in hidden_dims]
        dims = [input_dim, *hidden_dims, num_classes]
        last = len(hidden_dims)
        self._blocks = [
            Block(i + 1, REGISTRY[None if i == last else normalization], i == last, self)
            for i in range(last + 1)
        ]
        self.params = {}
        for block, shape in zip(self._blocks, zip(dims, dims[1:])):
            self.params.update(block.initial(shape, weight_scale))
        self.params = {k: np.asarray(v, dtype=dtype) for k, v in self.params.items()}

    @property
    def blocks(self):
        return self._blocks


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
