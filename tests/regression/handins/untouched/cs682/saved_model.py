"""A trained network from its file, as the notebook's last cell writes it."""

import io

import numpy as np

from .classifiers.fc_net import FullyConnectedNet


def load_model(file):
    """Return the FullyConnectedNet whose arrays a file holds: its path, or its bytes.

    The sizes of the layers are those of the weights W1, W2, ...; with arrays gamma1, ... the
    network has batch normalization where running_mean1, ... are there as well, else layer
    normalization. Raises ValueError for a file that holds no network.
    """
    readable = file if hasattr(file, "__fspath__") or isinstance(file, str) else _opened(file)
    with np.load(readable, allow_pickle=False) as stored:
        arrays = {name: stored[name] for name in stored.files}
    weights = [arrays[f"W{n}"] for n in range(1, 1 + sum(name[0] == "W" for name in arrays))]
    if not weights or any(weight.ndim != 2 for weight in weights):
        raise ValueError("the file holds no weights W1, W2, ... of a network")
    normalization = None
    if "gamma1" in arrays:
        normalization = "batchnorm" if "running_mean1" in arrays else "layernorm"
    model = FullyConnectedNet(
        [weight.shape[1] for weight in weights[:-1]],
        input_dim=weights[0].shape[0],
        num_classes=weights[-1].shape[1],
        normalization=normalization,
        dtype=weights[0].dtype.type,
    )
    for name in model.params:
        model.params[name] = arrays[name]
    for number, bn_param in enumerate(getattr(model, "bn_params", []), start=1):
        for name in ("running_mean", "running_var"):
            if f"{name}{number}" in arrays:
                bn_param[name] = arrays[f"{name}{number}"]
    return model


def _opened(raw):
    return io.BytesIO(bytes(raw))
