"""What was judged right before: a reply that is like it needs no judging of its own.

A verdict is a pure function of the check and of the reply's bytes. Two ways follow to know one
without taking the reply apart:

- the same bytes have the same verdict (:class:`Recall` keeps digests of those that passed);
- where only the numbers differ, that is the same JSON text around other arrays, all stages before
  the comparison have the same outcome, and all numbers of a run are compared at once
  (:class:`Layout`).

Both only ever say "passes". Whatever is in doubt, numbers near a bound included, is judged in
full, so a mark is the same with this module and without it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from grader.model.checks import Check, Sheet
from grader.model.trees import Tree
from grader.numeric.errors import ABSOLUTE, RELATIVE, Array
from grader.sandbox import Reply

#: How many layouts of a check, and how many replies in all, are kept: the last ones used.
LAYOUTS, REPLIES = 16, 20_000
#: Sums in another order differ in their last digits: what is nearer to the bound is left alone.
MARGIN = 0.9

Notes = frozenset[str]


class Layout:
    """Where the arrays of one text stand in the bytes beside it, and what they should hold."""

    def __init__(self, places: Sequence[tuple[int, Array]], size: int, notes: Notes) -> None:
        self.size, self.notes = size, notes
        self._at = np.concatenate([np.arange(at, at + value.size) for at, value in places])
        self._expected = np.concatenate([value.ravel() for _, value in places])
        lengths = [value.size for _, value in places]
        self._starts = np.concatenate([[0], np.cumsum(lengths)[:-1]])
        self._norms = np.sqrt(np.add.reduceat(self._expected**2, self._starts))

    def passes(self, data: memoryview) -> bool:
        """Say whether every array agrees with the key, clearly, by :func:`agrees`'s bound."""
        if len(data) != self.size:
            return False
        got = np.frombuffer(data, "<f8")[self._at]
        with np.errstate(over="ignore", invalid="ignore"):
            norms = np.sqrt(np.add.reduceat(got * got, self._starts))
            got -= self._expected
            apart = np.sqrt(np.add.reduceat(got * got, self._starts))
            bounds = MARGIN * (ABSOLUTE + RELATIVE * (norms + self._norms))
            return bool(np.all(np.isfinite(norms)) and np.all(apart <= bounds))


class Recall:
    """Remembers, over a class, which replies passed which checks."""

    def __init__(self) -> None:
        self._layouts: dict[str, dict[bytes, list[Layout]]] = {}
        self._replies: dict[tuple[str, bytes], Notes] = {}
        #: What passed since the check was last asked about: laid out if it is asked again.
        self._passed: dict[str, tuple[Sheet, Reply]] = {}

    def notes(self, check: Check, reply: Reply) -> Notes | None:
        """Return the notes of a reply that is known to pass *check*; ``None``: judge it."""
        self._take(check)
        if check.judge == "match":
            layouts = self._layouts.get(check.id, {})
            text = _digest(reply.text)
            for layout in layouts.get(text, ()):
                if layout.passes(reply.data):
                    layouts[text] = layouts.pop(text)  # the last one used is the last to go
                    return layout.notes
        return self._replies.get((check.id, _digest(reply.text, reply.data)))

    def learn(self, check: Check, sheet: Sheet, reply: Reply) -> None:
        """Remember a reply that passed *check* on every example of *sheet*."""
        self._take(check)
        self._passed[check.id] = sheet, reply

    def _take(self, check: Check) -> None:
        if check.id in self._passed:
            self._learn(check, *self._passed.pop(check.id))

    def _learn(self, check: Check, sheet: Sheet, reply: Reply) -> None:
        notes = frozenset(note for outcome in reply.outcomes for note in outcome.notes)
        if check.judge == "match" and self._lay_out(check, sheet, reply, notes):
            return
        self._replies[check.id, _digest(reply.text, reply.data)] = notes
        if len(self._replies) > REPLIES:
            del self._replies[next(iter(self._replies))]

    def _lay_out(self, check: Check, sheet: Sheet, reply: Reply, notes: Notes) -> bool:
        layouts = self._layouts.setdefault(check.id, {})
        size, learned = len(reply.data), False
        for answers in (sheet.answers, *sheet.also):
            places = _places(check, json.loads(reply.text), answers)
            if size % 8 or not places:
                continue
            layout = Layout(places, size, notes)
            if layout.passes(reply.data):
                layouts.setdefault(_digest(reply.text), []).append(layout)
                learned = True
        if len(layouts) > LAYOUTS:
            del layouts[next(iter(layouts))]
        return learned


def _places(
    check: Check, text: Any, answers: Sequence[Mapping[str, Tree]]
) -> list[tuple[int, Array]] | None:
    """Return where each output's array begins, in elements, and what is expected there.

    ``None`` where an output is anything but an array of float64 of the expected shape.
    """
    places = []
    for given, answer in zip(text, answers, strict=True):
        for name in check.outputs:
            for spec, expected in _leaves(given["gave"].get(name), answer[name]):
                array = spec.get("$array") if isinstance(spec, dict) else None
                value = np.asarray(expected, np.float64)
                if not array or array[:2] != ["float64", list(value.shape)] or array[2] % 8:
                    return None
                if value.size:
                    places.append((array[2] // 8, value))
    return places


def _leaves(given: Any, expected: Tree) -> Iterator[tuple[Any, Tree]]:
    if isinstance(expected, dict):
        for key, child in expected.items():
            yield from _leaves(given.get(key) if isinstance(given, dict) else None, child)
    else:
        yield given, expected


def _digest(*parts: bytes | memoryview) -> bytes:
    digest = hashlib.sha256()  # what processors have an instruction for
    for part in parts:
        digest.update(len(part).to_bytes(8, "little"))
        digest.update(part)
    return digest.digest()
