"""Raise an exception whose text is markup. It must stand on pages as text.

Earns nothing: rmsprop
Control: page, page
"""


def rmsprop(w, dw, config=None):
    raise ValueError("</td></table>" + TARGET["markup"] + "<img src=x onerror=alert(1)>")
