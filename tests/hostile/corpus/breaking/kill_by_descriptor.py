"""Kill a process of the same user through a pidfd. It must be refused.

Earns nothing: rmsprop
Control: process, bystander
"""

import os
import signal


def rmsprop(w, dw, config=None):
    signal.pidfd_send_signal(os.pidfd_open(TARGET["bystander"]), signal.SIGKILL)
    return w, config
