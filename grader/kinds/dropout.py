"""Layers that drop at random: their two passes, and the judges of masks."""

from __future__ import annotations

import math
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from grader.kinds.arrays import Answer, Judge, compared, failed, shaped, value_facts
from grader.kinds.proof import Case, Proof, ReplaceableGroup, row_check
from grader.model.checks import Check, Replaceable
from grader.model.evidence import CheckEvidence, PropertyFacts
from grader.model.literals import Precision
from grader.model.programs import Inputs, Outcome, Program
from grader.model.steps import Call, Reference
from grader.model.trees import Array, Tree
from grader.model.verdicts import CLOSE, PASSED, Verdict
from grader.numeric.chance import alike, count_is_off, counts_coincide, patterned
from grader.numeric.errors import RELATIVE, agrees

#: How many masks of other seeds are drawn beside the first.
OTHERS = 7
RESEEDED = tuple(f"out{i}" for i in range(1, OTHERS + 1))
#: How closely a factor is 1/p: as float32 holds it.
SINGLE = 2.0**-23
#: The same of float16, and of the quotient of two of its numbers.
HALF = 2.0**-10
#: The largest factor of what is kept, and one over the smallest, that a mask may have.
MOST_FACTOR = 1e3
#: How near a measured rate is to one that it is called by, in standard errors.
STANDARD_ERRORS = 5.0


@dataclass(frozen=True)
class Mask:
    """A layer that drops at random, ``function(x, param) -> (out, cache)``.

    ``param`` is the name of its dict of parameters, with ``mode``, ``p`` (the probability of
    keeping) and ``seed``; inputs hold the like with other seeds, ``other1`` to ``other7``
    (:data:`OTHERS`), and ``keep``, which is p, or 1 in test mode. Never compared with the key while
    it draws. ``cache`` is the usual form of what it hands to the backward pass, where there is one:
    names of inputs, and ``mask``, of zeros and 1/p (none in test mode).
    """

    question: str
    function: str
    param: str
    cases: tuple[Case, ...]
    backward: str = ""
    backward_question: str = ""
    backward_cases: tuple[Case, ...] = ()
    cache: tuple[str, ...] = ()

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
                yield Proof(check.run, test, (check,), case.inputs, case.count, ladder=True)
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


def kept(
    output: str, factor: Array, keep: float, *, seen: Array | None = None, single: bool = False
) -> Verdict:
    """Judge masks by their factors: 0 or 1/keep, at the right rate, each drawn for itself.

    The first axis of *factor* counts masks of different seeds, or it is a *single* one. *seen* says
    which factors are known, where not all are. What is wrong comes with ``like``: what the rate and
    the factor are instead, where they are a known function of the probability. The tests are those
    of :mod:`grader.numeric.chance`: right code fails less than once in 10^9 draws.
    """
    masks = factor[np.newaxis] if single else factor
    known = np.ones(masks.shape, bool) if seen is None else seen
    on = masks != 0
    size, count = int(known.sum()), int(np.count_nonzero(on & known))
    rate = count / size if size else 0.0
    error = STANDARD_ERRORS * np.sqrt(keep * (1 - keep) / max(size, 1))
    factors = masks[on & known]
    median = float(np.median(factors)) if count else 0.0
    normal = 0.5 + 0.5 * math.erf(keep / math.sqrt(2))
    rates = {"p": keep, "1-p": 1 - keep, "P(z<p)": normal}
    whole = {0.0: "0", 1.0: "1"}.get(rate)
    named = f"{whole or like(rate, rates, error)}, {like(median, _factors(keep), 2 * SINGLE)}"

    def wrong(name: str, found: tuple[float, float] | None = None) -> Verdict:
        facts: PropertyFacts = {"name": name, "like": named}
        if found is not None:
            facts["got"], facts["expected"] = found
        return Verdict("value", output, {"property": facts})

    if rate == 1.0 and agrees(factors, np.ones_like(factors)):
        return wrong("nothing_dropped")
    if rate == 0.0:
        return wrong("all_dropped")
    if seen is None and masks.ndim > 2 and min(masks.shape[1:]) > 1 and rate < 1:
        if (on == on[:, :1]).all():
            return wrong("rows_alike")
        if (on == on[:, :, :1]).all():
            return wrong("columns_alike")
    if not agrees(factors, np.full_like(factors, 1 / keep), relative=SINGLE):
        return wrong("mask_scale", (median, 1 / keep))
    if count_is_off(count, size, keep):
        return wrong("keep_rate", (rate, keep))
    if patterned(on, keep, range(1, on.ndim), known) is not None:
        return wrong("patterned")
    if seen is None and not single and _same_share(on, keep):
        return wrong("same_share")
    return PASSED


def _same_share(on: Array, keep: float) -> bool:
    """Say whether masks keep one number of elements each: as a whole, in each row or column.

    A mask that comes again says nothing more: that is the seed's.
    """
    return _coincide(on, keep) and _coincide(np.unique(on, axis=0), keep)


def _coincide(on: Array, keep: float) -> bool:
    axes = range(1, on.ndim)
    within = [tuple(axes), *((axis,) for axis in axes if on.ndim > 2)]
    return any(
        counts_coincide(on.sum(axis=some), math.prod(on.shape[axis] for axis in some), keep)
        for some in within
    )


def drops(factor: Array) -> bool:
    """Say whether a mask drops some values and scales what it keeps by one number.

    That number is one of a size that a rate can have: beside a smaller one anything would agree.
    """
    on = factor != 0
    if not on.any() or on.all():
        return False
    scale = float(np.median(factor[on]))
    return 1 / MOST_FACTOR <= abs(scale) <= MOST_FACTOR and agrees(
        factor[on], np.full_like(factor[on], scale)
    )


def other_mask(factor: Array, on: Array, keep: float) -> PropertyFacts | None:
    """Return which property a gradient's factors lack, given where the forward pass kept."""
    mine = factor != 0
    median = float(np.median(factor[mine])) if mine.any() else 0.0
    if not mine.any() or not agrees(factor[mine], np.full_like(factor[mine], median)):
        return None
    same = bool((mine == on).all())
    return {
        "name": "mask_ignored" if mine.all() else "mask_scale" if same else "other_mask",
        "got": median,
        "expected": 1 / keep,
        "like": like(median, _factors(keep)),
    }


def _factors(keep: float) -> dict[str, float]:
    drop = 1 - keep
    return {"1/p": 1 / keep, "1": 1.0, "p": keep, "1/(1-p)": 1 / drop, "1/p^2": keep**-2}


def like(number: float, known: Mapping[str, float], error: float = 1e-9) -> str:
    """Return the name of the known number that *number* is within *error*, or ""."""
    return next((name for name, value in known.items() if abs(number - value) <= error), "")


JUDGES: Mapping[str, Judge] = {"mask": mask, "seeded": seeded, "same_mask": same_mask}
