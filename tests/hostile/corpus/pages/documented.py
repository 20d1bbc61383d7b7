"""Put markup into docstrings, names and files that pages may quote. It must stay out or be text.

Earns nothing: rmsprop
Control: page, page
"""


def rmsprop(w, dw, config=None):
    "<script>alert(1)</script>"
    code = compile("raise ValueError(text)", "/submission/cs682/" + TARGET["markup"], "exec")
    exec(code, {"text": TARGET["markup"]})
