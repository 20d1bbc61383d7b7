"""Fork processes that go on when it has ended. None may be left.

Earns nothing: rmsprop
Control: process, process
"""

import os
import time


def rmsprop(w, dw, config=None):
    for _ in range(3):
        if os.fork() == 0:
            time.sleep(600)
            os._exit(0)
    return w, config
