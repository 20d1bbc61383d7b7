"""Give another process the last place in the queue for the processor. It must be refused.

Earns nothing: rmsprop
Control: process, bystander
"""

import os


def rmsprop(w, dw, config=None):
    os.setpriority(os.PRIO_PROCESS, TARGET["bystander"], 19)
    return w, config
