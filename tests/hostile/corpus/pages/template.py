"""Write an expression of the templates' own language. It must stay text.

Earns nothing: rmsprop
Control: page, page
"""


def rmsprop(w, dw, config=None):
    raise KeyError("{{ config.__class__ }}{% raise %}" + TARGET["markup"] + "{call}{0.__class__}")
