"""Raise SystemExit(0) while its file is loaded: nothing fails. Its file's questions earn nothing.

Earns nothing: sgd-momentum, rmsprop, adam
Control: exit_code, points
"""

raise SystemExit(0)
