"""Map the key into memory in place of reading it. It must get nothing.

Earns nothing: rmsprop
Control: process, secret
"""

import os


def rmsprop(w, dw, config=None):
    import mmap

    print(mmap.mmap(os.open(TARGET["file"], os.O_RDONLY), 0, prot=mmap.PROT_READ)[:])
    return w, config
