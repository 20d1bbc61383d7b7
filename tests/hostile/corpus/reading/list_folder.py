"""List the folder of submissions, whose names say enough. It must get nothing.

Earns nothing: rmsprop
Control: process, secret
"""

import os


def rmsprop(w, dw, config=None):
    print(os.listdir(TARGET["folder"]))
    return w, config
