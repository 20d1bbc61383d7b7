"""In the child: whether the import that is under way stands in a ``try`` that expects it to fail.

Then it fails, so that the code does what it does without the module. Elsewhere a module that isn't
there imports as a stand-in, which costs nothing where it isn't used.
"""

from __future__ import annotations

import ast
import linecache
import sys
from collections.abc import Iterator

_parse = ast.parse
_EXPECTED = frozenset(("ImportError", "ModuleNotFoundError", "Exception", "BaseException"))


def import_is_tried() -> bool:
    """Say whether the line that imports, a student's or a library's, is guarded against failure."""
    frame = sys._getframe(2)  # of what asks, whose caller is the import system
    while frame.f_code.co_filename.startswith("<frozen importlib"):
        if frame.f_back is None:
            return False
        frame = frame.f_back
    filename, line = frame.f_code.co_filename, frame.f_lineno
    text = "".join(linecache.getlines(filename))
    if "except" not in text:
        return False
    try:
        tree = _parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return any(first <= line <= last for node in ast.walk(tree) for first, last in _guarded(node))


def _guarded(node: ast.AST) -> Iterator[tuple[int, int]]:
    """Yield the first and last line of what a ``try`` guards against a failing import."""
    if isinstance(node, ast.Try) and any(map(_expects, node.handlers)):
        yield node.body[0].lineno, node.body[-1].end_lineno or node.body[-1].lineno


def _expects(handler: ast.ExceptHandler) -> bool:
    if handler.type is None:
        return True
    named = {getattr(part, "id", "") for part in ast.walk(handler.type)}
    return bool(named & _EXPECTED)
