"""In the child: what an exception comes from, where its text shows it.

Names that numpy dropped long ago, what only Python 2 has, and an ``import *`` that gave nothing.
"""

from __future__ import annotations

import linecache
import re
from collections.abc import Iterator

from grader.model.causes import NUMPY, PYTHON2
from grader.model.programs import Failure

_NUMPY = re.compile(r"module 'numpy' has no attribute '(\w+)'")
_METHOD = re.compile(r"object has no attribute '(iteritems|itervalues|iterkeys|has_key)'")
_NAME = re.compile(r"name '(\w+)' is not defined")
#: What the message of a SyntaxError begins with, and a piece of Python 2 that gives it.
_SYNTAX = (
    ("Missing parentheses in call to 'print'", "print"),
    ("Missing parentheses in call to 'exec'", "exec"),
    ("multiple exception types must be parenthesized", "except"),
    ("leading zeros in decimal integer literals", "octal"),
)
#: Pieces of Python 2 whose message is "invalid syntax", by how they look in the line.
_LOOKS = (
    (re.compile(r"^\s*print\b\s*(?:[\"'\w%>]|$)"), "print"),
    (re.compile(r"^\s*except\s+[\w.]+\s*,\s*\w+\s*:"), "except"),
    (re.compile(r"^\s*raise\s+\w+\s*,"), "raise"),
    (re.compile(r"<>"), "<>"),
    (re.compile(r"`[^`]*`"), "backticks"),
    (re.compile(r"\bur[\"']"), "ur"),
    (re.compile(r"\b\d+L\b"), "long"),
)
#: What a float in a whole number's place is told by.
_WHOLE = ("integer", "indices")
_DIVISION = re.compile(r"[^/]/[^/=]")

#: By file: each ``import *`` that gave no names, with why.
_empty: dict[str, list[Failure]] = {}


def empty_import(filename: str, failure: Failure) -> None:
    """Remember that an ``import *`` in the file *filename* gave no names."""
    _empty.setdefault(filename, []).append(failure)


def import_behind(filename: str, name: str) -> Failure | None:
    """Return the ``import *`` in *filename* that may have been meant to give *name*."""
    return next(iter(_empty.get(filename, ())), None) if name else None


def undefined(kind: str, text: str) -> str:
    """Return the name that an exception says isn't defined, or nothing."""
    found = _NAME.search(text) if kind == "NameError" else None
    return found[1] if found else ""


def cause(kind: str, text: str, filename: str, line: int) -> str:
    """Return the cause of an exception of the class *kind* that said *text*, or nothing."""
    return next(_causes(kind, text, filename, line), "")


def _causes(kind: str, text: str, filename: str, line: int) -> Iterator[str]:
    if kind == "AttributeError":
        if (found := _NUMPY.search(text)) and found[1] in NUMPY:
            yield f"numpy.{found[1]}"
        if found := _METHOD.search(text):
            yield f"python2.{found[1]}"
    elif kind == "NameError":
        if (name := undefined(kind, text)) in PYTHON2:
            yield f"python2.{name}"
    elif kind in ("SyntaxError", "TabError", "IndentationError"):
        yield from (f"python2.{word}" for said, word in _SYNTAX if text.startswith(said))
        shown = linecache.getline(filename, line)
        yield from (f"python2.{word}" for look, word in _LOOKS if look.search(shown))
    elif kind in ("TypeError", "IndexError") and "float" in text:
        whole = any(word in text for word in _WHOLE)
        if whole and _DIVISION.search(linecache.getline(filename, line)):
            yield "python2.division"
