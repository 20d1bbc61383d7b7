"""In the child: how often a function calls the others of a program, as its module names them.

A numeric derivative in place of a backward pass calls its forward pass for every element; a
derivative that is worked out has no use for it. The functions are wrapped for one call only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from grader.model.notes import Calls
from grader.sandbox.guest.scope import Foreign

#: A call or three say nothing: a function may use another one. The example that is watched can be
#: as small as two elements, which are four calls to a central difference.
TELLING = 3


@contextmanager
def counted(
    function: object, others: Mapping[str, object], target: str, notes: list[str]
) -> Iterator[None]:
    """Count the calls of *others*, by name, while the block runs *function*.

    A note is added for each that was called more than
    :data:`TELLING` times. What isn't a plain function of a module is left alone.
    """
    names = getattr(function, "__globals__", None)
    if not isinstance(names, dict):
        yield
        return
    counts: dict[str, int] = {}
    wrapped = {
        name: other
        for name, other in others.items()
        if names.get(name) is other and other is not function
    }
    for name, other in wrapped.items():
        counts[name] = 0
        names[name] = _counting(name, other, counts)
    try:
        yield
    finally:
        names.update(wrapped)
        notes += [
            str(Calls(target.rpartition(":")[2], name, count))
            for name, count in counts.items()
            if count > TELLING
        ]


def _counting(name: str, function: Foreign, counts: dict[str, int]) -> Callable[..., object]:
    def counter(*args: object, **kwargs: object) -> object:
        counts[name] += 1
        return function(*args, **kwargs)

    return counter
