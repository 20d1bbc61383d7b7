"""Saved outputs that contradict the code: a notebook shows figures that its code doesn't give."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from grader.marking.notebooks.alignment import AlignedNotebook
from grader.model.notebooks import Cell
from grader.model.trees import clean
from grader.model.verdicts import QuestionResult

#: Digits are bounded: a student's output may have runs of any length.
_NUMBER = r"([-+]?(?:\d[\d_]{0,40}(?:\.\d{0,40})?(?:e[-+]?\d{1,9})?|nan|inf))"
#: How long a line of theirs is at the most, and what is in each.
_LINE, _EXPECT = 400, "(expect "
#: What the course's check cells print: a figure, and in parentheses what it should be.
_ORDER = re.compile(rf"{_NUMBER} \(expect the order of {_NUMBER} or less\)")
_LESS = re.compile(rf"{_NUMBER}[a-z ]* \(expect less than {_NUMBER}\)")
_WITHIN = re.compile(rf"{_NUMBER} \(expect {_NUMBER}, within {_NUMBER}\)")
#: How a check cell says that what it calls still raises NotImplementedError.
_NOT_IMPLEMENTED = "not implemented yet:"
#: Stages that the notebook's own check can't notice, since numpy broadcasts and converts.
_UNSEEN = ("shape", "type", "dtype")


def stale(result: QuestionResult, aligned: AlignedNotebook) -> list[str]:
    """Return sentences about a question's saved check outputs that contradict its code."""
    cells = [
        aligned.document.cells[m.index]
        for m in aligned.matching.of(result.id, "check")
        if m.index is not None
    ]
    shown = [verdict for cell in cells if (verdict := shows(cell)) is not None]
    if not shown:
        return []
    failed = [c for c in result.checks if c.status == "failed" and c.stage not in _UNSEEN]
    if len(failed) < len(result.checks):
        # The notebook sees what is published, and gradients where nothing is; not the rest.
        published = [check for check in result.checks if check.visibility == "published"]
        failed = [c for c in failed if c in published or (not published and c.stage == "gradient")]
    if failed and all(met for met, _ in shown):
        return [f"The notebook shows {_listed(shown)}, and the code fails: {failed[0].title}."]
    missed = [entry for entry in shown if not entry[0]]
    if missed and result.status == "passed" and not result.given:
        return [f"The notebook shows {_listed(missed)}, and the code passes every check."]
    return []


def shows(cell: Cell) -> tuple[bool, str] | None:
    """Return whether a check cell's saved outputs meet what they say to expect, and its figures.

    ``None`` where they show no figure at all, as in a cell that wasn't run.
    """
    raised = next((output.text for output in cell.outputs if output.kind == "error"), "")
    if raised:
        return False, clean(raised, 120)
    for line in cell.text.splitlines():
        if line.startswith(_NOT_IMPLEMENTED):
            return False, clean(line, 120)
    figures = []
    for line in cell.text.splitlines()[:200]:
        if _EXPECT not in line or len(line) > _LINE:
            continue
        for pattern, met in ((_ORDER, _order), (_LESS, _less), (_WITHIN, _within)):
            if found := pattern.search(line):
                figures.append((met(*map(_float, found.groups())), clean(line, 120)))
    if not figures:
        return None
    return min(figures, key=lambda figure: figure[0])


def _order(value: float, order: float) -> bool:
    return abs(value) < 10 * order  # 3e-8 meets "the order of 1e-08"


def _less(value: float, bound: float) -> bool:
    return value < bound


def _within(value: float, expected: float, margin: float) -> bool:
    return abs(value - expected) < margin


def _float(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan


def _listed(shown: Sequence[tuple[bool, str]]) -> str:
    more = f" and {len(shown) - 1} more" if len(shown) > 1 else ""
    return f"“{shown[0][1]}”{more}"
