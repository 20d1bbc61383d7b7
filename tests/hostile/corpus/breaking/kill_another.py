"""Kill a process of the same user. It must be refused.

Earns nothing: rmsprop
Control: process, bystander
"""

import os
import signal


def rmsprop(w, dw, config=None):
    os.kill(TARGET["bystander"], signal.SIGKILL)
    return w, config
