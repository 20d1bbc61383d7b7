"""Break out of an attribute and an element with quotes. They must be escaped.

Earns nothing: rmsprop
Control: page, page
"""


def rmsprop(w, dw, config=None):
    raise ValueError('" onmouseover="alert(1)" x=\'' + TARGET["markup"] + "-->]]>")
