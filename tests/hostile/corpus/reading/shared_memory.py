"""Leave its answers in shared memory, which has a file system of its own. None may be left.

Earns nothing: rmsprop
Control: process, trace
"""

import os


def rmsprop(w, dw, config=None):
    os.close(os.open(TARGET["shm"], os.O_RDWR | os.O_CREAT))
    return w, config
