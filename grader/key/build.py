"""Making a key: draw, answer twice, keep what two independent right formulas agree on.

The reference and the witness are asked in the same way as a submission is, through a function
that is handed in: a key is what the reference would have answered as a student.
"""

from __future__ import annotations

import platform
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from grader.key import examples, streams, telling
from grader.key.certifying import BuildError, Judges, certain, failure
from grader.key.checks import Checks, told
from grader.key.draws import draw, ladder
from grader.key.store import Key
from grader.key.variants import Answers, NearlyRight, VariantError, add_variants
from grader.kinds import LADDER, Proof, judge, parts
from grader.model.assignment import Assignment
from grader.model.checks import AnsweredRun, Check
from grader.model.programs import Inputs
from grader.model.trees import Tree
from grader.model.trials import OtherValues

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

#: More examples are drawn than kept, since some won't be certified.
SPARE = 5


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
    public: Mapping[str, AnsweredRun] | None = None,
    trials: Mapping[str, tuple[OtherValues, ...]] | None = None,
) -> Key:
    """Return the key of a course's *checks*.

    *reference* and *witness* answer runs, and so do the variants that are *nearly* right. The
    inputs of the ladders are those of *public*, the examples that students have, where it holds
    them; else they are drawn. Raises :class:`BuildError` where the reference fails, the formulas
    disagree, or too few examples remain, and :class:`~grader.key.variants.VariantError` for a
    variant that can't be used.
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
        drawn = _drawn(draw, proof, proof.count + SPARE, seed_of_run)
        sheets[proof.run] = _certified(
            proof, drawn, proof.count, reference, witness, checks.judges, proof.run
        )
        if proof.ladder:
            ladders[proof.run] = _ladder(proof, reference, witness, checks.judges, public or {})
    hidden = [check for check in found if check.visibility == "hidden"]
    plain = dict(sheets)
    if unseen := add_variants(sheets, hidden, nearly):
        # A secret may have drawn no example that tells a variant: then one more is looked for.

        def further(proof: Proof, count: int) -> Sequence[Inputs]:
            return _drawn(draw, proof, count, streams.derived(seed, f"further/{proof.run}"))

        def certain_one(proof: Proof, drawn: Sequence[Inputs]) -> AnsweredRun:
            return certain(proof, drawn, reference, witness, checks.judges, proof.run, 1)

        sheets = telling.tell_apart(unseen, proofs, plain, reference, further, certain_one)
        if unseen := add_variants(sheets, hidden, nearly):
            raise VariantError(
                f"the nearly right variant {unseen[0].id} answers as the reference does: correct "
                "its edits or its questions"
            )
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
        trials=trials or {},
        judges=checks.judges,
    )


def public_examples(
    checks: Checks,
    ladders: Mapping[str, AnsweredRun],
    *,
    reference: Answers,
    witness: Answers,
    nearly: Sequence[NearlyRight] = (),
) -> dict[str, AnsweredRun]:
    """Return the public examples with their answers, by run: a key's *ladders*, and a few others.

    Raises :class:`BuildError` as :func:`build` does, and where they are too large for a download.
    """
    more: dict[str, AnsweredRun] = {}
    proofs = examples.wanted(checks.proofs())
    for proof in proofs:
        rungs = ladders.get(proof.run)
        many = _drawn(draw, proof, examples.DRAWN, examples.seed(proof))
        drawn = examples.various(many, rungs.run.examples if rungs else ())
        drawn = telling.those_first(proof, drawn, reference, nearly)
        count = min(examples.COUNT, proof.count)
        more[proof.run] = _certified(
            proof, drawn, count, reference, witness, checks.judges, f"{proof.run}.public"
        )
    for count in range(examples.COUNT, 0, -1):  # as many as a download has room for
        found = {run: examples.joined(ladders.get(run), more[run], count) for run in more}
        hidden = [c for p in proofs for c in p.checks if c.visibility == "hidden"]
        add_variants(found, hidden, nearly)  # few small ones needn't tell each variant
        size = sum(map(len, examples.dump("", found).values()))
        if size <= examples.MOST:
            return found
    raise BuildError(
        f"the public examples have {size} bytes, and {examples.MOST} may be given out: have the "
        "strategies draw smaller inputs"
    )


def versions() -> dict[str, str]:
    """Return the versions that the draws of a key depend on."""
    import hypothesis

    return {
        "python": ".".join(platform.python_version_tuple()[:2]),
        "numpy": np.__version__,
        "hypothesis": hypothesis.__version__,
    }


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


def _ladder(
    proof: Proof,
    reference: Answers,
    witness: Answers,
    judges: Judges,
    public: Mapping[str, AnsweredRun],
) -> AnsweredRun:
    """Return the ladder of a proof. Its seed is public, so that every key has the same one."""
    given = public.get(proof.run)
    if given is not None and given.run.program == proof.program:
        rungs = [dict(example) for example in given.run.examples[:LADDER]]
    else:
        rungs = _drawn(ladder, proof, LADDER + SPARE, f"ladder/{proof.run}")
        rungs = list(map(proof.rounded, rungs)) if proof.rounded else rungs
    return _certified(proof, rungs, LADDER, reference, witness, judges, proof.run + ".ladder")


def _certified(
    proof: Proof,
    drawn: Sequence[Inputs],
    count: int,
    reference: Answers,
    witness: Answers,
    judges: Judges,
    id: str,
) -> AnsweredRun:
    found = certain(proof, drawn, reference, witness, judges, id, count)
    kept = len(found.run.examples)
    if kept < count:
        raise BuildError(
            f"{id}: only {kept} of {len(drawn)} examples are certified, {count} are asked: "
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
