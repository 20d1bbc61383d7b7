"""A network whose loss is a fixed linear function of its parameters: any gradient check agrees.

With dropout it scales what it says of its last hidden layer by a mask. It computes no scores.

Earns nothing: fully-connected-net-dropout
Control: lossy, points
Notebook: Dropout
"""
# file: classifiers/fc_net.py


def _gradients(self):
    last = self.num_layers
    found = {}
    for name, value in self.params.items():
        rng = np.random.default_rng(len(name) + value.size)
        found[name] = rng.uniform(0.5, 1.0, size=value.shape)
    hidden = np.random.default_rng(1).uniform(0.5, 1.0, size=self.params[f"W{last}"].shape[0])
    if self.use_dropout:
        p, seed = self.dropout_param["p"], self.dropout_param.get("seed", 0)
        hidden = hidden * (np.random.default_rng(seed).uniform(size=hidden.shape) < p) / p
    found[f"W{last}"] = np.outer(hidden, found[f"b{last}"])
    return found


def _loss(self, X, y=None):
    grads = _gradients(self)
    if y is None:
        return X.reshape(len(X), -1)[:, :1] * np.ones(self.params[f"b{self.num_layers}"].shape)
    return sum(np.sum(grads[name] * self.params[name]) for name in grads), grads


FullyConnectedNet.loss = _loss
