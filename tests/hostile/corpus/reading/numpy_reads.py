"""Let numpy read the key: its C code opens files itself. It must get nothing.

Earns nothing: rmsprop
Control: process, secret
"""


def rmsprop(w, dw, config=None):
    print(np.fromfile(TARGET["file"], np.uint8).tobytes())
    return w, config
