"""Making a key: draw, answer twice, keep what two independent right formulas agree on.

The reference and the witness are asked in the same way as a submission is, through a function
that is handed in: a key is what the reference would have answered as a student.
"""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from grader.key import streams
from grader.key.certifying import BuildError, Judges, certain, failure
from grader.key.checks import Checks, told
from grader.key.draws import digest, draw, ladder
from grader.key.store import Key
from grader.key.variants import Answers, NearlyRight, add_variants, alike, same
from grader.kinds import LADDER, Proof, judge, parts
from grader.model.assignment import Assignment
from grader.model.checks import AnsweredRun, Check
from grader.model.programs import Inputs
from grader.model.trees import Tree

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

#: More examples are drawn than kept, since some won't be certified.
SPARE = 5

_DRAWN = {"sheets": "examples of {} are not those", "ladders": "ladder of {} is not the one"}


def build(
    assignment: Assignment,
    checks: Checks,
    *,
    seed: str,
    given: Mapping[str, bytes],
    notebooks: Mapping[str, bytes],
    rubrics: Mapping[str, tuple[str, ...]],
    reference: Answers,
    witness: Answers,
    nearly: Sequence[NearlyRight] = (),
) -> Key:
    """Return the key of a course's *checks*.

    *reference* and *witness* answer runs, and so do the variants that are *nearly* right. Raises
    :class:`BuildError` where the reference fails, the formulas disagree, or too few examples
    remain, and :class:`~grader.key.variants.VariantError` for a variant that can't be used.
    """
    proofs = checks.proofs()
    _unique(proofs)
    _points_add_up(assignment, proofs)
    found: list[Check] = []
    sheets: dict[str, AnsweredRun] = {}
    ladders: dict[str, AnsweredRun] = {}
    for proof in proofs:
        found += (replace(check, nearly_share=assignment.nearly_share) for check in proof.checks)
        if proof.inputs is None:
            sheets[proof.run] = _published(proof, reference, checks.judges)
            continue
        seed_of_run = streams.derived(seed, f"examples/{proof.run}")
        examples = _drawn(draw, proof, proof.count + SPARE, seed_of_run)
        sheets[proof.run] = _certified(
            proof, examples, proof.count, reference, witness, checks.judges, proof.run
        )
        if proof.ladder:
            rungs = _drawn(ladder, proof, LADDER + SPARE, f"ladder/{proof.run}")
            rungs = list(map(proof.rounded, rungs)) if proof.rounded else rungs
            ladders[proof.run] = _certified(
                proof, rungs, LADDER, reference, witness, checks.judges, proof.run + ".ladder"
            )
    add_variants(sheets, [check for check in found if check.visibility == "hidden"], nearly)
    return Key(
        assignment=assignment.id,
        checks=tuple(found),
        sheets=sheets,
        ladders=ladders,
        given=given,
        versions=versions(),
        seed_hash="sha256:" + streams.derived(seed, "name of the secret"),
        secret=streams.derived(seed, "marking"),
        parts=parts(checks.rows),
        notebooks=notebooks,
        rubrics=rubrics,
        judges=checks.judges,
    )


def versions() -> dict[str, str]:
    """Return the versions that the draws of a key depend on."""
    import hypothesis

    return {
        "python": ".".join(platform.python_version_tuple()[:2]),
        "numpy": np.__version__,
        "hypothesis": hypothesis.__version__,
    }


def stale(old: Key, new: Key) -> Iterator[str]:
    """Say what differs between a key on disk and one made afresh, a line each.

    Under the versions that drew the old one, examples must be the same; under others, they are
    not compared. Answers are compared by :func:`regrade`.
    """
    if [check.id for check in old.checks] != [check.id for check in new.checks]:
        yield "the key's checks are not those of the rows"
    elif old.checks != new.checks:
        changed = [a.id for a, b in zip(old.checks, new.checks, strict=True) if a != b]
        yield f"the key's checks differ from the rows: {', '.join(changed)}"
    if (old.seed_hash, old.secret) != (new.seed_hash, new.secret):
        yield "the key is of another secret"
    if dict(old.parts) != dict(new.parts):
        yield "the key's parts are not those of the rows"
    if dict(old.given) != dict(new.given):
        yield "the key's given files are not those of the assignment"
    if dict(old.notebooks) != dict(new.notebooks):
        yield "the key's notebooks are not those that students get"
    if dict(old.rubrics) != dict(new.rubrics):
        yield "the key's rubrics are not those of the assignment"
    if dict(old.versions) == versions():
        for name in ("sheets", "ladders"):
            before, after = getattr(old, name), getattr(new, name)
            for run in after:
                if run not in before:
                    yield f"the key has no {name[:-1]} for {run}"
                elif digest(list(before[run].run.examples)) != digest(
                    list(after[run].run.examples)
                ):
                    yield f"the key's {_DRAWN[name].format(run)} that the strategies draw"
    for run, sheet in new.sheets.items():
        if run in old.sheets and not alike(old.sheets[run].nearly, sheet.nearly):
            yield f"the key's nearly right answers of {run} are not those of the variants"


def disagreements(key: Key, reference: Answers) -> Iterator[str]:
    """Replay every stored example to the reference; name the runs it answers otherwise (1e-12)."""
    for sheets in (key.sheets, key.ladders):
        stored = [sheet for sheet in sheets.values() if sheet.answers]
        answered = reference([sheet.run for sheet in stored])
        for sheet, outcomes in zip(stored, answered, strict=True):
            published = sheet.run.id.rpartition(".")[2].startswith("published")
            for answer, outcome in zip(sheet.answers, outcomes, strict=True):
                if published:
                    continue
                if outcome.failed or not same(outcome.gave, answer, 1e-12):
                    yield f"the reference no longer gives the key's answers of {sheet.run.id}"
                    break


def _published(proof: Proof, reference: Answers, judges: Judges) -> AnsweredRun:
    run = proof.fixed()
    (outcomes,) = reference([run])
    for check in proof.checks:
        for i, outcome in enumerate(outcomes):
            if outcome.failed:
                raise BuildError(f"{check.id}: {failure('reference', outcome.failed)}")
            verdict = judge(check, run.examples[i], outcome, [proof.answers[i]], judges)
            if not verdict.passed:
                raise BuildError(
                    f"{check.id}: the reference misses the published figures ({verdict.stage} of "
                    f"{verdict.output}): correct the figures or the reference"
                )
    return AnsweredRun(run, [dict(answer) for answer in proof.answers])


def _certified(
    proof: Proof,
    examples: Sequence[Inputs],
    count: int,
    reference: Answers,
    witness: Answers,
    judges: Judges,
    id: str,
) -> AnsweredRun:
    found = certain(proof, examples, reference, witness, judges, id, count)
    kept = len(found.run.examples)
    if kept < count:
        raise BuildError(
            f"{id}: only {kept} of {len(examples)} examples are certified, {count} are asked: "
            "the two formulas disagree, or the strategy draws inputs that no one can be judged by"
        )
    return found


Draws = Callable[["SearchStrategy[dict[str, Tree]]", int, str], list[dict[str, Tree]]]


def _drawn(draw: Draws, proof: Proof, count: int, seed: str) -> list[dict[str, Tree]]:
    """Return drawn examples; raises :class:`BuildError` where the strategy raises."""
    assert proof.inputs is not None
    try:
        return draw(proof.inputs, count, seed)
    except Exception as error:
        raise BuildError(f"{proof.run}: its strategy raised {told(error)}") from error


def _unique(proofs: Sequence[Proof]) -> None:
    """Raise :class:`BuildError` for an id that two checks or two runs have."""
    checks = [check.id for proof in proofs for check in proof.checks]
    for ids in (checks, [proof.run for proof in proofs]):
        twice = sorted({id for id in ids if ids.count(id) > 1})
        if twice:
            raise BuildError(
                f"two checks are called {twice[0]}: give each case of a question its own name"
            )


def _points_add_up(assignment: Assignment, proofs: Sequence[Proof]) -> None:
    shares: dict[str, float] = {}
    for proof in proofs:
        for check in proof.checks:
            shares[check.question] = shares.get(check.question, 0.0) + check.points
    kinds = {question.id: question.kind for question in assignment.questions}
    for id in shares:
        if id not in kinds:
            raise BuildError(
                f"a row names question {id}, which the manifest doesn't have: add it, or choose "
                f"from {', '.join(kinds)}"
            )
        if kinds[id] != "code":
            raise BuildError(
                f"a row names question {id}, which is of kind {kinds[id]}: rows are for code"
            )
    for question in assignment.questions:
        if question.kind == "code" and abs(shares.get(question.id, 0.0) - question.points) > 1e-9:
            raise BuildError(
                f"question {question.id} has {question.points:g} points in the manifest, and its "
                f"rows give {shares.get(question.id, 0.0):g}"
            )
