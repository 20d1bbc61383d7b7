"""Examples that tell a nearly right variant from the reference: few of a run's inputs may."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from grader.key.variants import Answers, NearlyRight, same
from grader.kinds import Proof
from grader.model.checks import AnsweredRun
from grader.model.programs import Inputs, Run
from grader.numeric.errors import RELATIVE

T = TypeVar("T")

#: How many further examples are drawn, at most, for one that tells a variant.
FURTHER = 100

#: Returns further examples of a proof: up to a count, of a stream of their own.
Further = Callable[[Proof, int], Sequence[Inputs]]
#: Returns those of some examples on which both formulas agree, answered; one at most.
CertainOne = Callable[[Proof, Sequence[Inputs]], AnsweredRun]


def those_first(
    proof: Proof, drawn: Sequence[Inputs], reference: Answers, nearly: Sequence[NearlyRight]
) -> list[Inputs]:
    """Return *drawn* examples, for each nearly right variant first one on which it differs."""
    first: dict[int, None] = {}
    for variant in nearly:
        if _about(proof, variant):
            first |= dict.fromkeys([*_differing(proof, drawn, reference, variant)][:1])
    return [drawn[i] for i in (*first, *(i for i in range(len(drawn)) if i not in first))]


def tell_apart(
    variants: Sequence[NearlyRight],
    proofs: Sequence[Proof],
    sheets: Mapping[str, AnsweredRun],
    reference: Answers,
    further: Further,
    certain: CertainOne,
) -> dict[str, AnsweredRun]:
    """Return *sheets* in which an example tells each of *variants*, in the place of a last one.

    One that none of :data:`FURTHER` examples tells, of any run that is asked about it, is passed
    over.
    """
    made = dict(sheets)
    for number, variant in enumerate(variants):
        found = _one(variant, proofs, reference, further, certain)
        if found is not None:
            made[found.run.id] = _replaced(made[found.run.id], found, number)
    return made


def _one(
    variant: NearlyRight,
    proofs: Sequence[Proof],
    reference: Answers,
    further: Further,
    certain: CertainOne,
) -> AnsweredRun | None:
    for proof in proofs:
        if proof.inputs is None or not _about(proof, variant):
            continue
        drawn = further(proof, FURTHER)
        telling = [drawn[i] for i in _differing(proof, drawn, reference, variant)]
        found = certain(proof, telling) if telling else None
        if found is not None and found.run.examples:
            return found
    return None


def _about(proof: Proof, variant: NearlyRight) -> bool:
    # Without answers to compare with, and where the run is told in parts, no variant counts.
    comparable = proof.compared and proof.first is None
    return comparable and any(c.question in variant.questions for c in proof.checks)


def _differing(
    proof: Proof, drawn: Sequence[Inputs], reference: Answers, variant: NearlyRight
) -> Iterator[int]:
    """Yield the places of *drawn* examples on which *variant* differs from the reference."""
    run = Run(proof.run, proof.program, drawn)
    (right,), (given,) = reference([run]), variant.answers([run])
    for i, (one, other) in enumerate(zip(given, right, strict=True)):
        if not (one.failed or other.failed or same(one.gave, other.gave, RELATIVE)):
            yield i


def _replaced(sheet: AnsweredRun, found: AnsweredRun, number: int) -> AnsweredRun:
    """Return *sheet* with the example of *found* in the place of one, the last being number 0."""
    at = len(sheet.run.examples) - 1 - number

    def put(those: Sequence[T], one: Sequence[T]) -> list[T]:
        return [*those[:at], *one, *those[at + 1 :]]

    return replace(
        sheet,
        run=replace(sheet.run, examples=put(sheet.run.examples, found.run.examples)),
        answers=put(sheet.answers, found.answers),
        also=[put(those, one) for those, one in zip(sheet.also, found.also, strict=True)],
    )
