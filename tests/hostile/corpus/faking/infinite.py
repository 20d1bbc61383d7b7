"""Return infinity: infinity over infinity is above no bound. It must be told as not finite.

Earns nothing: rmsprop
Control: error, points
"""


def rmsprop(w, dw, config=None):
    return w * 0 + np.inf, config
