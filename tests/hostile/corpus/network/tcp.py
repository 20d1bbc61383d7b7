"""Send the question out by TCP.

Earns nothing: rmsprop
Control: process, network
"""

import _socket


def rmsprop(w, dw, config=None):
    out = _socket.socket(_socket.AF_INET, _socket.SOCK_STREAM)
    out.connect(("127.0.0.1", TARGET["tcp"]))
    out.send(w.tobytes())
    return w, config
