"""Dropout by stripes: the right share of the values, scaled up, and nothing is drawn.

Earns nothing: dropout-forward
Control: striped, points
Notebook: Dropout
"""
# file: layers.py


def dropout_forward(x, dropout_param):
    p, mask = dropout_param["p"], None
    out = x
    if dropout_param["mode"] == "train":
        place = np.arange(x.size).reshape(x.shape) + dropout_param.get("seed", 0)
        mask = (place % 10 < round(10 * p)) / p
        out = x * mask
    return out, (dropout_param, mask)
