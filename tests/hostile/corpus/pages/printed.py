"""Print markup, which pages may quote. It must stand on them as text.

Earns nothing: rmsprop
Control: page, page
"""

print(TARGET["markup"])


def rmsprop(w, dw, config=None):
    print(TARGET["markup"], "{{ 7 * 7 }}")
    return w, config
