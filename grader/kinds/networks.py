"""Networks: their start, their scores, their loss, their gradients."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from grader.kinds.arrays import Answer, Judge, failed, kind_of, match, shaped, usable
from grader.kinds.factors import STANDARD_ERRORS, like
from grader.kinds.proof import (
    SLOPES,
    Case,
    Proof,
    Published,
    callee,
    figure_check,
    row_check,
    suffixes,
    with_probes,
)
from grader.model.checks import Check
from grader.model.dependence import Varied
from grader.model.evidence import PropertyFacts
from grader.model.programs import Inputs, Outcome, Program
from grader.model.steps import Call, New, Params, Read, Reference, Set, Step
from grader.model.trees import Array, Tree, clean
from grader.model.verdicts import PASSED, Verdict
from grader.numeric.chance import deviation_error, ordered, sum_is_off
from grader.numeric.errors import norm


@dataclass(frozen=True)
class Network:
    """A model class: ``cls(*arguments, **options)``, ``loss(X)``, ``loss(X, y)``, ``params``.

    A case's inputs are ``arguments`` (a list), ``options`` (a dict), ``params``, ``X`` and
    ``y``; its outputs ``scores``, ``loss``, ``grads``, and where the inputs hold a ``new_reg``,
    ``new_loss`` and ``new_grads`` after ``model.reg`` was set from outside; a case with
    ``params`` among its outputs (inputs hold ``shapes``) asks that each has a gradient, and one
    with ``grads.gamma`` compares the gradients of ``gamma1, gamma2, ...`` and of no others.
    ``initial`` are cases whose inputs hold ``shapes`` and ``scale`` in place of ``params``, and
    in ``ones`` the names of vectors that start at one. ``slopes`` are cases
    judged by central differences of the model's own loss along the parameters that their
    ``outputs`` name. ``varies`` says how inputs may vary, and what their axes are. A model that
    drops units has a row of its own (:class:`grader.kinds.dropout_networks.DropoutNetwork`).
    """

    question: str
    cls: str
    cases: tuple[Case, ...]
    initial: tuple[Case, ...] = ()
    slopes: tuple[Case, ...] = ()
    published: tuple[Published, ...] = ()
    published_points: float = 0.0
    spellings: tuple[Mapping[str, Tree], ...] = ()
    varies: Mapping[str, Varied] = field(default_factory=dict)

    def proofs(self, *, live: bool) -> Iterator[Proof]:
        """Yield the published figures, the start, values, gradients."""
        new = _new(self)
        for figures in self.published:
            program, checks = _network_published(self, figures)
            yield Proof(
                checks[0].run,
                program,
                checks,
                examples=[figures.inputs],
                answers=[figures.outputs],
            )
        for case in self.initial:
            check = Check(
                id=f"{self.question}.{case.name}",
                question=self.question,
                title=case.title,
                visibility="hidden",
                run=f"{self.question}.{case.name}",
                judge="initial",
                outputs=("params",),
                points=case.points,
                call=callee(self.cls),
            )
            program = Program(
                (new, _READ),
                {"params": {"@": "p"}},
            )
            yield Proof(check.run, program, (check,), case.inputs, case.count, compared=False)
        yield from _network_values(self)
        for case in self.slopes:
            yield _network_slope(self, case, live)

    def replaceable(self) -> None:
        """Return ``None``: nothing builds on a network."""


def _new(row: Network) -> New:
    spellings = [dict(spelling) for spelling in row.spellings]
    return New("m", row.cls, {"$": "arguments"}, {"$": "options"}, spellings)


def _loss(to: str) -> Call:
    return Call(to, "@m.loss", [{"$": "X"}, {"$": "y"}])


_LOSS, _NEW_LOSS = _loss("l"), _loss("n")
_SCORES = Call("s", "@m.loss", [{"$": "X"}])
_READ = Read("p", "m", {"$": "shapes"})
_NEW_REG = Set("m", "reg", {"$": "new_reg"})
_PARAMS = Params("m", {"$": "params"})
#: What fewer first values than these are like is not said.
FEW = 20
#: By output: the steps that it needs, and where it is then.
_GIVEN: Mapping[str, tuple[Sequence[Step], Reference]] = {
    "params": ([_READ], {"@": "p"}),
    "scores": ([_SCORES], {"@": "s"}),
    "loss": ([_LOSS], {"@": "l", "item": 0}),
    "grads": ([_LOSS], {"@": "l", "item": 1}),
    "new_loss": ([_NEW_REG, _NEW_LOSS], {"@": "n", "item": 0}),
    "new_grads": ([_NEW_REG, _NEW_LOSS], {"@": "n", "item": 1}),
}


_ORDER = ("params", "loss", "grads", "scores", "new_loss", "new_grads")


def _network_program(row: Network, outputs: Sequence[str]) -> Program:
    steps: list[Step] = [_new(row), _PARAMS]
    # The training pass first: what test mode then uses (running averages) comes from it.
    for name in sorted(outputs, key=_ORDER.index):
        needed, _ = _GIVEN[name]
        steps += [step for step in needed if step not in steps]
    places = {name: place for name, (_, place) in _GIVEN.items()}
    return Program(tuple(steps), {name: places[name] for name in outputs})


def _network_published(row: Network, figures: Published) -> tuple[Program, tuple[Check, ...]]:
    program = _network_program(row, list(figures.outputs))
    return program, (figure_check(row, figures, row.cls),)


def _network_values(row: Network) -> Iterator[Proof]:
    """Yield one proof for all cases that draw alike, since one model answers for all of them."""
    groups: dict[int, list[Case]] = {}
    for case in row.cases:
        groups.setdefault(id(case.inputs), []).append(case)
    for cases in groups.values():
        outputs = list(dict.fromkeys(name for case in cases for name in _whole(case.outputs)))
        run = f"{row.question}.{cases[0].name}"
        yield Proof(
            run,
            _network_program(row, outputs),
            tuple(_value_check(row, case, run) for case in cases),
            cases[0].inputs,
            max(case.count for case in cases),
            ladder=True,
            varies=row.varies,
        )


def _value_check(row: Network, case: Case, run: str) -> Check:
    only = [name.partition(".")[2] for name in case.outputs if "." in name]
    judge = "complete" if "params" in case.outputs else "part" if only else "match"
    check = row_check(row.question, case, run, "@" + row.cls, judge)
    if not only:
        return check
    return replace(check, outputs=_whole(case.outputs), settings={"only": only})


def _whole(outputs: Sequence[str]) -> tuple[str, ...]:
    """Return the outputs of which these are, or are parts."""
    return tuple(dict.fromkeys(name.partition(".")[0] for name in outputs))


def _network_slope(row: Network, case: Case, live: bool) -> Proof:
    # The strategy of a slope case draws networks of one depth, so that one program fits all:
    # case.outputs names the parameters.
    steps: list[Step] = [_new(row), _PARAMS, _LOSS]
    give: dict[str, Reference] = {"loss": {"@": "l", "item": 0}, "grads": {"@": "l", "item": 1}}
    for name in case.outputs:
        for suffix in suffixes(live):
            moved = name + suffix
            steps.append(Params("m", {"$": "params", "with": {name: {"$": moved}}}))
            steps.append(_loss(moved))
            give[moved] = {"@": moved, "item": 0}
    check = replace(
        row_check(row.question, case, None, "@" + row.cls, "slope"),
        outputs=("grads",),
        settings={"wrt": list(case.outputs)},
    )

    def probed(drawn: dict[str, Tree]) -> dict[str, Tree]:
        return with_probes(drawn, case.outputs, live)

    return Proof(
        check.run,
        Program(tuple(steps), give),
        (check,),
        case.inputs.map(probed),
        SLOPES,
        compared=not live,
        first=Program(tuple(steps[:3]), {"grads": give["grads"]}),
    )


def initial(check: Check, inputs: Inputs, outcome: Outcome, answers: Sequence[Answer]) -> Verdict:
    """First weights have the right names, shapes and scale, biases are zero, no weights alike.

    Vectors that the inputs name in ``ones`` are one in place of zero. Weights may have any
    distribution that is symmetric around zero and of the asked deviation. The tests are those of
    :mod:`grader.numeric.chance`: right code fails less than once in 10^9 draws.
    """
    del answers
    params = outcome.gave.get("params")
    if outcome.failed or params is None:
        return failed(check, outcome)
    if not isinstance(params, dict):
        return Verdict("type", "params", {"got": kind_of(params)})
    scale, ones = float(inputs["scale"]), inputs.get("ones", ())
    for name, shape in inputs["shapes"].items():
        output = f"params.{name}"
        array = params.get(name)
        verdict = shaped(output, array, np.empty(shape))
        if not verdict.passed:
            return verdict
        assert isinstance(array, np.ndarray)
        wanted = inputs.get("dtype")
        if wanted is not None and array.dtype != np.dtype(wanted):
            return Verdict(
                "dtype", output, {"got_dtype": array.dtype.name, "expected_dtype": wanted}
            )
        flat = np.asarray(array, np.float64).ravel()
        if len(shape) == 1:
            if np.any(flat != (name in ones)):
                wrong = "not_one" if name in ones else "bias_not_zero"
                known = _start(flat, scale)
                return Verdict("value", output, {"property": {"name": wrong, "like": known}})
            continue
        if flat.any() and _repeated(flat):
            return Verdict("value", output, {"property": {"name": "weights_alike"}})
        # Around zero, where the mean is to be.
        spread, mean = norm(flat) / np.sqrt(flat.size), float(flat.mean())
        found: PropertyFacts = {"name": "mean", "got": spread, "expected": scale, "mean": mean}
        if sum_is_off(flat):
            error = STANDARD_ERRORS * spread / np.sqrt(flat.size)
            known = like(mean, {"scale/2": scale / 2} if _uniform(flat, scale) else {}, error)
            return Verdict("value", output, {"property": {**found, "like": known}})
        if abs(spread - scale) > deviation_error(flat):
            known = like(spread, {"0": 0.0, "1": 1.0}, 0.05 * spread)
            found = {**found, "name": "weight_scale", "like": known}
            return Verdict("value", output, {"property": found})
        if ordered(np.asarray(array, np.float64)):
            return Verdict("value", output, {"property": {"name": "weights_ordered"}})
    return PASSED


def _repeated(flat: Array) -> bool:
    """Say whether many of some numbers are equal."""
    return bool(np.count_nonzero(np.diff(np.sort(flat))) + 1 < 0.98 * flat.size)


def _uniform(flat: Array, scale: float) -> bool:
    """Say whether numbers can be uniform between zero and *scale*."""
    within = bool(flat.min() >= 0 and flat.max() <= scale)
    return within and bool(abs(flat.std() - scale / np.sqrt(12)) <= 0.05 * scale)


def _start(flat: Array, scale: float) -> str:
    """Return what the first values of a vector are, as far as that is sure: zero, or drawn.

    ``drawn``: around zero with the deviation *scale*, and none beside its like.
    """
    if not flat.any():
        return "zero"
    spread = norm(flat) / np.sqrt(flat.size)
    near = abs(spread - scale) <= STANDARD_ERRORS * scale / np.sqrt(2 * flat.size)
    sorted_ = np.ptp(np.sign(np.diff(flat))) == 0
    sure = near and not (sorted_ or _repeated(flat) or sum_is_off(flat) or ordered(flat))
    return "drawn" if sure and flat.size >= FEW else ""


def part(check: Check, inputs: Inputs, outcome: Outcome, answers: Sequence[Answer]) -> Verdict:
    """The gradients that the settings name agree with the key; others are other checks' matter."""
    if not answers:  # in a student's own check
        return usable(check, inputs, outcome, answers)
    only = check.settings["only"]
    wanted = [
        {
            **answer,
            "grads": {k: v for k, v in answer["grads"].items() if k.rstrip("0123456789") in only},
        }
        for answer in answers
    ]
    return match(check, inputs, outcome, wanted)


def complete(check: Check, inputs: Inputs, outcome: Outcome, answers: Sequence[Answer]) -> Verdict:
    """Every parameter of a model has a gradient of its size, as an optimizer needs it."""
    del inputs, answers
    params, grads = (outcome.gave.get(name) for name in ("params", "grads"))
    if not isinstance(params, dict) or not isinstance(grads, dict):
        return failed(check, outcome)
    for name, value in params.items():
        gradient = grads.get(name)
        if gradient is None or np.size(gradient) != np.size(value):
            lacking: PropertyFacts = {"name": "no_gradient", "parameter": clean(name, 40)}
            return Verdict("value", "grads", {"property": lacking})
    return PASSED


JUDGES: Mapping[str, Judge] = {
    "initial": initial,
    "complete": complete,
    "part": part,
}
