"""Start another program that writes a file. It must not start.

Earns nothing: rmsprop
Control: process, trace
"""

import os


def rmsprop(w, dw, config=None):
    os.waitpid(os.posix_spawn("/bin/sh", ["sh", "-c", f"> {TARGET['trace']}"], {}), 0)
    return w, config
