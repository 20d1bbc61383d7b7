"""Names that stand for submissions where a class reads them: drawn, not derived.

What is derived from a name can be computed by whoever guesses how; what is drawn is known to the
gradebook alone, and to those whom a page tells their own.
"""

from __future__ import annotations

import secrets

COLOURS = (
    "amber azure blue bronze cobalt copper coral crimson cyan emerald golden green indigo ivory "
    "jade lilac lime maroon mauve mint navy ochre olive opal orange pearl plum purple quartz "
    "rose ruby rust saffron sapphire scarlet silver slate teal topaz turquoise violet"
)
#: None that anyone would mind to be called.
ANIMALS = (
    "badger beaver bison crane cricket deer dolphin dove eagle elk falcon finch fox gecko hare "
    "hawk hedgehog heron horse ibex ibis jaguar jay kestrel koala lark lemur leopard lion lynx "
    "magpie marten moose newt osprey otter owl panda panther pelican puffin quail raven robin "
    "seal sparrow squirrel stork swan swift tiger turtle wolf wren"
)


def draw() -> str:
    """Return a pseudonym, one of nearly 200,000, by the system's own randomness."""
    number = secrets.randbelow(90) + 10
    return f"{secrets.choice(COLOURS.split())} {secrets.choice(ANIMALS.split())} {number}"
