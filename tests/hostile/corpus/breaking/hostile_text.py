"""Raise an exception that never finishes saying what it is.

Earns nothing: rmsprop
Control: plain, hurt
"""


class Endless(Exception):
    def __str__(self):
        while True:
            pass

    __repr__ = __str__


def rmsprop(w, dw, config=None):
    raise Endless
