"""A run's answer, as it came: read strictly, in the trusted process, by the one reader there is.

What a student's process says is checked against what it was asked. Every field is an array, a
bounded number, or one of the words that were possible: outputs of the run, names of its inputs,
files of the package, functions that the run calls, built-in exceptions. Only an exception's own
text is free, and who shows it must know that (:mod:`grader.marking`).

A text is read into a :class:`Layout`: outcomes in which an array is its dtype, its shape and its
place in the bytes beside the text. Right submissions of a class answer with the same text around
other bytes, so a layout is kept and filled again.
"""

from __future__ import annotations

import json
import math
import re
from collections import OrderedDict
from collections.abc import Sequence
from copy import copy
from dataclasses import asdict, replace
from typing import Any, NamedTuple, get_args

import numpy as np

from grader.model.causes import CAUSES
from grader.model.literals import FailureStage
from grader.model.programs import Failure, Outcome, Run
from grader.model.trees import (
    DTYPES,
    MAX_DEPTH,
    MAX_NDIM,
    Array,
    Malformed,
    Opaque,
    Packed,
    Tree,
    clean,
    dumps,
)
from grader.sandbox.vocabulary import EXCEPTIONS, Files, Vocabulary, type_name

#: Values in one reply, keys of dicts aside. The largest that is asked for has some two thousand.
MAX_NODES = 20_000
#: Names that a student's code gives to parameters, gradients and entries of a config.
MAX_NAME = 64
MAX_NOTES = 20
_MAX_SIZE = 1 << 40
_STAGES = frozenset(get_args(FailureStage))
_NAME = re.compile(rf"[ -~]{{1,{MAX_NAME}}}")
#: How many layouts are kept, and of texts of how many bytes.
_KEPT, _MAX_KEPT = 256, 1 << 17


class Spec(NamedTuple):
    """An array: its dtype, its shape, and where in the bytes beside the text it begins and ends."""

    dtype: np.dtype[Any]
    shape: tuple[int, ...]
    begin: int
    end: int

    def of(self, data: memoryview) -> Array:
        """Return the array, a read-only view of *data*."""
        return np.ndarray(self.shape, self.dtype, data, self.begin if self.end > self.begin else 0)


class Layout:
    """The outcomes of a text, one for each example, without the numbers of their arrays."""

    def __init__(self, outcomes: Sequence[Outcome], size: int) -> None:
        self.outcomes, self.size = outcomes, size

    @property
    def plain(self) -> bool:
        """Whether nothing failed and nothing was noted: whoever sends this text says the same."""
        return not any(outcome.failed or outcome.notes for outcome in self.outcomes)

    def filled(self, example: int, data: memoryview) -> Outcome:
        """Return one example's outcome with the arrays of *data*."""
        outcome = self.outcomes[example]
        return replace(outcome, gave={k: _filled(v, data) for k, v in outcome.gave.items()})


class Reply:
    """The answer to one run.

    ``run`` is the run's id, ``text`` the JSON bytes of its outcomes and ``data`` the bytes of their
    arrays: equal text and data mean equal answers. ``outcomes`` are the decoded ones, one for each
    example, in order. *files* are those whose lines may be told; *words* are the run's own.
    """

    __slots__ = ("_files", "_layout", "_outcomes", "_words", "count", "data", "run", "text")

    def __init__(
        self, run: Run, text: bytes, data: bytes, files: Files, words: Vocabulary | None = None
    ) -> None:
        self.run, self.count = run.id, len(run.examples)
        self.text, self.data = text, memoryview(data)
        self._words, self._files = words or Vocabulary.of(run), files
        self._layout: Layout | None = None
        self._outcomes: list[Outcome] | None = None

    @classmethod
    def failed(cls, run: Run, failure: Failure) -> Reply:
        """Return the reply of a run that never answered."""
        one = dumps({"gave": {}, "failed": asdict(failure), "notes": []})
        reply = cls(run, b"[" + b",".join([one] * len(run.examples)) + b"]", b"", {}, _NO_WORDS)
        reply._outcomes = [Outcome(failed=failure)] * reply.count
        return reply

    @property
    def layout(self) -> Layout:
        """The outcomes without their arrays' numbers. Raises :class:`Malformed`."""
        if self._layout is None:
            reader = _Reader(self._words, self._files)
            self._layout = _LAYOUTS.read(self.text, len(self.data), self.count, reader)
        return self._layout

    @property
    def outcomes(self) -> list[Outcome]:
        if self._outcomes is None:
            try:
                layout = self.layout
            except Malformed:
                garbled = Failure("died", text="The process sent something that is no answer.")
                self._outcomes = [Outcome(failed=garbled)] * self.count
            else:
                self._outcomes = [layout.filled(i, self.data) for i in range(self.count)]
        return self._outcomes

    def preceded(self, first: Reply) -> Reply:
        """Return this with what *first* gave to an earlier part of the same run in its place."""
        outcomes = [
            Outcome({**then.gave, **before.gave}, before.failed or then.failed, then.notes)
            for before, then in zip(first.outcomes, self.outcomes, strict=True)
        ]
        # Another text and other bytes than either: it is known by both.
        both = copy(self)
        both.text, both.data = self.text + first.text, memoryview(bytes(self.data) + first.data)
        both._outcomes, both._layout = outcomes, None
        return both


class _Layouts:
    """The layouts of the texts that came last."""

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[bytes, int, frozenset[str]], Layout] = OrderedDict()

    def read(self, text: bytes, size: int, count: int, reader: _Reader) -> Layout:
        """Return the layout of *text* beside *size* bytes. Raises :class:`Malformed`."""
        name = text, size, reader.words.outputs
        known = self._known.get(name)
        if known is not None and len(known.outcomes) == count:
            self._known.move_to_end(name)
            return known
        try:
            layout = reader.layout(text, size, count)
        except RecursionError:
            raise Malformed("a tree is too deep") from None
        except ValueError as error:
            raise Malformed(str(error)) from None
        if layout.plain and len(text) <= _MAX_KEPT:
            self._known[name] = layout
            if len(self._known) > _KEPT:
                self._known.popitem(last=False)
        return layout


class _Reader:
    """Reads one text. Every bound is checked before anything is made of it."""

    def __init__(self, words: Vocabulary, files: Files) -> None:
        self.words, self._files = words, files
        self._nodes = self._end = 0

    def layout(self, text: bytes, size: int, count: int) -> Layout:
        answers = json.loads(
            text,
            object_pairs_hook=_unique,
            parse_int=_integer,
            parse_float=_number,
            parse_constant=_constant,
        )
        if not (isinstance(answers, list) and len(answers) == count):
            raise Malformed("there isn't one outcome for each example")
        outcomes = [self._outcome(answer) for answer in answers]
        if self._end != size:
            raise Malformed("there are bytes that no array refers to")
        return Layout(outcomes, size)

    def _outcome(self, answer: object) -> Outcome:
        if not (isinstance(answer, dict) and answer.keys() == {"gave", "failed", "notes"}):
            raise Malformed("an outcome has other fields")
        gave, failed, notes = answer["gave"], answer["failed"], answer["notes"]
        if not (isinstance(gave, dict) and isinstance(notes, list)):
            raise Malformed("an outcome has no outputs or no notes")
        if not self.words.outputs.issuperset(gave):
            raise Malformed("an outcome has an output that wasn't asked for")
        read = {name: self._value(value, 0) for name, value in gave.items()}
        kept = tuple(n for n in notes[:MAX_NOTES] if isinstance(n, str) and self.words.note(n))
        return Outcome(read, None if failed is None else self._failure(failed), kept)

    def _value(self, node: Packed, depth: int) -> Tree:
        self._nodes += 1
        if self._nodes > MAX_NODES or depth > MAX_DEPTH:
            raise Malformed("a tree is too large or too deep")
        if isinstance(node, str):
            return Opaque("str")  # no answer is a text, and a text could say anything
        if isinstance(node, list):
            return [self._value(child, depth + 1) for child in node]
        if not isinstance(node, dict):
            return node
        if node.keys() == {"$array"}:
            return self._array(node["$array"])
        if node.keys() == {"$object"}:
            return Opaque(type_name(node["$object"]))
        if node.keys() == {"$float"}:
            if node["$float"] not in ("nan", "inf", "-inf"):
                raise Malformed("a float has no such name")
            return float(node["$float"])
        if not all(_NAME.fullmatch(name) and name[0] != "$" for name in node):
            raise Malformed("a name isn't a short one of printable ASCII")
        return {name: self._value(child, depth + 1) for name, child in node.items()}

    def _array(self, spec: object) -> Spec:
        if not (isinstance(spec, list) and len(spec) == 3):
            raise Malformed("an array's header has three fields")
        name, shape, begin = spec
        dtype = DTYPES.get(name) if isinstance(name, str) else None
        if dtype is None:
            raise Malformed("an array's dtype is not on the list")
        if not isinstance(shape, list) or len(shape) > MAX_NDIM:
            raise Malformed("an array's shape is not a short list of sizes")
        length = dtype.itemsize
        for size in shape:
            if type(size) is not int or not 0 <= size < _MAX_SIZE:
                raise Malformed("an array's shape is not a short list of sizes")
            length *= size
        # One after the other: then no byte is left over, and none is counted twice.
        if type(begin) is not int or begin != self._end:
            raise Malformed("an array isn't where the one before it ends")
        self._end += length + -length % 8
        if self._end > _MAX_SIZE:
            raise Malformed("an array is larger than what came with it")
        return Spec(dtype, tuple(shape), begin, begin + length)

    def _failure(self, found: Packed) -> Failure:
        if not (isinstance(found, dict) and found.get("stage") in _STAGES):
            raise Malformed("a failure has no stage")

        def text(name: str, limit: int) -> str:
            value = found.get(name, "")
            if not isinstance(value, str):
                raise Malformed("a failure's field isn't text")
            return clean(value, limit)

        def place(file: str, line: str) -> tuple[str, int]:
            number = found.get(line, 0)
            if type(number) is not int:
                raise Malformed("a failure's line is no line")
            return self.words.place(text(file, 120).replace("\n", " "), number, self._files)

        kind, target, cause = text("type", 40), text("target", 120), text("cause", 40)
        file, line = place("file", "line")
        caller_file, caller_line = place("caller_file", "caller_line")
        return Failure(
            stage=found["stage"],
            target=target if target in self.words.targets else "",
            type=kind if not kind or kind in EXCEPTIONS else "Exception",
            text=text("text", 500),
            file=file,
            line=line,
            cause=cause if cause in CAUSES else "",
            caller_file=caller_file,
            caller_line=caller_line,
        )


_LAYOUTS = _Layouts()
_NO_WORDS = Vocabulary(frozenset(), frozenset(), frozenset(), {})


def _filled(tree: Tree, data: memoryview) -> Tree:
    if isinstance(tree, Spec):
        return tree.of(data)
    if isinstance(tree, dict):
        return {key: _filled(child, data) for key, child in tree.items()}
    return [_filled(child, data) for child in tree] if isinstance(tree, list) else tree


def _unique(pairs: list[tuple[str, Packed]]) -> dict[str, Packed]:
    made = dict(pairs)
    if len(made) < len(pairs):
        raise Malformed("a name stands twice")
    return made


def _integer(text: str) -> int:
    if len(text) > 20 or not -(2**63) <= int(text) < 2**64:
        raise Malformed("an integer is beyond 64 bits")
    return int(text)


def _number(text: str) -> float:
    number = float(text) if len(text) <= 40 else float("inf")
    if not math.isfinite(number):
        raise Malformed("a number is too large or too long")
    return number


def _constant(name: str) -> None:
    raise Malformed(f"{name} is no number of JSON")
