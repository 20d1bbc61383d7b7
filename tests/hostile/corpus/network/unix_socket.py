"""Send the question to a socket in the file system.

Earns nothing: rmsprop
Control: process, network
"""

import _socket


def rmsprop(w, dw, config=None):
    out = _socket.socket(_socket.AF_UNIX, _socket.SOCK_DGRAM)
    out.sendto(w.tobytes(), TARGET["unix"])
    return w, config
