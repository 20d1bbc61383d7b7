"""Take the import hooks out and import the answers as a module. It must get nothing.

Earns nothing: rmsprop
Control: process, secret
"""

import sys


def rmsprop(w, dw, config=None):
    sys.meta_path[:] = [finder for finder in sys.meta_path if isinstance(finder, type)]
    sys.dont_write_bytecode = True
    sys.path.insert(0, TARGET["folder"])
    import answers

    print(answers.ANSWERS)
    return w, config
