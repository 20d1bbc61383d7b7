"""Has code taken apart into tokens, in a confined process; what comes is checked piece by piece.

Only printable ASCII crosses: a name or a text of another kind comes as a hash of it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from grader.sandbox.piecewise import PieceBounds, Pieces, Reason
from grader.sandbox.process import Child
from grader.sandbox.protocol import frames

#: Characters of a text that is read, and of all texts of a hand-in.
MAX_CODE, MAX_ALL_CODE = 200_000, 1_000_000
#: How many functions, tokens, different texts of tokens, and characters of one are taken.
MAX_FUNCTIONS, MAX_TOKENS, MAX_TEXTS, MAX_LENGTH = 1_000, 60_000, 20_000, 60
#: CPU seconds and bytes of answers, of a text and of all.
BOUNDS = PieceBounds(2.0, 10.0, 1 << 20, 16 << 20)

#: What tokens are, a letter each: name, attribute, keyword, digits, string, operator, end of a
#: line.
TOKEN_KINDS = "nakdsol"

_PRINTABLE = re.compile(f"[ -~]{{0,{MAX_LENGTH}}}")
_LETTERS = re.compile(f"[{TOKEN_KINDS}]*")


@dataclass(frozen=True)
class FunctionTokens:
    """The tokens of a function; of what stands outside of functions where ``name`` is empty.

    ``name`` is dotted for a method. ``first`` and ``last`` are its lines from 1, ``kinds`` letters
    of :data:`TOKEN_KINDS`, one for each of ``texts`` and ``lines``. With ``syntax`` it is no
    Python, and there are no tokens.
    """

    name: str
    first: int
    last: int
    kinds: str = ""
    texts: tuple[str, ...] = ()
    lines: tuple[int, ...] = ()
    syntax: bool = False


@dataclass(frozen=True)
class ReadCode:
    """What became of a text: its functions, or the reason for having none."""

    functions: tuple[FunctionTokens, ...] = ()
    reason: Reason = ""


class Lied(ValueError):
    """A child's answer breaks a rule of its form."""


def read_code(start: Callable[[], Child], sources: Sequence[str]) -> list[ReadCode]:
    """Return what became of each text, in processes that *start* starts. Never raises for one."""

    def ask(todo: Sequence[int]) -> bytes:
        request = json.dumps([sources[index] for index in todo])
        return frames.frame(frames.TOKENIZE, request.encode("ascii"))

    todo, left = [], MAX_ALL_CODE
    for index, source in enumerate(sources):
        left -= len(source) if len(source) <= MAX_CODE else 0
        if len(source) <= MAX_CODE and left >= 0:
            todo.append(index)
    found = Pieces(start, BOUNDS, ask, frames.TOKENS).answers(todo)
    return [_read(found.get(index, "large"), source) for index, source in enumerate(sources)]


def _read(found: bytes | Reason, source: str) -> ReadCode:
    if not isinstance(found, bytes):
        return ReadCode(reason=found)
    try:
        return ReadCode(parsed(found, source.count("\n") + source.count("\r") + 2))
    except Lied:
        return ReadCode(reason="died")


def parsed(answer: bytes, lines: int) -> tuple[FunctionTokens, ...]:
    """Return the functions that a child tells of a text of *lines* lines. Raises :class:`Lied`."""
    try:
        document = json.loads(answer, parse_int=_number, parse_float=_number)
    except (ValueError, RecursionError):
        raise Lied("it is no JSON") from None
    if not isinstance(document, dict) or document.keys() != {"texts", "functions"}:
        raise Lied("its form")
    texts, listed = document["texts"], document["functions"]
    if not isinstance(texts, list) or len(texts) > MAX_TEXTS or not all(map(_printable, texts)):
        raise Lied("its texts")
    if not isinstance(listed, list) or len(listed) > MAX_FUNCTIONS:
        raise Lied("its functions")
    found = tuple(_function(entry, texts, lines) for entry in listed)
    if sum(len(one.kinds) for one in found) > MAX_TOKENS:
        raise Lied("more tokens than are taken")
    return found


def _number(digits: str) -> int:
    if not digits.isdigit() or len(digits) > 9:
        raise ValueError(digits[:20])
    return int(digits)


def _printable(text: object) -> bool:
    return isinstance(text, str) and _PRINTABLE.fullmatch(text) is not None


def _function(entry: object, texts: Sequence[str], lines: int) -> FunctionTokens:
    if not isinstance(entry, list) or len(entry) != 7:
        raise Lied("a function's form")
    name, first, last, syntax, kinds, places, at = entry
    if not (_printable(name) and isinstance(kinds, str) and _LETTERS.fullmatch(kinds)):
        raise Lied("a function's name or kinds")
    if type(syntax) is not bool or not _within([first, last], 0, lines) or first > last:
        raise Lied("a function's lines")
    if not isinstance(places, list) or not isinstance(at, list):
        raise Lied("a function's tokens")
    if not len(kinds) == len(places) == len(at):
        raise Lied("a function's number of tokens")
    if not _within(places, 0, len(texts) - 1) or not _within(at, first, last):
        raise Lied("a token's text or line")
    if any(one > other for one, other in pairwise(at)):
        raise Lied("lines out of order")
    told = tuple(texts[place] for place in places)
    return FunctionTokens(name, first, last, kinds, told, tuple(at), syntax)


def _within(numbers: Sequence[object], least: int, most: int) -> bool:
    return all(type(one) is int and least <= one <= most for one in numbers)
