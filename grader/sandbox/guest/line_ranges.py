"""In the child: where the functions of a module stand in its file, as line numbers.

Read off the code objects. Numbers alone cross the wire: the lines themselves are in the text
that was handed in, and a child can't put anything else in their place.
"""

from __future__ import annotations

import types
from collections.abc import Iterator, Mapping

_MOST = 200


def line_ranges(namespace: Mapping[str, object]) -> dict[str, list[int]]:
    """Return, by name, the first line, the first line of code and the last line of each function.

    Those of *namespace*'s own file: what it imports, and what the course put there, stands
    elsewhere. A method's name is ``"Class.method"``.
    """
    file = namespace.get("__file__")
    found: dict[str, list[int]] = {}
    for name, value in [*namespace.items()][:_MOST]:
        for inner, code in _codes(name, value):
            if code.co_filename == file and len(found) < _MOST:
                found[inner] = _line_range(code)
    return found


def _codes(name: str, value: object) -> Iterator[tuple[str, types.CodeType]]:
    if isinstance(value, type):
        for method, function in vars(value).items():
            if isinstance(function, types.FunctionType):
                yield f"{name}.{method}", function.__code__
    elif isinstance(value, types.FunctionType):
        yield name, value.__code__


def _line_range(code: types.CodeType) -> list[int]:
    first = code.co_firstlineno
    # A docstring is no code. The lines of a signature are its defaults' and none of the body's.
    begins = [line for _, _, line in code.co_lines() if line is not None and line > first]
    return [first, min(begins, default=first), max(_last(code), first)]


def _last(code: types.CodeType) -> int:
    inner = [_last(const) for const in code.co_consts if isinstance(const, types.CodeType)]
    ends = [end for _, end, _, _ in code.co_positions() if end is not None]
    return max([*inner, *ends], default=0)
