"""Never finish loading. Its file's questions are lost, no other.

Earns nothing: sgd-momentum, rmsprop, adam
Control: allclose, hurt
"""

import builtins

builtins.print("ASKING")
while True:
    pass
