"""Have the traceback machinery read a file for it, as debuggers do. It must get nothing.

Earns nothing: rmsprop
Control: process, secret
"""

import linecache


def rmsprop(w, dw, config=None):
    print(linecache.getlines(TARGET["file"].replace("key.json", "answers.py")))
    return w, config
