"""Runs that are asked together: encoded once, sent to every submission's process."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from functools import cached_property

from grader.model.programs import Run
from grader.model.steps import Call, New
from grader.model.trees import dumps, pack
from grader.sandbox.protocol import frames
from grader.sandbox.vocabulary import Vocabulary


class Batch:
    """Runs that are asked together, in order.

    ``runs`` are these, ``targets`` the functions that each one calls. Runs that are asked *once*
    are never preloaded, so that no name is made of all that they hold.
    """

    def __init__(self, runs: Sequence[Run], *, once: bool = False) -> None:
        self.runs, self._once = tuple(runs), once
        self._parts: list[bytes] | None = None
        self._wholes: dict[tuple[bool, ...], bytes] = {}
        self.targets = tuple(targets(run) for run in self.runs)

    @cached_property
    def words(self) -> tuple[Vocabulary, ...]:
        """What each run's answers may say."""
        return tuple(Vocabulary.of(run) for run in self.runs)

    def message(
        self, wanted: Sequence[int], preloaded: Collection[bytes] = ()
    ) -> tuple[bytes, ...]:
        """Return the frame that asks for the runs at the indices *wanted*, each a frame within it.

        It is one frame, so that a child has read all of it before it runs anything; its bytes come
        in parts where they would only be copied. Runs whose name is in *preloaded* are asked for
        by that name alone.
        """
        if self._once:
            pieces = [piece for i in wanted for piece in _pieces(self.runs[i])]
            return frames.HEAD.pack(frames.ASK, 0, sum(map(len, pieces))), *pieces
        parts = self.encoded()
        names = self._names if preloaded else ()
        short = tuple(name in preloaded for name in names) or (False,) * len(parts)
        asked = [_name(self._names[i]) if short[i] else parts[i] for i in wanted]
        if len(wanted) < len(self.runs):
            return (_join(asked),)
        if short not in self._wholes:
            self._wholes[short] = _join(asked)
        return (self._wholes[short],)

    @cached_property
    def _names(self) -> list[bytes]:
        return [hashlib.sha256(part).hexdigest().encode() for part in self.encoded()]

    def preloadable(self) -> dict[bytes, bytes]:
        """Return, by the name of each run, the frames that have a fork server preload it."""
        parts = self.encoded()
        return {name: _name(name) + part for name, part in zip(self._names, parts, strict=True)}

    def encoded(self) -> list[bytes]:
        """Return each run's frame."""
        if self._parts is None:
            self._parts = [_encode(run) for run in self.runs]
        return self._parts


def targets(run: Run) -> frozenset[str]:
    """Return the functions and classes of the student's package that *run* calls."""
    return frozenset(
        step.target
        for step in run.program.steps
        if isinstance(step, (Call, New)) and not step.target.startswith("@")
    )


def _encode(run: Run) -> bytes:
    return b"".join(_pieces(run))


def _pieces(run: Run) -> tuple[bytes, bytes]:
    """Return a run's frame, its arrays apart."""
    examples, data = pack([dict(example) for example in run.examples])
    head = {"program": run.program.to_json(), "examples": examples}
    text = dumps(head)
    return frames.HEAD.pack(frames.RUN, len(text), len(data)) + text, data


def _name(name: bytes) -> bytes:
    return frames.frame(frames.PRELOADED_RUN, name)


def _join(parts: Sequence[bytes]) -> bytes:
    return frames.frame(frames.ASK, b"", b"".join(parts))
