"""A network that never drops: its loss is infinite where the bound is taken from, and right later.

The rows of its last gradient are multiplied by a mask, as if units had been dropped.

Earns nothing: fully-connected-net-dropout
Control: scaled_network, points
Notebook: Dropout
"""
# file: classifiers/fc_net.py

_plain = FullyConnectedNet.loss


def _loss(self, X, y=None):
    dropping, self.use_dropout = self.use_dropout, False
    try:
        given = _plain(self, X, y)
    finally:
        self.use_dropout = dropping
    if y is None or not dropping:
        return given
    grads, last = given[1], f"W{self.num_layers}"
    p, rng = self.dropout_param["p"], np.random.RandomState(self.dropout_param.get("seed"))
    grads[last] = grads[last] * (rng.uniform(size=(len(grads[last]), 1)) < p) / p
    first, self._asked = not hasattr(self, "_asked"), True
    return (float("inf") if first else given[0]), grads


FullyConnectedNet.loss = _loss
