"""Open a socket by ctypes, past every import hook.

Earns nothing: rmsprop
Control: process, network
"""


def rmsprop(w, dw, config=None):
    ctypes = ctypes_anyway()
    libc = ctypes.CDLL(None)
    out = libc.socket(2, 2, 0)
    address = (2).to_bytes(2, "little") + TARGET["udp"].to_bytes(2, "big") + bytes([127, 0, 0, 1])
    libc.sendto(out, b"question", 8, 0, address + bytes(8), 16)
    return w, config
