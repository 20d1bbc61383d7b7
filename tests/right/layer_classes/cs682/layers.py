import numpy as np


class Layer:
    """A layer keeps what its backward pass needs: the cache is the layer itself."""

    def __call__(self, *inputs):
        self.inputs = inputs
        return self.forward(*inputs), self

    @classmethod
    def pair(cls):
        def forward(*inputs):
            return cls()(*inputs)

        def backward(dout, layer):
            return layer.backward(dout)

        return forward, backward


class Affine(Layer):
    def forward(self, x, w, b):
        return x.reshape(len(x), w.shape[0]).dot(w) + b

    def backward(self, dout):
        x, w, _ = self.inputs
        return dout.dot(w.T).reshape(x.shape), x.reshape(len(x), -1).T.dot(dout), dout.sum(axis=0)


class ReLU(Layer):
    def forward(self, x):
        self.passes = np.greater(x, 0)
        return np.where(self.passes, x, 0.0)

    def backward(self, dout):
        return np.multiply(dout, self.passes)


class Norm(Layer):
    axis = 0

    def forward(self, x, gamma, beta, param):
        self.mean = x.mean(self.axis, keepdims=True)
        self.var = x.var(self.axis, keepdims=True)
        self.std = np.sqrt(self.var + param.get("eps", 1e-5))
        self.xhat = (x - self.mean) / self.std
        return gamma * self.xhat + beta

    def backward(self, dout):
        n = dout.shape[self.axis]
        d = dout * self.inputs[1]
        inner = d.sum(self.axis, keepdims=True)
        along = (d * self.xhat).sum(self.axis, keepdims=True)
        return (
            (n * d - inner - self.xhat * along) / (n * self.std),
            np.sum(dout * self.xhat, axis=0),
            np.sum(dout, axis=0),
        )


class BatchNorm(Norm):
    def forward(self, x, gamma, beta, param):
        zeros = np.zeros(x.shape[-1], dtype=x.dtype)
        mean, var = param.get("running_mean", zeros), param.get("running_var", zeros)
        if param["mode"] == "train":
            out = super().forward(x, gamma, beta, param)
            keep = param.get("momentum", 0.9)
            param["running_mean"] = keep * mean + (1 - keep) * self.mean.ravel()
            param["running_var"] = keep * var + (1 - keep) * self.var.ravel()
            return out
        elif param["mode"] == "test":
            param["running_mean"], param["running_var"] = mean, var
            return gamma * ((x - mean) / np.sqrt(var + param.get("eps", 1e-5))) + beta
        raise ValueError("no such mode")


class LayerNorm(Norm):
    axis = 1


class Dropout(Layer):
    def forward(self, x, param):
        self.factor = 1
        if "seed" in param:
            np.random.seed(param["seed"])
        if param["mode"] == "train":
            self.factor = np.random.binomial(1, param["p"], x.shape) / param["p"]
        return x * self.factor

    def backward(self, dout):
        return dout * self.factor


affine_forward, affine_backward = Affine.pair()
relu_forward, relu_backward = ReLU.pair()
batchnorm_forward, batchnorm_backward = BatchNorm.pair()
_, batchnorm_backward_alt = BatchNorm.pair()
layernorm_forward, layernorm_backward = LayerNorm.pair()
dropout_forward, dropout_backward = Dropout.pair()
