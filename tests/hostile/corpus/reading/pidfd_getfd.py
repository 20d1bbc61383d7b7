"""Copy one of the grader's open descriptors by pidfd_getfd. It must get nothing.

Earns nothing: rmsprop
Control: process, secret
"""

import os


def rmsprop(w, dw, config=None):
    libc = ctypes_anyway().CDLL(None)
    theirs = libc.syscall(434, TARGET["grader"], 0)
    print(os.pread(libc.syscall(438, theirs, TARGET["descriptor"], 0), 64, 0))
    return w, config
