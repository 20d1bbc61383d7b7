"""How a class's trainings went: at each place along them, the class's quartiles, and a few by name.

A chart has the same size for ten submissions and for a thousand: the lines of all of them would
hide one another. Named are those furthest above and below the class's median accuracy.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import fmean, median, quantiles

from grader.model.evidence import CheckEvidence
from grader.model.records import SubmissionRecord, evidence_of
from grader.wording import labels

#: How many places along a training are shown: every twentieth of it.
PLACES = 21
#: How many submissions are named at either end.
NAMED = 3
#: A chart's plot, the margins for the numbers beside it, and the height of one of those.
WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM, TEXT = 290, 130, 54, 16, 8, 20, 12

#: How far above the band a scale of its own goes.
_ROOM = 1.05
_LOSS, _ACCURACY = "loss_history", "val_acc_history"


@dataclass(frozen=True)
class Named:
    """A submission that a chart shows by itself. ``kind`` is ``high`` or ``low``."""

    number: int
    submission: str
    accuracy: float
    kind: str


@dataclass(frozen=True)
class ChartLine:
    """A line of a chart: points of an SVG polyline, its number and how high that stands."""

    kind: str
    points: str
    number: int = 0
    y: float = 0.0


@dataclass(frozen=True)
class Chart:
    """One quantity along the training. ``band`` is between the quartiles.

    ``ticks`` are heights with what stands there; ``rows`` of the table have the place and a value
    for each of ``columns``. ``cut``: a line leaves the scale and is drawn along its edge.
    """

    title: str
    band: str
    lines: tuple[ChartLine, ...]
    ticks: tuple[tuple[float, str], ...]
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    cut: bool


@dataclass(frozen=True)
class TrainingCurves:
    """One question: how many were trained, what they reach, and how they got there."""

    title: str
    count: int
    quartiles: tuple[float, float, float]
    named: tuple[Named, ...]
    charts: tuple[Chart, ...]


@dataclass(frozen=True)
class _Trained:
    submission: str
    accuracy: float
    histories: Mapping[str, Sequence[float]]


def trainings(results: Sequence[SubmissionRecord]) -> list[TrainingCurves]:
    """Return the charts of each question that at least two of *results* were trained for."""
    found: dict[str, list[_Trained]] = {}
    titles: dict[str, str] = {}
    for result in results:
        for question in result["questions"]:
            titles.setdefault(question["id"], question["title"])
            for check in question.get("checks") or ():
                kept = brief(evidence_of(check))
                accuracy = kept.get("accuracy")
                if accuracy is not None:
                    entry = _Trained(result["submission"], accuracy, kept["histories"])
                    found.setdefault(question["id"], []).append(entry)
    return [_training(titles[id], found[id]) for id in titles if len(found.get(id, ())) > 1]


def brief(evidence: CheckEvidence) -> CheckEvidence:
    """Return the evidence of a check that :func:`trainings` needs; empty without a model."""
    histories = {
        name: along(values)
        for name, values in (evidence.get("histories") or {}).items()
        if name in (_LOSS, _ACCURACY) and len(values) > 1
    }
    if not histories or evidence.get("accuracy") is None:
        return {}
    return {"accuracy": evidence["accuracy"], "histories": histories}


def along(values: Sequence[float], places: int = PLACES) -> list[float]:
    """Return *values* (two or more) at evenly spaced *places*: means of many, or between few."""
    count = len(values)
    if count >= places:
        ends = [i * count // places for i in range(places + 1)]
        return [fmean(values[ends[i] : ends[i + 1]]) for i in range(places)]
    found = []
    for i in range(places):
        at = i * (count - 1) / (places - 1)
        before = min(int(at), count - 2)
        share = at - before
        found.append(values[before] * (1 - share) + values[before + 1] * share)
    return found


def _training(title: str, entries: Sequence[_Trained]) -> TrainingCurves:
    accuracies = [entry.accuracy for entry in entries]
    named = _named(entries)
    charts = [
        _chart("Loss", _LOSS, entries, named, _short),
        _chart("Validation accuracy", _ACCURACY, entries, named, labels.percent, top=1.0),
    ]
    return TrainingCurves(
        title=title,
        count=len(entries),
        quartiles=_quartiles(accuracies),
        named=named,
        charts=tuple(chart for chart in charts if chart),
    )


def _named(entries: Sequence[_Trained]) -> tuple[Named, ...]:
    """Return those furthest from the median on either side; where all are alike, nobody."""
    middle = median(entry.accuracy for entry in entries)
    best_first = sorted(entries, key=lambda entry: (-entry.accuracy, entry.submission))
    high = [entry for entry in best_first if entry.accuracy > middle][:NAMED]
    low = [entry for entry in best_first if entry.accuracy < middle][-NAMED:]
    return tuple(
        Named(number, entry.submission, entry.accuracy, "high" if entry in high else "low")
        for number, entry in enumerate([*high, *low], start=1)
    )


def _chart(
    title: str,
    name: str,
    entries: Sequence[_Trained],
    named: Sequence[Named],
    written: Callable[[float], str],
    *,
    top: float | None = None,
) -> Chart | None:
    """Return the chart of the histories *name*, up to *top*, else a little above the band."""
    curves = {e.submission: e.histories[name] for e in entries if name in e.histories}
    if len(curves) < 2:
        return None
    found = [_quartiles(values) for values in zip(*curves.values(), strict=True)]
    low, middle, high = ([quartiles[i] for quartiles in found] for i in range(3))
    bottom = min(0.0, *low)
    span = (_ROOM * max(high) if top is None else top) - bottom or 1.0

    def y(value: float) -> float:
        kept = min(max(value, bottom), bottom + span)
        return round(HEIGHT * (1 - (kept - bottom) / span), 1)

    def points(values: Sequence[float]) -> list[str]:
        return [f"{WIDTH * i / (PLACES - 1):g},{y(v):g}" for i, v in enumerate(values)]

    shown = [who for who in named if who.submission in curves]
    heights = _apart([y(curves[who.submission][-1]) for who in shown])
    lines = [
        ChartLine(who.kind, " ".join(points(curves[who.submission])), who.number, height)
        for who, height in zip(shown, heights, strict=True)
    ]
    columns: dict[str, Sequence[float]]
    columns = {"Lower quartile": low, "Median": middle, "Upper quartile": high}
    columns |= {f"{who.number} {who.submission}": curves[who.submission] for who in shown}
    return Chart(
        title=title,
        band=" ".join([*points(high), *reversed(points(low))]),
        lines=(*lines, ChartLine("median", " ".join(points(middle)))),
        ticks=tuple((y(v), written(v)) for v in (bottom, bottom + span / 2, bottom + span)),
        columns=tuple(columns),
        rows=tuple(
            (f"{100 * i / (PLACES - 1):g} %", *(written(values[i]) for values in columns.values()))
            for i in range(PLACES)
        ),
        cut=any(not bottom <= v <= bottom + span for who in shown for v in curves[who.submission]),
    )


def _short(value: float) -> str:
    return f"{value:.3g}" if abs(value) < 1000 else f"{value:.0f}"


def _quartiles(values: Sequence[float]) -> tuple[float, float, float]:
    low, middle, high = quantiles(values, n=4, method="inclusive")
    return low, middle, high


def _apart(heights: Sequence[float]) -> list[float]:
    """Return heights in the same order, at least a line of text apart, within the plot."""
    order = sorted(range(len(heights)), key=lambda i: (heights[i], i))
    placed = list(heights)
    for above, below in pairwise(order):
        placed[below] = max(placed[below], placed[above] + TEXT)
    limit = float(HEIGHT)
    for i in reversed(order):
        placed[i] = min(placed[i], limit)
        limit = placed[i] - TEXT
    return [round(height, 1) for height in placed]
