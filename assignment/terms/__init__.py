"""What right outputs are made of, term by term: how the grader says which term is off.

No student gets these files. `grader build` evaluates them on the public examples.
"""

from . import layers, networks, normalization, rules

TERMS = (*layers.TERMS, *normalization.TERMS, *rules.TERMS, *networks.TERMS)

__all__ = ["TERMS"]
