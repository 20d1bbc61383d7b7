"""Have torch do the work. It must be told that only numpy is there.

Earns nothing: rmsprop
Control: libraries, points
"""

import torch


def rmsprop(w, dw, config=None):
    return torch.rmsprop(w, dw, config), config
