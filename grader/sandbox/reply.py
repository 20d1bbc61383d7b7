"""A run's answer, as it came; decoded in the trusted process, strictly, when asked for."""

from __future__ import annotations

import builtins
import json
from collections.abc import Collection
from dataclasses import asdict
from typing import Any

from grader.model.programs import Failure, Outcome
from grader.model.trees import Malformed, Tree, clean, dumps, unpack

_STAGES = frozenset(
    ("missing", "not_implemented", "refused", "raised", "timed_out", "out_of_memory", "died")
)
_EXCEPTIONS = frozenset(
    name
    for name, value in vars(builtins).items()
    if isinstance(value, type) and issubclass(value, BaseException)
)
_MAX_NOTES = 20


class Reply:
    """What one run answered.

    ``run`` is the run's id, ``text`` the JSON bytes of its outcomes and ``data`` the bytes of
    their arrays; equal text and data mean equal answers. ``outcomes`` are the decoded ones, one
    for each of *count* examples, in order.
    """

    __slots__ = ("_outcomes", "count", "data", "run", "text")

    def __init__(self, run: str, count: int, text: bytes, data: bytes) -> None:
        self.run = run
        self.text = text
        self.data = memoryview(data)
        self.count = count
        self._outcomes: list[Outcome] | None = None

    @classmethod
    def failed(cls, run: str, count: int, failure: Failure) -> Reply:
        """Return the reply of a run that never answered."""
        one = dumps({"gave": {}, "failed": asdict(failure), "notes": []})
        reply = cls(run, count, b"[" + b",".join([one] * count) + b"]", b"")
        reply._outcomes = [Outcome(failed=failure)] * count
        return reply

    @property
    def outcomes(self) -> list[Outcome]:
        if self._outcomes is None:
            try:
                self._outcomes = _decode(self.text, self.data, self.count)
            except (ValueError, RecursionError):
                garbled = Failure("died", text="The process sent something that is no answer.")
                self._outcomes = [Outcome(failed=garbled)] * self.count
        return self._outcomes

    def some(self, examples: Collection[int]) -> dict[int, Outcome]:
        """Return the outcomes of some examples; the others are not taken apart.

        For a text that is known to be an answer beside as many bytes: what is wrong with it at
        another example goes unnoticed here.
        """
        if not examples:
            return {}
        answers = json.loads(self.text, parse_constant=_no_constant)
        return {index: _outcome(answers[index], self.data) for index in examples}


def _decode(text: bytes, data: memoryview, count: int) -> list[Outcome]:
    answers = json.loads(text, parse_constant=_no_constant)
    if not (isinstance(answers, list) and len(answers) == count):
        raise Malformed("there isn't one outcome for each example")
    return [_outcome(answer, data) for answer in answers]


def _outcome(answer: Any, data: memoryview) -> Outcome:
    if not (isinstance(answer, dict) and isinstance(answer.get("gave"), dict)):
        raise Malformed("an outcome has no outputs")
    gave = {clean(name, 80): _tidy(unpack(value, data)) for name, value in answer["gave"].items()}
    failed, notes = answer.get("failed"), answer.get("notes")
    if not isinstance(notes, list):
        raise Malformed("an outcome has no notes")
    kept = tuple(clean(note, 80) for note in notes[:_MAX_NOTES] if isinstance(note, str))
    return Outcome(gave, None if failed is None else _failure(failed), kept)


def _tidy(value: Tree) -> Tree:
    """Return a tree whose texts are cleaned: a person or a file may get them."""
    if isinstance(value, str):
        return clean(value, 1000)
    if isinstance(value, list):
        return [_tidy(child) for child in value]
    if isinstance(value, dict):
        return {clean(name, 80): _tidy(child) for name, child in value.items()}
    return value


def _failure(found: Any) -> Failure:
    if not (isinstance(found, dict) and found.get("stage") in _STAGES):
        raise Malformed("a failure has no stage")

    def text(name: str, limit: int) -> str:
        value = found.get(name, "")
        if not isinstance(value, str):
            raise Malformed("a failure's field isn't text")
        return clean(value, limit)

    line, kind = found.get("line", 0), text("type", 40)
    if not (isinstance(line, int) and 0 <= line < 1 << 24):
        raise Malformed("a failure's line is no line")
    return Failure(
        stage=found["stage"],
        target=text("target", 120),
        type=kind if not kind or kind in _EXCEPTIONS else "Exception",
        text=text("text", 500),
        file=text("file", 120).replace("\n", " "),
        line=int(line),
    )


def _no_constant(name: str) -> None:
    raise Malformed(f"{name} is no number of JSON")
