"""Raise what ends a program: SystemExit, then KeyboardInterrupt, then GeneratorExit.

Earns nothing: rmsprop
Control: plain, hurt
"""

kinds = [KeyboardInterrupt, SystemExit, GeneratorExit]


def rmsprop(w, dw, config=None):
    kinds.append(kinds.pop(0))
    raise kinds[-1]("end")
