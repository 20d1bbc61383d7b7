"""Layers that drop at random: their two passes, and the judges of masks."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from grader.kinds.arrays import Answer, Judge, compared, failed, shaped, value_facts
from grader.kinds.factors import SINGLE, drops, kept, other_mask
from grader.kinds.proof import Case, Proof, ReplaceableGroup, row_check
from grader.model.checks import Check, Replaceable
from grader.model.dependence import Varied
from grader.model.evidence import CheckEvidence
from grader.model.literals import Precision
from grader.model.programs import Inputs, Outcome, Program
from grader.model.steps import Call, Reference
from grader.model.trees import Array, Tree
from grader.model.verdicts import CLOSE, PASSED, Verdict
from grader.numeric.chance import alike
from grader.numeric.errors import RELATIVE, agrees

#: How many masks of other seeds are drawn beside the first.
OTHERS = 7
RESEEDED = tuple(f"out{i}" for i in range(1, OTHERS + 1))
#: The same of float16, and of the quotient of two of its numbers.
HALF = 2.0**-10


@dataclass(frozen=True)
class Mask:
    """A layer that drops at random, ``function(x, param) -> (out, cache)``.

    ``param`` is the name of its dict of parameters, with ``mode``, ``p`` (the probability of
    keeping) and ``seed``; inputs hold the like with other seeds, ``other1`` to ``other7``
    (:data:`OTHERS`), and ``keep``, which is p, or 1 in test mode. Never compared with the key while
    it draws. ``cache`` is the usual form of what it hands to the backward pass, where there is one:
    names of inputs, and ``mask``, of zeros and 1/p (none in test mode). ``varies`` says how inputs
    may vary, and what their axes are.
    """

    question: str
    function: str
    param: str
    cases: tuple[Case, ...]
    backward: str = ""
    backward_question: str = ""
    backward_cases: tuple[Case, ...] = ()
    cache: tuple[str, ...] = ()
    varies: Mapping[str, Varied] = field(default_factory=dict)

    def proofs(self, *, live: bool) -> Iterator[Proof]:
        """Yield the proofs of both passes. The same wherever they are asked."""
        del live
        params = {"out": self.param, "again": self.param}
        params |= {name: name.replace("out", "other") for name in RESEEDED}
        forward = Program(
            tuple(
                Call(f"{name}_", self.function, [{"$": "x"}, {"$": param}])
                for name, param in params.items()
            ),
            {name: {"@": f"{name}_", "item": 0} for name in params},
        )
        drawing = [case for case in self.cases if case.name != "test"]
        if drawing:
            # One set of draws for all that is asked of them.
            run = f"{self.question}.{drawing[0].name}"
            checks = [row_check(self.question, c, run, self.function, c.name) for c in drawing]
            first = drawing[0]
            yield Proof(run, forward, tuple(checks), first.inputs, first.count, compared=False)
        test = forward.giving(["out"])
        for case in self.cases:
            if case.name == "test":
                check = row_check(self.question, case, None, self.function)
                yield Proof(
                    check.run,
                    test,
                    (check,),
                    case.inputs,
                    case.count,
                    ladder=True,
                    varies=self.varies,
                )
        cache: Reference = {"@": "out_", "item": 1}
        out: Reference = {"@": "out_", "item": 0}
        if self.cache:
            cache["usual"] = [{"$": name} for name in self.cache]
            out["usual"] = {"$": "masked"}
        backward = Program(
            (forward.steps[0], Call("b", self.backward, [{"$": "dout"}, cache])),
            {"out": out, "dx": {"@": "b"}},
        )
        for case in self.backward_cases:
            yield Proof(
                f"{self.backward_question}.{case.name}",
                backward,
                (row_check(self.backward_question, case, None, self.backward, "same_mask"),),
                case.inputs.map(_with_mask) if self.cache else case.inputs,
                case.count,
                compared=False,
            )

    def replaceable(self) -> ReplaceableGroup:
        parts = {self.question: Replaceable(self.function, handle=1)}
        if self.backward:
            parts[self.backward_question] = Replaceable(self.backward)
        return ReplaceableGroup(self.function, parts)


def _with_mask(drawn: dict[str, Tree]) -> dict[str, Tree]:
    """Return *drawn* with a ``mask`` and x ``masked`` by it; without one where nothing is dropped.

    In a key's draws the mask is as secret as its examples.
    """
    from grader.numeric.strategies import salt  # which Hypothesis comes with

    x, keep = drawn["x"], drawn["keep"]
    if keep == 1:
        return {**drawn, "mask": None, "masked": x}
    random = np.random.default_rng([salt(), zlib.crc32(x.tobytes())]).random(x.shape)
    mask = (random < keep) / keep
    return {**drawn, "mask": mask, "masked": x * mask}


def mask(check: Check, inputs: Inputs, outcome: Outcome, answers: Sequence[Answer]) -> Verdict:
    """Each element is dropped or scaled by 1/p, at the right rate, whatever those beside it are."""
    del answers
    verdict = _drawn(check, inputs, outcome, ("out", *RESEEDED))
    if not verdict.passed:
        return verdict
    outs = np.stack([np.asarray(outcome.gave[name]) for name in ("out", *RESEEDED)])
    factors = outs / inputs["x"]
    verdict = kept("out", factors, inputs["keep"])
    if verdict.passed:
        return PASSED if _one_factor(factors) else _coarse("out", factors, inputs["keep"])
    # A factor that float16 holds: as near to 1/p as that, and otherwise a right mask.
    near = np.abs(factors * inputs["keep"] - 1) < HALF
    if kept("out", np.where(near, 1 / inputs["keep"], factors), inputs["keep"]).passed:
        return _coarse("out", factors, inputs["keep"])
    return verdict


def _one_factor(factors: Array) -> bool:
    """Say whether all that masks keep is scaled by one number: float32 may hold that one."""
    on = factors[factors != 0]
    return agrees(on, np.full_like(on, np.median(on))) if on.size else True


def _coarse(output: str, factors: Array, keep: float) -> Verdict:
    """Return the verdict on what is right as far as a precision below float64 holds it."""
    error = float(np.max(np.abs(factors[factors != 0] * keep - 1)))
    held: Precision = "float32" if error < 4 * SINGLE else "float16"
    facts: CheckEvidence = {"precision": held, "error": error, "bound": RELATIVE}
    return Verdict("value", output, facts, nearly=CLOSE)


def seeded(check: Check, inputs: Inputs, outcome: Outcome, answers: Sequence[Answer]) -> Verdict:
    """The same seed gives the same mask, another seed one that has nothing to do with it."""
    del answers
    verdict = _drawn(check, inputs, outcome, ("out", "again", *RESEEDED))
    if not verdict.passed:
        return verdict
    if not np.array_equal(outcome.gave["out"], outcome.gave["again"]):
        return Verdict("value", "out", {"property": {"name": "seed_ignored"}})
    on = [np.asarray(outcome.gave[name]) != 0 for name in ("out", *RESEEDED)]
    rate = float(np.mean(on))
    if any(alike(one, other, rate) for one, other in zip(on[::2], on[1::2], strict=True)):
        return Verdict("value", "out", {"property": {"name": "seed_fixed"}})
    return PASSED


def _drawn(check: Check, inputs: Inputs, outcome: Outcome, names: Sequence[str]) -> Verdict:
    """Return the first verdict on calls that gave no array of the shape of x."""
    if outcome.failed:
        return failed(check, outcome)
    verdicts = (shaped("out", outcome.gave.get(name), inputs["x"]) for name in names)
    return next((verdict for verdict in verdicts if not verdict.passed), PASSED)


def same_mask(check: Check, inputs: Inputs, outcome: Outcome, answers: Sequence[Answer]) -> Verdict:
    """The gradient goes through the mask that the forward pass shows; in test mode, unchanged.

    A forward pass with another rate or factor costs its own points only: what it dropped shows.
    """
    del answers
    if outcome.failed:
        return failed(check, outcome)
    dout, dx, out = inputs["dout"], outcome.gave.get("dx"), outcome.gave.get("out")
    for name, array in (("dx", dx), ("out", out)):
        verdict = shaped(name, array, dout)
        if not verdict.passed:
            return verdict
    keep = inputs["keep"]
    if keep == 1:
        return compared("dx", dx, dout, value_facts)
    factor = np.asarray(out) / inputs["x"]
    if not kept("out", factor, keep, single=True).passed and not drops(factor):
        return Verdict("value", "dx", {"property": {"name": "forward_unusable"}})
    facts = value_facts(np.asarray(dx), dout * factor)
    if facts is None:
        return PASSED
    if agrees(np.asarray(dx), dout * factor, relative=SINGLE):
        # The forward pass may have rounded its output: what is scaled by one number is right.
        own = np.asarray(dx) / dout
        if _one_factor(own):
            return PASSED
        return _coarse("dx", own, 1 / float(np.median(own[own != 0])))
    wrong = other_mask(np.asarray(dx) / dout, factor != 0, keep)
    if wrong is not None:
        facts = {**facts, "property": wrong}
    return Verdict("value", "dx", facts)


JUDGES: Mapping[str, Judge] = {"mask": mask, "seeded": seeded, "same_mask": same_mask}
