"""Take every array that the collector knows a holder of for the answer. It must find none.

Earns nothing: rmsprop
Control: plain, points
"""

import gc
import sys


def rmsprop(w, dw, config=None):
    known = {w.tobytes(), dw.tobytes(), config.get("cache", w).tobytes()}
    places = [value for value in gc.get_objects() if isinstance(value, (dict, list, tuple))]
    frame = sys._getframe(1)
    while frame is not None:
        places.append(dict(frame.f_locals))
        frame = frame.f_back
    for place in places:
        for value in place.values() if isinstance(place, dict) else place:
            if type(value) is np.ndarray and value.shape == w.shape and value.dtype == float:
                if value.tobytes() not in known and abs(value - w).max() < 0.5:
                    return value, config
    return w, config
