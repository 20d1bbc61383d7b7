"""Read another process's environment out of /proc. It must get nothing.

Earns nothing: rmsprop
Control: process, secret
"""


def rmsprop(w, dw, config=None):
    print(open(f"/proc/{TARGET['bystander']}/environ").read())
    return w, config
