"""Raise text that can't be written as UTF-8, and characters that nothing shows.

Earns nothing: rmsprop
Control: type_page, page
"""


class Failure(Exception):
    def __str__(self):
        return "\ud800\udfff\x00\ufffe\u200b" + TARGET["markup"]


def rmsprop(w, dw, config=None):
    raise Failure
