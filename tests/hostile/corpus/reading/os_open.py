"""Read the key by bare system calls, from the folder's own descriptor. It must get nothing.

Earns nothing: rmsprop
Control: process, secret
"""

import os


def rmsprop(w, dw, config=None):
    folder = os.open(TARGET["folder"], os.O_RDONLY | os.O_DIRECTORY)
    print(os.read(os.open("key.json", os.O_RDONLY, dir_fd=folder), 1000))
    return w, config
