"""Evidence of a public failure: what was asked, as code to paste; what came, what is right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from grader.kinds.arrays import leaf
from grader.model.checks import AnsweredRun, Check
from grader.model.evidence import CheckEvidence, HeatFacts, Listed, StructureFacts
from grader.model.programs import Inputs, Outcome, Program
from grader.model.steps import Call, GiveMasks, Keep, New, Params, Set, Step
from grader.model.trees import Array, Opaque, Tree
from grader.model.verdicts import Verdict
from grader.numeric.errors import agrees, normwise
from grader.numeric.structure import WrongPair, common

#: What is shown of an array at most.
MAX_SHOWN = 240
MAX_HEAT = 24


class PasteableCode:
    """The examples of a key as code to paste: each is written once, for whoever fails it."""

    def __init__(self) -> None:
        self._written: dict[tuple[str, str, int], str] = {}

    def of(self, check: Check, sheet: AnsweredRun, index: int, kind: str) -> str:
        """Return an example's script; *kind* is that of the sheet (a ladder, a published one)."""
        name = check.id, kind, index
        if name not in self._written:
            self._written[name] = asked(check, sheet, index)
        return self._written[name]


def asked(check: Check, sheet: AnsweredRun, index: int) -> str:
    """Return one example of a check as code to paste."""
    program = sheet.run.program
    # A property's outputs stand under several names, such as dx.g and dx.z.
    shown = [name for name in program.give if name.partition(".")[0] in check.outputs]
    return script(program.giving(shown), sheet.run.examples[index], check.outputs)


def shown(
    sheet: AnsweredRun, index: int, outcome: Outcome, verdict: Verdict, asked: str
) -> CheckEvidence:
    """Return the evidence of one public example that failed, as JSON values.

    *asked* is the example as code to paste.
    """
    evidence = verdict.facts
    evidence["input"] = asked
    answers = sheet.answers[index] if sheet.answers else {}
    got = leaf(outcome.gave, verdict.output)
    expected = leaf(answers, verdict.output)
    if isinstance(expected, (int, float)):
        expected = np.asarray(float(expected))
    if isinstance(expected, np.ndarray):
        evidence["expected"] = listed(expected)
        evidence["expected_shape"] = list(expected.shape)
    if isinstance(got, (int, float)) and not isinstance(got, bool):
        got = np.asarray(float(got))
    if isinstance(got, np.ndarray) and got.dtype.kind in "fiub":
        evidence["got"] = listed(got)
        evidence["got_shape"], evidence["got_dtype"] = list(got.shape), got.dtype.name
        if isinstance(expected, np.ndarray):
            right = np.asarray(expected, np.float64)
            if "exception" not in evidence:
                _add_compared(evidence, np.asarray(got, np.float64), right)
    elif verdict.stage == "type":
        evidence["got"] = got.type if isinstance(got, Opaque) else type(got).__name__
    return evidence


def related(
    sheet: AnsweredRun, outcomes: Sequence[tuple[int, Outcome]], output: str
) -> StructureFacts | None:
    """Return how an output is related to the right one on all *outcomes* that get it wrong.

    Each stands with the number of its example; the first is the one that is shown.
    """
    pairs = []
    for index, outcome in outcomes:
        answers = sheet.answers[index] if sheet.answers else {}
        got, expected = (number(leaf(gave, output)) for gave in (outcome.gave, answers))
        if got is None or expected is None:
            return None
        if got.shape != expected.shape or not agrees(got, expected):
            pairs.append(WrongPair(got, expected, sheet.run.examples[index]))
    found = common(pairs)
    return None if found is None else {"kind": found.kind, "value": found.value}


def number(value: Tree) -> Array | None:
    """Return an array or a number as float64; nothing for anything else."""
    if isinstance(value, bool) or not isinstance(value, (int, float, np.ndarray)):
        return None
    array = np.asarray(value)
    return array.astype(np.float64) if array.dtype.kind in "fiub" else None


def _add_compared(facts: CheckEvidence, got: Array, expected: Array) -> None:
    if got.shape == expected.shape and np.isfinite(got).all():
        # A judge's own measure stands beside its own bound: published figures go by elements.
        facts.setdefault("error", normwise(got, expected))
        facts["heat"] = heat(got, expected)
        index = np.unravel_index(int(np.argmax(np.abs(got - expected))), got.shape)
        facts["worst"] = {
            "index": [int(i) for i in index],
            "got": float(got[index]),
            "expected": float(expected[index]),
        }


def heat(got: Array, expected: Array) -> HeatFacts | None:
    """Return ``|got - expected|`` as a small matrix scaled to [0, 1], or None for a scalar."""
    if not got.ndim or not got.size:
        return None
    difference = np.abs(got - expected)
    matrix = difference.reshape(len(difference) if got.ndim > 1 else 1, -1)[:MAX_HEAT, :MAX_HEAT]
    largest = float(matrix.max())
    scaled = matrix / largest if largest else matrix
    return {
        "shape": list(matrix.shape),
        "values": [[round(float(v), 3) for v in row] for row in scaled],
    }


def listed(array: Array) -> Listed:
    """Return an array as nested lists with what a float64 holds, or a text where it is too long."""
    if array.size > MAX_SHOWN:
        return f"an array of shape {array.shape}"
    return _finite(array.tolist())


def _finite(value: Tree) -> Listed:
    if isinstance(value, list):
        return [_finite(child) for child in value]
    return value if np.isfinite(value) else repr(float(value))


def script(program: Program, inputs: Inputs, outputs: tuple[str, ...]) -> str:
    """Return *program* as Python to paste into a cell, with its inputs and what to look at."""
    used = program.inputs
    lines = [
        f"{name} = {literal(value, len(name) + 3)}"
        for name, value in inputs.items()
        if name in used
    ]
    calls = [line for step in program.steps if (line := _line(step))]
    wanted = [name for name in program.give if name.partition(".")[0] in outputs]
    calls += [f"print({_code(program.give[name])})" for name in wanted]
    return "\n".join(lines + calls)


def _line(step: Step) -> str:
    """Return a step as a line of Python; nothing for what a notebook has no use for."""
    match step:
        case Call(to, target, args):
            arguments = ", ".join(_code(argument) for argument in args)
            return f"{to} = {_name(target)}({arguments})"
        case New(to, target, args, kwargs):
            return f"{to} = {_name(target)}(*{_code(args)}, **{_code(kwargs)})"
        case Params(model, values):
            return f"{model}.params.update({_code(values)})"
        case Set(model, name, value):
            return f"{model}.{name} = {_code(value)}"
        case GiveMasks(_, forward, backward, masks):
            names = f"{_name(forward)} and {_name(backward)}"
            return f"# From here on {names} use the next of {_code(masks)} at each call."
        case Keep(to, value):
            copied = "" if "$" in value else ".copy()"
            return f"{to} = {_code(value)}{copied}"
    return ""


def literal(value: Tree, column: int = 0) -> str:
    """Return an input as a Python expression with ``np`` for numpy, to stand at *column*."""
    if isinstance(value, np.ndarray):
        text = np.array2string(
            value,
            separator=", ",
            floatmode="unique",
            threshold=1 << 30,
            max_line_width=max(92, column + 40),
            prefix=" " * (column + len("np.array(")),
        )
        return f"np.array({text})" if value.size else f"np.zeros({value.shape})"
    if isinstance(value, Mapping):
        if set(value) == {"dtype"}:
            return f"np.{value['dtype']}"
        arrays = any(isinstance(child, np.ndarray) for child in value.values())
        between = ",\n" + " " * (column + 1) if arrays else ", "
        entries = [f"{k!r}: {literal(v, column + len(repr(k)) + 3)}" for k, v in value.items()]
        return "{" + between.join(entries) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(literal, value)) + "]"
    return repr(value)


def _code(reference: Tree) -> str:
    if isinstance(reference, dict) and "$" in reference:
        replaced = reference.get("with", {})
        changes = "".join(f", {name!r}: {_code(value)}" for name, value in replaced.items())
        return f"{{**{reference['$']}{changes}}}" if replaced else str(reference["$"])
    if isinstance(reference, dict) and "@" in reference:
        items = reference.get("item", [])
        items = items if isinstance(items, list) else [items]
        return str(reference["@"]) + "".join(f"[{item!r}]" for item in items)
    return literal(reference)


def _name(target: str) -> str:
    return target[1:] if target.startswith("@") else target.rpartition(":")[2]
