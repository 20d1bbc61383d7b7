"""Fingerprints of code and of words, by winnowing.

S. Schleimer, D. S. Wilkerson, A. Aiken: Winnowing: local algorithms for document fingerprinting.
SIGMOD 2003. Of each window of :data:`WINDOW` runs of :data:`RUN` tokens, the run with the least
hash is kept; so two texts that share ``RUN + WINDOW - 1`` tokens in a row share a fingerprint,
wherever they stand.
"""

from __future__ import annotations

import builtins
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from grader.sandbox import FunctionTokens

#: Tokens of a fingerprint of code, and runs in a window.
RUN, WINDOW = 12, 4
#: Words of a fingerprint of an answer; each run of them counts.
WORDS = 5

#: Signs that another layout of the same code adds or takes away.
_LAYOUT = frozenset("(),:")
#: Names of arguments that say what numpy does.
_ARGUMENTS = frozenset(("axis", "keepdims", "dtype"))


@dataclass(frozen=True)
class Print:
    """A fingerprint: its hash, and the tokens that it is of, ``first`` up to ``last`` inclusive."""

    hash: int
    first: int
    last: int


@cache
def _kept() -> frozenset[str]:
    """Return the attributes whose names stay: those of numpy."""
    places = (np, np.ndarray, np.linalg, np.random)
    return frozenset(name for place in places for name in dir(place))


@cache
def _builtin() -> frozenset[str]:
    return frozenset(dir(builtins)) | _ARGUMENTS


def folded(tokens: FunctionTokens) -> list[tuple[str, int]]:
    """Return the tokens of a function with names folded, each with its line.

    A student's own name is a sign for all such names. Names of numpy's attributes and of Python's
    builtins stay, since they say what is computed; so do numbers, by their value. Brackets, commas
    and colons are left out.
    """
    made: list[tuple[str, int]] = []
    for kind, text, line in zip(tokens.kinds, tokens.texts, tokens.lines, strict=True):
        if kind == "o" and text in _LAYOUT:
            continue
        sign = _sign(kind, text)
        if sign != "\n" or (made and made[-1][0] != "\n"):
            made.append((sign, line))
    return made


def _sign(kind: str, text: str) -> str:
    if kind == "n":
        return text if text in _builtin() else "N"
    if kind == "a":
        return text if text in _kept() else "A"
    if kind == "s":
        return "S"
    if kind == "l" or text == ";":
        return "\n"
    return _value(text) if kind == "d" else text


@cache
def _value(text: str) -> str:
    try:
        return repr(float(text.replace("_", "")))
    except ValueError:
        return text


def runs(tokens: Sequence[str], length: int = RUN) -> list[int]:
    """Return the hash of each run of *length* tokens."""
    return [_hash(tuple(tokens[i : i + length])) for i in range(len(tokens) - length + 1)]


@cache
def _hash(run: tuple[str, ...]) -> int:
    digest = hashlib.blake2b("\0".join(run).encode("utf-8", "replace"), digest_size=7).digest()
    return int.from_bytes(digest, "big")


def winnowed(
    hashes: Sequence[int], without: frozenset[int] | set[int], window: int = WINDOW
) -> Iterator[int]:
    """Yield the places of the hashes that are kept: of each window the least, of equals the last.

    Those in *without* aren't a student's own, and count as if they weren't there.
    """
    last = -1
    for begin in range(max(1, len(hashes) - window + 1)):
        best = -1
        for i in range(begin, min(begin + window, len(hashes))):
            if hashes[i] not in without and (best < 0 or hashes[i] <= hashes[best]):
                best = i
        if best > last:
            last = best
            yield best


def of_code(tokens: Sequence[str], without: frozenset[int] | set[int]) -> list[Print]:
    """Return the fingerprints of folded code; runs in *without* aren't the student's own."""
    hashes = runs(tokens)
    return [Print(hashes[i], i, i + RUN - 1) for i in winnowed(hashes, without)]


def of_words(words: Sequence[str], without: frozenset[int] | set[int]) -> list[Print]:
    """Return the fingerprints of an answer: all its runs of words but those in *without*."""
    return [
        Print(hash, i, i + WORDS - 1)
        for i, hash in enumerate(runs(words, WORDS))
        if hash not in without
    ]


def words(text: str) -> list[tuple[str, int, int]]:
    """Return the words of a text without capitals and signs, and where each begins and ends."""
    found, begin = [], -1
    for i, letter in enumerate(text + " "):
        if letter.isalnum():
            begin = i if begin < 0 else begin
        elif begin >= 0:
            found.append((text[begin:i].casefold(), begin, i))
            begin = -1
    return found
