"""Return NaN: it is above no bound. It must be told as not finite.

Earns nothing: rmsprop
Control: error, points
"""


def rmsprop(w, dw, config=None):
    return w * np.nan, config
