"""What may be told of a hidden example: nothing that a student's code could write inputs into.

A student's process has the inputs of hidden examples, and decides what it raises, where, what it
returns and what it notes. Of all that only what can be checked is kept: the stage, the name of a
built-in exception, a line of a file that was handed in, a dtype, an error's order of magnitude, and
one of a few words for where a failure comes from.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Protocol

from grader.model.causes import ABSENT, TOLD
from grader.model.evidence import CheckEvidence, ExceptionFacts, PlaceFacts, PropertyFacts
from grader.model.verdicts import Verdict

#: Different lines that are told of the hidden examples of one question.
MOST_PLACES = 2
#: Types that are named; a class of the student's own may have any name.
_TYPES = frozenset(
    [
        "an empty dict",
        *[
            "array",
            "bool",
            "bytes",
            "complex",
            "dict",
            "float",
            "int",
            "list",
            "MaskedArray",
            "matrix",
            "set",
            "str",
            "tuple",
        ],
    ]
)
#: Counted calls are told to one digit, and no more than so many.
_MOST_CALLS = 10**6


class Texts(Protocol):
    """What knows the files that were handed in: a session."""

    def text(self, path: str) -> bytes | None: ...


class Places:
    """The lines that may be told of one question: such as there are, and no more than two."""

    def __init__(self, texts: Texts) -> None:
        self._texts = texts
        self._told: set[tuple[str, int]] = set()

    def place(self, exception: ExceptionFacts) -> ExceptionFacts:
        """Return the file and line of *exception*, if they may be told."""
        file, line = exception.get("file") or "", exception.get("line") or 0
        if exception.get("cause") in ABSENT and self._counts(file, 0):
            return {"file": file}  # one that the reply's reader knows
        text = self._texts.text(file) if file and line else None
        if text is None or not 1 <= line <= text.count(b"\n") + 1:
            return {}
        if not self._counts(file, line):
            return {}
        told: ExceptionFacts = {"file": file, "line": line}
        if caller := self._caller(exception):
            told["caller"] = caller
        return told

    def _caller(self, exception: ExceptionFacts) -> PlaceFacts | None:
        """Return the caller's line of *exception*, if that may be told as well."""
        caller = exception.get("caller")
        text = self._texts.text(caller["file"]) if caller else None
        if caller is None or text is None or not 1 <= caller["line"] <= text.count(b"\n") + 1:
            return None
        return caller if self._counts(caller["file"], caller["line"]) else None

    def _counts(self, file: str, line: int) -> bool:
        """Say whether a place is one of the few that are told."""
        if (file, line) not in self._told and len(self._told) >= MOST_PLACES:
            return False
        self._told.add((file, line))
        return True


def hidden(verdict: Verdict, places: Places) -> CheckEvidence:
    """Return the evidence of a *verdict* on a hidden example, as far as it may be told."""
    given = verdict.evidence
    facts: CheckEvidence = {"example": "hidden"}
    # What the grader itself puts into a verdict's evidence.
    if "bound" in given:
        facts["bound"] = given["bound"]
    if "expected_shape" in given:
        facts["expected_shape"] = given["expected_shape"]
    if "got_dtype" in given:
        facts["got_dtype"] = given["got_dtype"]
    if "expected_dtype" in given:
        facts["expected_dtype"] = given["expected_dtype"]
    if "precision" in given:
        facts["precision"] = given["precision"]
    if verdict.right_numbers is not None:
        facts["right_numbers"] = verdict.right_numbers
    if "error" in given:
        facts["error"] = magnitude(given["error"])
    if "got" in given:
        facts["got"] = given["got"] if given["got"] in _TYPES else "something else"
    if "got_shape" in given and _possible(given["got_shape"], given.get("expected_shape") or ()):
        facts["got_shape"] = given["got_shape"]
    if "property" in given:
        facts["property"] = _own(given["property"])
    if "exception" in given:
        found = given["exception"]
        facts["exception"] = {"type": found.get("type", ""), "text": "", **places.place(found)}
        if (cause := found.get("cause", "")) in TOLD:
            facts["exception"]["cause"] = cause
    return facts


def _own(found: PropertyFacts) -> PropertyFacts:
    """Return what of a property the grader itself knows, or tells by a word of its own."""
    facts: PropertyFacts = {"name": found["name"]}
    if "expected" in found:
        facts["expected"] = found["expected"]
    if "like" in found:
        facts["like"] = found["like"]
    return facts


def magnitude(error: float) -> float:
    """Return the power of ten next above *error*, from 1e-12 to 1: its digits are the student's."""
    if not error < 1:
        return 1.0
    return 10.0 ** max(-12, math.ceil(math.log10(error))) if error > 0 else 0.0


def calls_told(count: int) -> int:
    """Return a count of calls to one digit, and no more than a million."""
    return min(_MOST_CALLS, int(float(f"{count:.0e}")))


def _possible(shape: Iterable[int], expected: Iterable[int]) -> bool:
    """Say whether a shape consists of the sizes that are asked, and tells nothing else."""
    sizes = [*shape]
    return len(sizes) <= 4 and set(sizes) <= {1, *expected}
