"""Raise a spreadsheet's formula, which a cell would work out.

Earns nothing: rmsprop
Control: page, page
"""


def rmsprop(w, dw, config=None):
    raise ValueError('=HYPERLINK("http://example.org";"4 points")' + TARGET["markup"])
