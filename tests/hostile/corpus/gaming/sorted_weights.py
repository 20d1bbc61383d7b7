"""First weights that are a ramp: the right mean and spread, all different, and not drawn.

Earns nothing: two-layer-net.initial
Control: initial, points
"""
# file: classifiers/fc_net.py

drawn = TwoLayerNet.__init__


def ramp(self, *args, **kwargs):
    drawn(self, *args, **kwargs)
    scale = kwargs.get("weight_scale", args[3] if len(args) > 3 else 1e-3)
    for name in ("W1", "W2"):
        shape = self.params[name].shape
        self.params[name] = (
            scale * np.sqrt(3) * np.linspace(-1, 1, shape[0] * shape[1]).reshape(shape)
        )


TwoLayerNet.__init__ = ramp
