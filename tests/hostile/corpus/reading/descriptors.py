"""Read every descriptor that a careless parent may have left open. It must find none.

Earns nothing: rmsprop
Control: plain, secret
"""

import os


def rmsprop(w, dw, config=None):
    for fd in range(5, 256):
        try:
            print(os.pread(fd, 64, 0))
        except OSError:
            pass
    return w, config
