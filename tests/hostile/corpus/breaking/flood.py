"""Print without end. What is kept of it has a bound, and right code beside it is right.

Earns nothing: rmsprop
Control: plain, flood
"""

import os


def rmsprop(w, dw, config=None):
    for _ in range(200):
        print("x" * 10**5)
    for _ in range(200):
        try:
            os.write(1, b"y" * 10**5)
        except OSError:
            break
    return w, config
