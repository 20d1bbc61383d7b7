"""What a mechanism is given of a failed check, and what it gives back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from grader.marking.sessions import Asked
from grader.model.checks import AnsweredRun, Check
from grader.model.evidence import ExplanationFacts
from grader.model.programs import Outcome
from grader.model.verdicts import QuestionResult, Verdict


@dataclass(frozen=True)
class PublicFailure:
    """A check that fails on some public example.

    ``verdict`` is the one on all hidden examples; its ``parts`` name the outputs that are wrong.
    ``ladder`` holds the public examples with the reference's answers, from the smallest on, and
    ``outcomes`` what the submission gave for each; where all of those are right, the one that was
    ``drawn`` and isn't. ``asked`` gives a process of the submission, in the way in which the check
    was marked, that holds nothing hidden. ``marked`` is the process that was marked, where edits of
    its functions may be tried; ``None`` where the reference answers for some of them, whose budget
    is another one's, and where what it builds on failed, which may be all that is wrong. ``among``
    are the outputs that it is about, where it is not about all.
    """

    check: Check
    verdict: Verdict
    ladder: AnsweredRun
    outcomes: Sequence[Outcome]
    asked: Callable[[], Asked]
    drawn: bool = False
    marked: Asked | None = None
    among: tuple[str, ...] | None = None

    @property
    def wrong(self) -> tuple[str, ...]:
        """The outputs that are wrong and to be explained, in the check's order."""
        return tuple(n for n in self.all_wrong if self.among is None or n in self.among)

    @property
    def all_wrong(self) -> tuple[str, ...]:
        """The outputs that are wrong, whether something else explains them or not."""
        parts = self.verdict.parts
        return tuple(name for name in self.check.outputs if not parts or name in parts)

    def only(self, outputs: Sequence[str]) -> PublicFailure:
        """Return the failure of some of the outputs."""
        return replace(self, among=tuple(n for n in self.check.outputs if n in outputs))


class Explaining(Protocol):
    """A mechanism: says what it has shown about a failure, and nothing where it has shown none."""

    def explain(self, failure: PublicFailure) -> list[ExplanationFacts]:
        """Return what is shown, the most telling first.

        Raises :class:`~grader.sandbox.Fault` where the submission can't be asked.
        """
        ...


@dataclass(frozen=True)
class MarkedWay:
    """A question's result in one way of marking it, and the failures that can be explained."""

    result: QuestionResult
    failures: dict[str, PublicFailure] = field(default_factory=dict)
