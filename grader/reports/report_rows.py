"""Rows of the report on a class about its scores, questions and checks, ready to be shown."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from grader.classroom.items import Flag, ItemFigures
from grader.classroom.tally import ClassItem, Matrix
from grader.reports.disclosure import Disclosure
from grader.wording.report import FLAGS, HIDDEN, NONE

#: The length of a bar, in SVG units.
BAR = 80


@dataclass(frozen=True)
class ItemRow:
    """A question or a check as the report has it; a text for each figure."""

    item: ClassItem
    mean: str
    facility: str
    bar: float | None
    right: str
    correlation: str
    discrimination: str
    unreached: str
    timed_out: str
    without: str
    flags: tuple[str, ...]


@dataclass(frozen=True)
class Column:
    """A column of a histogram: the percents it goes from and to, its count, and its rectangle."""

    first: int
    last: int
    count: int
    x: float
    width: float
    height: float


def scores(
    shares: Sequence[float], shown: Disclosure, *, unit: float = 42, height: float = 72.0
) -> list[Column]:
    """Return *shares* in ten bins, neighbours joined where one would show too few.

    Areas are in proportion to counts: a bin that is three wide is a third as high.
    """
    counts = [0] * 10
    for share in shares:
        counts[max(0, min(9, int(share * 10 + 1e-9)))] += 1
    joined = shown.joined(counts)
    dense = [(first, last, count, count / (last - first + 1)) for first, last, count in joined]
    highest = max((density for *_, density in dense), default=0) or 1
    return [
        Column(
            10 * first,
            10 * (last + 1),
            count,
            first * unit,
            (last - first + 1) * unit,
            round(height * density / highest, 1),
        )
        for first, last, count, density in dense
    ]


def item(found: ItemFigures, shown: Disclosure, without: float | None = None) -> ItemRow:
    """Return the row of one question or check. *without* is alpha if it is left out."""
    n = found.count
    told = shown.shows(found.full, n) and shown.shows(found.nothing, n)
    unreached = n - found.reached
    return ItemRow(
        found.item,
        number(found.mean) if told else HIDDEN,
        percent(found.facility) if told else HIDDEN,
        round(BAR * found.facility, 1) if told and not math.isnan(found.facility) else None,
        percent(found.passed / n if n else math.nan) if shown.shows(found.passed, n) else HIDDEN,
        correlation(found.item_rest) if told else HIDDEN,
        correlation(found.discrimination) if told else HIDDEN,
        percent(unreached / n if n else math.nan) if shown.shows(unreached, n) else HIDDEN,
        shown.number(found.timed_out) if found.timed_out else NONE,
        correlation(math.nan if without is None else without),
        tuple(FLAGS[flag][0] for flag in found.flags),
    )


def by_question(
    found: Sequence[ItemFigures], matrix: Matrix, shown: Disclosure
) -> list[tuple[str, list[ItemRow]]]:
    """Return the rows of checks by their question's title, in the notebooks' order."""
    titles = {one.question: one.title for one in matrix.items if not one.check}
    made: dict[str, list[ItemRow]] = {}
    for figures in found:
        made.setdefault(figures.item.question, []).append(item(figures, shown))
    return [(titles[question], rows) for question, rows in made.items()]


def flagged(found: Sequence[ItemFigures]) -> list[tuple[str, list[str], str]]:
    """Return what is flagged: the flag's name, titles of items, and what may be the matter.

    What may be at fault stands first. A question isn't named for what one of its checks is.
    """
    order: tuple[Flag, ...] = ("negative", "none", "timeouts", "weak", "all")
    titles = {one.item.question: one.item.title for one in found if not one.item.check}
    made = []
    for flag in order:
        having = [one.item for one in found if flag in one.flags]
        of_checks = {one.question for one in having if one.check}
        names = [
            f"{titles[one.question]}: {one.title}" if one.check else one.title
            for one in having
            if one.check or one.question not in of_checks
        ]
        if names:
            made.append((FLAGS[flag][0], names, FLAGS[flag][1]))
    return made


def number(value: float) -> str:
    return NONE if math.isnan(value) else f"{round(value, 2):g}"


def percent(share: float) -> str:
    """Return a share in whole percents; one that isn't all or nothing is no 100 % or 0 %."""
    if math.isnan(share):
        return NONE
    whole = round(100 * share)
    if whole in (0, 100) and share not in (0.0, 1.0):
        return "> 99 %" if whole else "< 1 %"
    return f"{whole} %"


def correlation(value: float) -> str:
    return NONE if math.isnan(value) else f"{value:.2f}".replace("-", "−")
