"""Checks: what is asked of a submission, and what is judged on its answers.

An assignment writes rows (:mod:`grader.kinds`), from which the engine derives the checks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from grader.model.literals import Visibility
from grader.model.programs import Program, Run
from grader.model.trees import Tree

#: What right numbers in a wrong shape lose of a value check, where a row says nothing else.
SHAPE_SHARE = 0.25
#: What a nearly right answer loses of a check, where the manifest says nothing else.
NEARLY_SHARE = 0.25


@dataclass(frozen=True)
class Words:
    """What is said of one judge: what it does, and a sentence and a hint for each property.

    ``meaning`` is for `grader explain`. ``properties`` and ``hints`` are by the name that the
    judge reports a property under (``{"property": {"name": ...}}`` in a verdict's evidence); a
    sentence may use ``{call}``, ``{output}`` and the property's own facts.
    """

    meaning: str = ""
    properties: Mapping[str, str] = field(default_factory=dict)
    hints: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Check:
    """One proof within a question, judged on some outputs of one run.

    ``visibility``: ``published`` (the notebook's own figures), ``hidden`` (the key's), or
    ``property`` (explains, and carries no points). ``judge`` names the comparison
    (:mod:`grader.kinds`), ``settings`` are its own. ``needs`` names the check whose
    passing this one's points depend on, if any, and so on through what that one needs. ``words``
    are those of a judge that is a course's own, so that a key can be explained by itself.
    ``shares`` are the outputs' parts of the points, by name, in any unit; without them, all outputs
    have the same. ``shape_share`` is what right numbers in a wrong shape lose of theirs,
    ``nearly_share`` what a nearly right answer loses.
    """

    id: str
    question: str
    title: str
    visibility: Visibility
    run: str
    judge: str
    outputs: tuple[str, ...]
    points: float
    call: str
    shape_share: float = SHAPE_SHARE
    needs: str | None = None
    settings: Mapping[str, Tree] = field(default_factory=dict)
    words: Words | None = None
    shares: Mapping[str, float] = field(default_factory=dict)
    nearly_share: float = NEARLY_SHARE


@dataclass(frozen=True)
class Variant:
    """What a nearly right implementation answers to a run: the outputs that it gives otherwise.

    ``says`` names it in words ("an epsilon in another place"). ``answers`` has one dict an example.
    """

    id: str
    says: str
    answers: Sequence[Mapping[str, Tree]]


@dataclass(frozen=True)
class Replaceable:
    """A function that the reference can answer for, where a question builds on a failed one.

    ``handle`` is the item of its result that stays with the reference, which its partner asks for
    (a layer's cache); ``None`` if there is no such item.
    """

    target: str
    handle: int | None = None


@dataclass(frozen=True)
class AnsweredRun:
    """A run whose examples are known, with the reference's answers (one dict an example).

    ``also`` holds further lists of answers that are right as well, ``nearly`` those that are nearly
    right, by what gives them. ``first`` is the part of the
    run's program that is asked in a message of its own, and answered before the rest is told.
    """

    run: Run
    answers: Sequence[Mapping[str, Tree]]
    also: Sequence[Sequence[Mapping[str, Tree]]] = ()
    first: Program | None = None
    nearly: Sequence[Variant] = ()

    def before(self) -> Run | None:
        """Return the run of ``first``, with the inputs that it names and no others."""
        if self.first is None:
            return None
        names = self.first.inputs
        examples = [{k: v for k, v in e.items() if k in names} for e in self.run.examples]
        return Run(f"{self.run.id}.first", self.first, examples)
