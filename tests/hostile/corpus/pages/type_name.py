"""Return an object whose type is named by markup. It must stand on pages as text.

Earns nothing: rmsprop
Control: page, page
"""


def rmsprop(w, dw, config=None):
    return type(TARGET["markup"], (), {})(), config
