"""What was judged right before: a reply that is like it needs little judging of its own.

A verdict is a pure function of the check and of the reply's bytes. Two ways follow to know one
without taking the reply apart:

- the same bytes have the same verdict (:class:`VerdictCache` keeps digests of those that passed);
- where only the numbers differ, that is the same JSON text around other arrays, all stages before
  the comparison have the same outcome, and all numbers of a run are compared at once
  (:class:`ArrayLayout`), example by example.

Whatever is in doubt, numbers near a bound included, is judged in full, so a mark is the same with
this module and without it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from grader.model.checks import AnsweredRun, Check
from grader.model.programs import Outcome
from grader.model.trees import Tree
from grader.numeric.errors import ABSOLUTE, RELATIVE, Array
from grader.sandbox import Reply, Spec

#: How many layouts of a check, and how many replies in all, are kept: the last ones used.
LAYOUTS, REPLIES = 16, 20_000
#: Up to this many bytes a reply itself is kept as well, one for each check.
LATEST = 1 << 20
#: Sums in another order differ in their last digits: what is nearer to the bound is left alone.
MARGIN = 0.9

Notes = frozenset[str]
#: By example: it passes, its numbers are wrong, or ``None``: it is to be judged.
States = Sequence[bool | None]


@dataclass(frozen=True)
class Known:
    """What is known of a reply that is like one that passed; ``notes`` are of all its examples.

    An example whose numbers are wrong fails at the stage ``value``, as any other such does.
    """

    notes: Notes
    states: States

    @property
    def wrong(self) -> list[int]:
        """The examples that are known to fail."""
        return [i for i, passes in enumerate(self.states) if passes is False]

    @property
    def open(self) -> list[int]:
        """The examples that are to be judged."""
        return [i for i, passes in enumerate(self.states) if passes is None]


class Slot(NamedTuple):
    """Where an array of an example begins, in elements, and what each right answer has there."""

    example: int
    at: int
    right: tuple[Array, ...]


class ArrayLayout:
    """Where the arrays of one text stand in the bytes beside it, and what they should hold.

    *places* hold one array or more of each of *count* examples.
    """

    def __init__(self, places: Sequence[Slot], count: int, notes: Notes) -> None:
        self.notes, self._count = notes, count
        places = sorted(places, key=lambda place: (place.example, place.at))
        self._runs = _runs([(place.at, place.right[0].size) for place in places])
        sizes = [place.right[0].size for place in places]
        self._starts = np.cumsum([0, *sizes[:-1]])
        examples = [place.example for place in places]
        self._examples = np.searchsorted(examples, np.arange(count))
        self._right = []
        for arrays in zip(*(place.right for place in places), strict=True):
            expected = np.concatenate([array.ravel() for array in arrays])
            self._right.append((expected, self._norms(expected)))

    def states(self, data: memoryview) -> States:
        """Say of each example whether it agrees with the key, clearly, by :func:`agrees`'s bound.

        With several right answers, whether it agrees with one of them.
        """
        whole = np.frombuffer(data, "<f8")
        runs = [whole[run] for run in self._runs]
        got = runs[0] if len(runs) == 1 else np.concatenate(runs)
        agree, differ = [], []
        with np.errstate(over="ignore", invalid="ignore"):
            norms = self._norms(got)
            for expected, size in self._right:
                bounds = ABSOLUTE + RELATIVE * (norms + size)
                apart = self._norms(got - expected)
                agree.append((apart <= MARGIN * bounds) & (bounds < np.inf))
                if agree[-1].all():
                    return [True] * self._count
                differ.append(apart > bounds / MARGIN)
        passes = np.logical_or.reduce(np.logical_and.reduceat(agree, self._examples, axis=1))
        fails = np.logical_and.reduce(np.logical_or.reduceat(differ, self._examples, axis=1))
        # One that isn't finite fails at an earlier stage, whatever else is wrong.
        fails &= np.logical_and.reduceat(np.isfinite(norms), self._examples)
        return [
            True if right else False if wrong else None
            for right, wrong in zip(passes.tolist(), fails.tolist(), strict=True)
        ]

    def _norms(self, flat: Array) -> Array:
        """Return the norm of each array, of all of them laid end to end."""
        return np.asarray(np.sqrt(np.add.reduceat(flat * flat, self._starts)))


class VerdictCache:
    """Remembers, over a class, which replies passed which checks."""

    def __init__(self) -> None:
        #: By check, by the digest of a text and the number of bytes beside it.
        self._layouts: dict[str, dict[tuple[bytes, int], ArrayLayout]] = {}
        self._replies: dict[tuple[str, bytes], Notes] = {}
        #: The last that was found among them: most are that one, and comparing is quick.
        self._latest: dict[str, tuple[Reply, Notes]] = {}
        #: What passed since the check was last asked about: laid out if it is asked again.
        self._passed: dict[str, tuple[AnsweredRun, Reply]] = {}

    def known(self, check: Check, reply: Reply) -> Known | None:
        """Return what is known of a reply to *check*; ``None``: judge it."""
        if check.id in self._passed:
            self._learn(check, *self._passed.pop(check.id))
        found = self._laid_out(check, reply) if check.judge == "match" else None
        if found is None or found.open:
            same = self._same(check, reply)
            if same is not None:
                return Known(same, [True] * reply.count)
        return found

    def learn(self, check: Check, sheet: AnsweredRun, reply: Reply) -> None:
        """Remember a reply that passed *check* on every example of *sheet*."""
        if check.id in self._passed:
            self._learn(check, *self._passed.pop(check.id))
        self._passed[check.id] = sheet, reply

    def _same(self, check: Check, reply: Reply) -> Notes | None:
        """Return the notes of a reply of the same bytes, if one passed."""
        if check.id in self._latest:
            latest, notes = self._latest[check.id]
            # Two views are compared element by element, what they are of at once.
            if latest.text == reply.text and latest.data.obj == reply.data.obj:
                return notes
        found = self._replies.get((check.id, _digest(reply.text, reply.data)))
        if found is not None and len(reply.data) <= LATEST:
            self._latest[check.id] = reply, found
        return found

    def _laid_out(self, check: Check, reply: Reply) -> Known | None:
        layouts = self._layouts.get(check.id, {})
        text = _digest(reply.text), len(reply.data)
        if text not in layouts:
            return None
        layouts[text] = layout = layouts.pop(text)  # the last one used is the last to go
        return Known(layout.notes, layout.states(reply.data))

    def _learn(self, check: Check, sheet: AnsweredRun, reply: Reply) -> None:
        notes = frozenset(note for outcome in reply.outcomes for note in outcome.notes)
        if check.judge == "match" and self._lay_out(check, sheet, reply, notes):
            return
        self._replies[check.id, _digest(reply.text, reply.data)] = notes
        if len(self._replies) > REPLIES:
            del self._replies[next(iter(self._replies))]

    def _lay_out(self, check: Check, sheet: AnsweredRun, reply: Reply, notes: Notes) -> bool:
        """Keep where a reply's arrays stand; say whether it is known to pass by that alone."""
        places = _places(check, reply.layout.outcomes, (sheet.answers, *sheet.also))
        if len(reply.data) % 8 or places is None:
            return False
        layouts = self._layouts.setdefault(check.id, {})
        layout = ArrayLayout(places, reply.count, notes)
        layouts[_digest(reply.text), len(reply.data)] = layout
        if len(layouts) > LAYOUTS:
            del layouts[next(iter(layouts))]
        return all(layout.states(reply.data))


def _runs(places: Sequence[tuple[int, int]]) -> list[slice]:
    """Return the stretches that arrays, each given by its begin and size, stand in end to end."""
    runs: list[slice] = []
    for at, size in places:
        if runs and runs[-1].stop == at:
            runs[-1] = slice(runs[-1].start, at + size)
        else:
            runs.append(slice(at, at + size))
    return runs


def _places(
    check: Check, outcomes: Sequence[Outcome], answers: Sequence[Sequence[Mapping[str, Tree]]]
) -> list[Slot] | None:
    """Return where each output's array begins, and what each list of right answers has there.

    ``None`` where an output is anything but an array of float64 of the expected shape, or an
    example has none that holds a number.
    """
    found = [_arrays(check, outcomes, right) for right in answers]
    first = found[0]
    if any(arrays is None or arrays.keys() != (first or {}).keys() for arrays in found):
        return None
    places = [
        Slot(example, at, tuple(arrays[example, at] for arrays in found if arrays))
        for example, at in first or ()
    ]
    return places if {place.example for place in places} == set(range(len(outcomes))) else None


def _arrays(
    check: Check, outcomes: Sequence[Outcome], answers: Sequence[Mapping[str, Tree]]
) -> dict[tuple[int, int], Array] | None:
    """Return what is expected, by example and by where in the bytes it should stand."""
    found = {}
    for example, (given, answer) in enumerate(zip(outcomes, answers, strict=True)):
        for name in check.outputs:
            for spec, expected in _leaves(given.gave.get(name), answer[name]):
                value = np.asarray(expected, np.float64)
                if not isinstance(spec, Spec) or spec.dtype != "<f8" or spec.shape != value.shape:
                    return None
                if value.size:
                    found[example, spec.begin // 8] = value
    return found


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
