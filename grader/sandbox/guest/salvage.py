"""In the child: a text that doesn't compile, without the parts that don't.

The text is cut where its lines stand at the left margin. Each part that compiles by itself stays;
a function, a method or a statement that doesn't is taken out, and the lines of the others keep
their numbers. A line that can't stand where it is, with what is indented below it, belongs to the
function above it: that one is what it breaks.
"""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Iterator, Sequence
from types import CodeType
from typing import NamedTuple

_compile = compile

#: The name by which a salvaged class finds what stands for its lost methods.
METHODS = "__lost__"
#: How many parts are tried together where a bracket or a text goes on, and how often at all.
_FURTHER, _MOST_TRIES = 60, 3000
_INCOMPLETE = ("was never closed", "unterminated triple-quoted", "unexpected EOF")
_NAMED = re.compile(r"\s*(?:async\s+)?(?:def|class)\s+(\w+)")
_ASSIGNED = re.compile(r"\s*([A-Za-z_]\w*)\s*(?::[^=]*)?=[^=]")
_OPENS = re.compile(r"\s*(?:async|def|class|if|for|while|with|try|match)\b")
_CONTINUES = re.compile(r"\s*(?:elif|else|except|finally)\b|\s*[)\]}]")
#: What can only stand in a function.
_INSIDE = re.compile(r"\s*(?:return|yield|break|continue)\b")


class Gap(NamedTuple):
    """A part that doesn't compile: the name that it should define, if any, and what is wrong."""

    name: str
    error: SyntaxError


class Salvaged(NamedTuple):
    """Code without the *gaps*; in place of a method among them its class has ``__lost__[i]``."""

    text: str
    code: CodeType
    gaps: Sequence[Gap]
    methods: Sequence[Gap]


def decoded(source: bytes) -> str:
    """Return a file's text as Python reads it; what is no text of its encoding is marked so."""
    try:
        return importlib.util.decode_source(source)
    except (SyntaxError, UnicodeDecodeError):
        text = source.decode("utf-8-sig", "replace")
        return text.replace("\r\n", "\n").replace("\r", "\n")


def salvage(source: bytes, filename: str) -> Salvaged:
    """Return the code of *source* without what doesn't compile in it.

    Raises :class:`SyntaxError` where it can't be told which part that is.
    """
    lines = decoded(source).split("\n")
    work = _Work(filename)
    work.through(lines, 0, len(lines), 0)
    text = "\n".join(lines)
    code = _compile(text, filename, "exec", dont_inherit=True)
    return Salvaged(text, code, work.gaps, work.methods)


class _Part(NamedTuple):
    """Lines from *first* up to *last*; with an *error*, they don't compile."""

    first: int
    last: int
    error: SyntaxError | None


class _Work:
    """Takes what doesn't compile out of lines, and remembers it."""

    def __init__(self, filename: str) -> None:
        self._filename, self._tries = filename, 0
        self.gaps: list[Gap] = []
        self.methods: list[Gap] = []

    def through(self, lines: list[str], first: int, last: int, indent: int) -> None:
        """Blank what doesn't compile among *lines* from *first* to *last*; below a class, stub."""
        for part in self._parts(lines, first, last, indent):
            if part.error is None:
                continue
            head = _head(lines, part)
            if lines[head].lstrip().startswith("class ") and not indent:
                body = _body(lines, head + 1, part.last)
                if body and self._error(lines, head, head + 1, "\n pass") is None:
                    self.through(lines, head + 1, part.last, body)
                    if self._error(lines, part.first, part.last) is None:
                        continue
            named = _NAMED.match(lines[head]) or _ASSIGNED.match(lines[head])
            error = self._merge_mark(lines, part) or part.error
            gap = Gap(named[1] if named else "", error)
            stub = ""
            if indent:
                stub = " " * indent + "pass"
                if named:
                    stub = f"{' ' * indent}{gap.name} = {METHODS}[{len(self.methods)}]"
                    self.methods.append(gap)
            else:
                self.gaps.append(gap)
            lines[part.first : part.last] = [stub, *[""] * (part.last - part.first - 1)]

    def _merge_mark(self, lines: Sequence[str], part: _Part) -> SyntaxError | None:
        """Return what is wrong where a merge has left its marks, which is what to mend first."""
        for i in range(part.first, part.last):
            if lines[i].startswith(("<<<<<<< ", ">>>>>>> ")):
                said = "a mark that a merge has left"
                return SyntaxError(said, (self._filename, i + 1, None, lines[i]))
        return None

    def _parts(self, lines: list[str], first: int, last: int, indent: int) -> list[_Part]:
        starts = list(_starts(lines, first, last, indent))
        ends = [*starts[1:], last]
        parts: list[_Part] = []
        i = 0
        while i < len(starts):
            error = self._error(lines, starts[i], ends[i], indent=indent)
            j = i + 1
            if error is not None and any(said in str(error.msg) for said in _INCOMPLETE):
                for k in range(i + 1, min(i + _FURTHER, len(starts))):
                    if self._error(lines, starts[i], ends[k], indent=indent) is None:
                        error, j = None, k + 1
                        break
            part = _Part(starts[i], ends[j - 1], error)
            above = parts[-1] if parts else None
            broken = error is not None and _breaks_what_is_above(lines, part, indent)
            if broken and above and _NAMED.match(lines[_head(lines, above)]):
                parts.pop()
                part = _Part(above.first, part.last, above.error or error)
            parts.append(part)
            i = j
        return parts

    def _error(
        self, lines: list[str], first: int, last: int, more: str = "", indent: int = 0
    ) -> SyntaxError | None:
        """Return why some lines don't compile, with the line's number in the file."""
        self._tries += 1
        if self._tries > _MOST_TRIES:
            raise SyntaxError("too much of it doesn't compile")
        text = "\n".join(lines[first:last]) + more
        before = "\n" * (first - 1) + "class _:\n" if indent else "\n" * first
        if indent and _width(lines[first]) != indent:
            said = "unindent does not match any outer indentation level"
            return IndentationError(said, (self._filename, first + 1, None, None))
        try:
            _compile(before + text, self._filename, "exec", dont_inherit=True)
        except SyntaxError as error:
            return error
        except (ValueError, RecursionError, MemoryError, OverflowError) as error:
            return SyntaxError(str(error), (self._filename, first + 1, None, None))
        return None


def _starts(lines: Sequence[str], first: int, last: int, indent: int) -> Iterator[int]:
    """Yield the lines at which a part begins: those that are indented by *indent* or less."""
    decorated = False
    for i in range(first, last):
        text = lines[i].lstrip()
        if not text or text.startswith("#") or _width(lines[i]) > indent:
            continue
        if not decorated and not (_CONTINUES.match(lines[i]) and i > first):
            yield i
        decorated = text.startswith("@")


def _head(lines: Sequence[str], part: _Part) -> int:
    """Return the line that names a part: the first one that is no decorator."""
    return next(
        (i for i in range(part.first, part.last) if not lines[i].lstrip().startswith("@")),
        part.first,
    )


def _body(lines: Sequence[str], first: int, last: int) -> int:
    """Return by how much the body of a class is indented; 0 where it has none."""
    return next((_width(lines[i]) for i in range(first, last) if lines[i].strip()), 0)


def _breaks_what_is_above(lines: Sequence[str], part: _Part, indent: int) -> bool:
    """Say whether a broken part is a piece of the one above it."""
    head = lines[part.first]
    if _width(head) != indent:
        return True
    if _OPENS.match(head) or head.lstrip().startswith("@"):
        return False
    below = any(
        lines[i].strip() and _width(lines[i]) > _width(head)
        for i in range(part.first + 1, part.last)
    )
    return below or bool(_INSIDE.match(head))


def _width(line: str) -> int:
    """Return by how many columns a line is indented."""
    expanded = line.expandtabs(8)
    return len(expanded) - len(expanded.lstrip())
