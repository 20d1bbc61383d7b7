"""Return lists of lists, more than can be walked, in the place of an array.

Earns nothing: rmsprop
Control: plain, hurt
"""


def rmsprop(w, dw, config=None):
    tree = []
    for _ in range(10**5):
        tree = [tree, tree]
    return tree, config
