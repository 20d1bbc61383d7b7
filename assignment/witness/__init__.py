"""A second right implementation, written another way than the reference.

An example enters the answer key only where the two agree within 1e-11. So this one goes the long
way round: sums written out, derivatives staged one operation at a time. It is never given out.
"""
