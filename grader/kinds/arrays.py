"""Judges of arrays: does each output agree with the answer, and if not, at which stage?"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from grader.model.checks import Check
from grader.model.evidence import CheckEvidence, ExceptionFacts
from grader.model.programs import Inputs, Outcome
from grader.model.trees import Array, Opaque, Tree
from grader.model.verdicts import CLOSE, PASSED, STAGES, Verdict
from grader.numeric.errors import ABSOLUTE, NEARLY, RELATIVE, distance, elementwise, worst
from grader.numeric.precision import precision

Answer = Mapping[str, Tree]
#: What came of a function that was to return a tuple, where the next call had no use for it.
ONE = "one value in place of several values"

#: (check, inputs, outcome, the answers that are right) -> verdict
Judge = Callable[[Check, Inputs, Outcome, Sequence[Answer]], Verdict]


def match(check: Check, inputs: Inputs, outcome: Outcome, answers: Sequence[Answer]) -> Verdict:
    """Every output agrees with the key, norm-wise; with several answers, with one of them."""
    del inputs
    verdicts = [against(check, outcome, answer, value_facts) for answer in answers]
    return next((verdict for verdict in verdicts if verdict.passed), verdicts[0])


def published(check: Check, inputs: Inputs, outcome: Outcome, answers: Sequence[Answer]) -> Verdict:
    """Every output meets the notebook's bound on its element-wise relative error."""
    del inputs
    bound = float(check.settings["bound"])

    def close(got: Array, expected: Array) -> CheckEvidence | None:
        error = elementwise(got, expected)
        return None if error <= bound else {"error": error, "bound": bound}

    return against(check, outcome, answers[0], close)


def usable(check: Check, inputs: Inputs, outcome: Outcome, answers: Sequence[Answer]) -> Verdict:
    """Every output is made of finite numbers. For where no answer is at hand."""
    del inputs, answers
    whole = check.settings.get("whole", ())
    for name in check.outputs:
        if name not in outcome.gave:
            return failed(check, outcome)
        got = outcome.gave[name]
        children = got if isinstance(got, dict) else {"": got}
        if not children:
            return Verdict("type", name, {"got": "an empty dict"})
        for key, child in children.items():
            output = f"{name}.{key}" if key else name
            verdict = shaped(output, child, child, whole=name in whole)
            if not verdict.passed:
                return verdict
    return PASSED


def against(
    check: Check,
    outcome: Outcome,
    answer: Answer,
    close: Callable[[Array, Array], CheckEvidence | None],
) -> Verdict:
    """Compare every output with one answer; of several that fail, the earliest stage counts."""
    verdicts = {name: _output(check, outcome, name, answer, close) for name in check.outputs}
    return gathered(verdicts)


def gathered(verdicts: Mapping[str, Verdict]) -> Verdict:
    """Return the verdict on a check from those on its outputs, by name.

    The most serious failure counts, and those of all outputs are its ``parts``.
    """
    failures = {name: verdict for name, verdict in verdicts.items() if not verdict.passed}
    worst = min(failures.values(), key=gravity, default=PASSED)
    return replace(worst, parts=failures) if failures else PASSED


def gravity(verdict: Verdict) -> tuple[bool, bool, int]:
    """Return how serious a failure is, the most serious first.

    Wrong numbers outweigh right ones in a wrong shape and nearly right ones, whatever the order
    of the stages.
    """
    right = bool(verdict.right_numbers)
    return right, bool(verdict.nearly), STAGES.index(verdict.stage or "value")


def _output(
    check: Check,
    outcome: Outcome,
    name: str,
    answer: Answer,
    close: Callable[[Array, Array], CheckEvidence | None],
) -> Verdict:
    """Return the verdict on one output: that on its leaf that fails most seriously."""
    if name not in outcome.gave or (outcome.failed and outcome.gave[name] is None):
        return replace(failed(check, outcome), output=name)
    verdicts = (
        compared(output, got, expected, close)
        for output, got, expected in leaves(name, outcome.gave[name], answer[name])
    )
    return min((v for v in verdicts if not v.passed), key=gravity, default=PASSED)


def compared(
    output: str, got: Tree, expected: Tree, close: Callable[[Array, Array], CheckEvidence | None]
) -> Verdict:
    """Return the verdict on one array; *close* returns what is wrong with its numbers, if any."""
    verdict = shaped(output, got, expected, whole=_whole(expected))
    if not verdict.passed and verdict.right_numbers is None:
        return verdict
    one = _numbers(np.asarray(got).reshape(np.shape(expected)))
    other = _numbers(np.asarray(expected))
    facts = close(one, other)
    if facts is None:
        return verdict if verdict.passed else replace(verdict, right_numbers=True)
    # Whole numbers are right or wrong: a count of a million is no nearer than one of ten.
    nearly = not _whole(expected) and distance(one, other).within(NEARLY)
    found = precision(one, other)
    if found is not None:
        facts["precision"] = found
    return Verdict(
        "value" if verdict.passed else verdict.stage,
        output,
        {**verdict.evidence, **facts},
        right_numbers=nearly and not verdict.passed,
        nearly=CLOSE if nearly else "",
    )


def _whole(expected: Tree) -> bool:
    """Say whether the right answer is an array of whole numbers or truth values, or a bool."""
    if isinstance(expected, np.ndarray):
        return expected.dtype.kind in "iub"
    return isinstance(expected, bool)


def _numbers(array: Array) -> Array:
    """Return an array that can be subtracted: whole numbers and truth values as float64."""
    return array.astype(np.float64) if array.dtype.kind in "iub" else array


def leaves(name: str, got: Tree, expected: Tree) -> Iterator[tuple[str, Tree, Tree]]:
    if isinstance(expected, dict):
        for key, child in expected.items():
            yield from leaves(
                f"{name}.{key}", got.get(key) if isinstance(got, dict) else got, child
            )
    else:
        yield name, got, expected


def leaf(gave: Mapping[str, Tree], output: str) -> Tree:
    name, _, key = output.partition(".")
    value = gave.get(name)
    return value.get(key) if key and isinstance(value, dict) else value


def shaped(output: str, got: Tree, expected: Tree, *, whole: bool = False) -> Verdict:
    """Stages ``returned_none`` to ``not_finite`` of one array.

    *whole*: whole numbers and truth values are as good as floating point.
    """
    if got is None:
        return Verdict("returned_none", output)
    if (isinstance(got, bool) and not whole) or not isinstance(got, (int, float, np.ndarray)):
        return Verdict("type", output, {"got": kind_of(got)})
    array = np.asarray(got)
    shape = list(np.shape(expected))
    sizes: CheckEvidence = {"got_shape": list(array.shape), "expected_shape": shape}
    if list(array.shape) != shape and array.size != np.size(expected):
        return Verdict("shape", output, sizes)
    # An integer loss of Python's own is a number all the same.
    number = (isinstance(got, int) and not shape) or (whole and array.dtype.kind in "iub")
    if not number and (array.dtype.kind != "f" or array.dtype == np.float16):
        return Verdict("dtype", output, {"got_dtype": array.dtype.name})
    if not np.isfinite(array).all():
        bad = np.argwhere(~np.isfinite(array))[0]
        return Verdict("not_finite", output, {"worst": {"index": [int(i) for i in bad]}})
    if list(array.shape) != shape:
        return Verdict("shape", output, sizes, right_numbers=False)
    return PASSED


def value_facts(got: Array, expected: Array) -> CheckEvidence | None:
    found = distance(got, expected)
    if found.within():
        return None
    return {
        # Numbers too large for a norm: NaN, which no reader of JSON takes.
        "error": found.relative if math.isfinite(found.relative) else 1.0,
        "bound": RELATIVE + (ABSOLUTE / found.scale if found.scale else 0.0),
        "worst": {"index": list(worst(got, expected))},
    }


def failed(check: Check, outcome: Outcome) -> Verdict:
    failure = outcome.failed
    output = check.outputs[0] if check.outputs else ""
    if failure is None:
        return Verdict("returned_none", output)
    if failure.stage == "type":
        return Verdict("type", output, {"got": ONE})
    exception: ExceptionFacts = {
        "type": failure.type,
        "text": failure.text,
        "file": failure.file,
        "line": failure.line,
        "target": failure.target,
    }
    if failure.cause:
        exception["cause"] = failure.cause
    if failure.caller_line:
        exception["caller"] = {"file": failure.caller_file, "line": failure.caller_line}
    return Verdict(failure.stage, output, {"exception": exception})


def weighed(value: Tree, weight: Array) -> float | None:
    """Return ``sum(value * weight)``, the loss that ``dout`` stands for; None where it can't be."""
    if isinstance(value, bool) or not isinstance(value, (int, float, np.ndarray)):
        return None
    array = np.asarray(value)
    if array.dtype.kind not in "fiu" or array.size != weight.size:
        return None
    return float(np.vdot(array.astype(np.float64), weight))


def kind_of(value: Tree) -> str:
    if isinstance(value, Opaque):
        return value.type
    return "array" if isinstance(value, np.ndarray) else type(value).__name__


JUDGES: Mapping[str, Judge] = {"match": match, "published": published, "usable": usable}
