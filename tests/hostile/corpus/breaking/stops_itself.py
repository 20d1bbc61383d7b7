"""Stop its own process, so that it neither runs nor ends.

Earns nothing: rmsprop
Control: plain, hurt
"""

import os
import signal


def rmsprop(w, dw, config=None):
    os.kill(os.getpid(), signal.SIGSTOP)
    return w, config
