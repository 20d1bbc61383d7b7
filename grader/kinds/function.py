"""Any function: named outputs of a plain value, a tuple or a dict, their values and gradients.

One row asks one function. ``mse(X, y, w, b) -> (loss, dw, db)`` is::

    Function(
        question="loss",
        function="linear:mse",
        arguments=("X", "y", "w", "b"),
        returns=("loss", "dw", "db"),
        cases=(Case("values", "Loss and gradients", draw.line(), 6, ("loss", "dw", "db")),),
        gradients=(Gradient("dw", wrt="w", of="loss"), Gradient("db", wrt="b", of="loss")),
    )

Values detect: each case's outputs are compared with the key. Central differences of the student's
own function explain, where a gradient is given, and say to a student who has no key at hand
whether it is one.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from grader.kinds.arrays import Answer, Judge, failed, gathered, leaf, shaped, value_facts
from grader.kinds.proof import (
    SLOPES,
    Case,
    KindError,
    Proof,
    Published,
    ReplaceableGroup,
    callee,
    published,
    suffixes,
    values,
    with_probes,
)
from grader.model.checks import Check, Replaceable, Words
from grader.model.dependence import Varied
from grader.model.programs import Inputs, Outcome, Program
from grader.model.steps import Call, Reference, Step
from grader.model.trees import Tree
from grader.model.verdicts import PASSED, Verdict
from grader.numeric.errors import norm
from grader.numeric.gradients import kinked, slope_error

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

#: The largest loss that differences are taken of where no reference's loss is at hand: rounding
#: in a larger one would hide a wrong gradient.
LARGEST = 1e6


@dataclass(frozen=True)
class Gradient:
    """The output *output* is the derivative of the scalar output *of* by the argument *wrt*.

    *function* is the function that gives *of*, with the row's arguments, where it isn't the row's
    own; *returns* are its outputs then, as in :class:`Function`.
    """

    output: str
    wrt: str
    of: str
    function: str = ""
    returns: str | tuple[str, ...] | Mapping[str, str] = ""


@dataclass(frozen=True)
class Relation:
    """Something that holds of any right function: it explains, and carries no points.

    The function is called twice, the second time with the inputs that *instead* names in place
    of arguments (``{"X": "shifted"}``); *outputs* must be *factor* times those of the first call.
    With nothing in *instead*, the function must repeat itself. *says* is the sentence for whoever
    fails it; *hint* is a second one, for whoever fails it again.
    """

    name: str
    title: str
    inputs: SearchStrategy[dict[str, Tree]]
    outputs: tuple[str, ...]
    says: str
    hint: str = ""
    instead: Mapping[str, str] = field(default_factory=dict)
    factor: float = 1.0


@dataclass(frozen=True)
class Function:
    """Any function, ``function(*arguments) -> returns``.

    *returns* names the outputs: one name for a plain value, several for a tuple (a tuple of one
    name for a tuple of one), a mapping from names to keys for a dict. *whole* are the outputs
    that are whole numbers or truth values. Without *cases*, the published figures are all that is
    asked. *gradient_points* go to agreement with central differences, and are shared by all of
    *gradients*; with none, the differences are a property, for the student's own checks. *varies*
    says how arguments may vary, and what their axes are.
    """

    question: str
    function: str
    arguments: tuple[str, ...]
    returns: str | tuple[str, ...] | Mapping[str, str]
    cases: tuple[Case, ...] = ()
    published: tuple[Published, ...] = ()
    published_points: float = 0.0
    whole: tuple[str, ...] = ()
    gradients: tuple[Gradient, ...] = ()
    gradient_points: float = 0.0
    properties: tuple[Relation, ...] = ()
    varies: Mapping[str, Varied] = field(default_factory=dict)

    def proofs(self, *, live: bool) -> Iterator[Proof]:
        """Yield the published figures, each case's values, central differences and relations."""
        program = _program(self)
        yield from published(self, program)
        for case in self.cases:
            proof = values(self.question, case, program, self.function)
            settings = {"whole": list(self.whole)} if self.whole else {}
            checks = tuple(replace(check, settings=settings) for check in proof.checks)
            yield replace(proof, checks=checks, varies=self.varies)
        if self.gradients and self.cases:
            yield _differences(self, live)
        for relation in self.properties:
            yield _related(self, relation)

    def replaceable(self) -> ReplaceableGroup:
        return ReplaceableGroup(self.function, {self.question: Replaceable(self.function)})


def outputs(returns: str | tuple[str, ...] | Mapping[str, str], slot: str) -> dict[str, Reference]:
    """Return where each named output of a call kept under *slot* is found."""
    if isinstance(returns, str):
        return {returns: {"@": slot}}
    if isinstance(returns, Mapping):
        return {name: {"@": slot, "item": [key]} for name, key in returns.items()}
    return {name: {"@": slot, "item": index} for index, name in enumerate(returns)}


def _call(
    row: Function, slot: str, instead: Mapping[str, str] | None = None, function: str = ""
) -> Call:
    names = {name: name for name in row.arguments} | dict(instead or {})
    arguments = [{"$": names[name]} for name in row.arguments]
    return Call(slot, function or row.function, arguments)


def _program(row: Function) -> Program:
    return Program((_call(row, "f"),), outputs(row.returns, "f"))


def _differences(row: Function, live: bool) -> Proof:
    """Return the proof that each gradient is the slope of what it is a gradient of."""
    own = outputs(row.returns, "f")
    for gradient in row.gradients:
        _known(row, "output", gradient.output, own)
        _known(row, "argument", gradient.wrt, row.arguments)
        if not gradient.function:
            _known(row, "output", gradient.of, own)
    steps: list[Step] = [_call(row, "f")]
    give = {gradient.output: own[gradient.output] for gradient in row.gradients}
    for n, gradient in enumerate(row.gradients):
        returns = gradient.returns or (gradient.of if gradient.function else row.returns)
        for suffix in ("", *suffixes(live)):
            slot = f"at{n}{suffix}"
            moved = {gradient.wrt: gradient.wrt + suffix} if suffix else None
            if not suffix and not gradient.function:
                give[slot] = own[gradient.of]
                continue
            steps.append(_call(row, slot, moved, gradient.function))
            give[slot] = outputs(returns, slot)[gradient.of]
    held = {gradient.output for gradient in row.gradients}
    compared = [case for case in row.cases if held & set(case.outputs)] or list(row.cases)
    check = Check(
        id=f"{row.question}.gradient",
        question=row.question,
        title="Agrees with central differences of your own function",
        visibility="hidden" if row.gradient_points else "property",
        run=f"{row.question}.gradient",
        judge="differences",
        outputs=tuple(gradient.output for gradient in row.gradients),
        points=row.gradient_points,
        call=callee(row.function),
        needs=f"{row.question}.{compared[0].name}",
        settings={"wrt": [gradient.wrt for gradient in row.gradients]},
    )
    wrt = [gradient.wrt for gradient in row.gradients]
    inputs = row.cases[0].inputs.map(lambda drawn: with_probes(drawn, wrt, live))
    return Proof(check.run, Program(tuple(steps), give), (check,), inputs, SLOPES)


def _known(row: Function, what: str, name: str, names: Collection[str]) -> None:
    """Raise :class:`KindError` if a gradient of *row* names what the row doesn't have."""
    if name not in names:
        raise KindError(
            f"{row.question}.gradient: the row has no {what} {name!r}: choose from "
            f"{', '.join(names)}"
        )


def _related(row: Function, relation: Relation) -> Proof:
    first, second = outputs(row.returns, "f"), outputs(row.returns, "g")
    give = {name: first[name] for name in relation.outputs}
    give |= {f"{name}.again": second[name] for name in relation.outputs}
    name = f"{row.question}.{relation.name}"
    check = Check(
        id=name,
        question=row.question,
        title=relation.title,
        visibility="property",
        run=name,
        judge="related",
        outputs=relation.outputs,
        points=0.0,
        call=callee(row.function),
        settings={"factor": relation.factor, "name": relation.name},
        words=Words("", {relation.name: relation.says}, {relation.name: relation.hint}),
    )
    steps = (_call(row, "f"), _call(row, "g", relation.instead))
    return Proof(name, Program(steps, give), (check,), relation.inputs, SLOPES, compared=False)


def differences(
    check: Check, inputs: Inputs, outcome: Outcome, answers: Sequence[Answer]
) -> Verdict:
    """Each gradient's slope along a random direction is what the student's own function shows.

    How far the two may be apart follows from the reference's loss where the key holds it, and
    from :data:`LARGEST` elsewhere: never from a loss that the student scales.
    """
    if outcome.failed:
        return failed(check, outcome)
    right = answers[0] if answers else None
    pairs = zip(check.outputs, check.settings["wrt"], strict=True)
    return gathered(
        {
            output: _difference(n, output, wrt, inputs, outcome, right)
            for n, (output, wrt) in enumerate(pairs)
        }
    )


def _difference(
    n: int, output: str, wrt: str, inputs: Inputs, outcome: Outcome, right: Answer | None
) -> Verdict:
    """Return the verdict on the gradient *output* by *wrt*, the row's gradient number *n*."""
    gradient = leaf(outcome.gave, output)
    verdict = shaped(output, gradient, inputs[wrt])
    # A wrong shape is charged by the value check, not again here.
    if not verdict.passed and verdict.right_numbers is None:
        return verdict
    size = _number(right[f"at{n}"]) if right else None
    at, plus, minus = (
        _number(outcome.gave.get(f"at{n}{suffix}")) for suffix in ("", "_plus", "_minus")
    )
    if at is None or plus is None or minus is None:
        return _unusable(output)
    known = abs(size) if size is not None else min(abs(at), LARGEST)
    if max(map(abs, (at, plus, minus))) > max(2.0 * known, LARGEST):
        return _unusable(output)
    array = np.asarray(gradient, np.float64).reshape(np.shape(inputs[wrt]))
    ends = inputs[f"{wrt}_plus"], inputs[f"{wrt}_minus"]
    # A gradient that is too large must not widen its own bound.
    scale = 2.0 * norm(np.asarray(right[output], np.float64)) if right else 0.0
    error, bound = slope_error(array, *ends, plus - minus, known, scale or None)
    if error <= bound or _bends(outcome, n, (minus, at, plus)):
        return PASSED
    return Verdict("gradient", output, {"error": error, "bound": bound})


def _bends(outcome: Outcome, n: int, ends: tuple[float, float, float]) -> bool:
    """Say whether a loss is known to have a kink between its probe points."""
    below, above = (
        _number(outcome.gave.get(f"at{n}{suffix}")) for suffix in ("_half_minus", "_half_plus")
    )
    return below is not None and above is not None and kinked(*ends, below, above)


def _unusable(output: str) -> Verdict:
    return Verdict("value", output, {"property": {"name": "loss_unusable"}})


def _number(value: Tree) -> float | None:
    """Return a finite scalar as a float; ``None`` for all else."""
    if isinstance(value, bool) or not isinstance(value, (int, float, np.ndarray)):
        return None
    if np.size(value) != 1 or np.asarray(value).dtype.kind not in "fiu":
        return None
    number = float(np.asarray(value).reshape(()))
    return number if math.isfinite(number) else None


def related(check: Check, inputs: Inputs, outcome: Outcome, answers: Sequence[Answer]) -> Verdict:
    """Each output of the second call is a factor times that of the first."""
    del inputs, answers
    if outcome.failed:
        return failed(check, outcome)
    for name in check.outputs:
        first, second = outcome.gave.get(name), outcome.gave.get(f"{name}.again")
        verdict = shaped(name, second, first, whole=True)
        if not verdict.passed:
            return verdict
        expected = check.settings["factor"] * np.asarray(first, np.float64)
        facts = value_facts(np.asarray(second, np.float64), expected)
        if facts is not None:
            return Verdict("value", name, {**facts, "property": {"name": check.settings["name"]}})
    return PASSED


JUDGES: Mapping[str, Judge] = {"differences": differences, "related": related}
