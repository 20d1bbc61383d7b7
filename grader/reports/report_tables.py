"""Tables of the report on a class: causes, the map of students, who needs help, times, changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from grader.classroom.comparison import Movement, RunComparison
from grader.classroom.items import FailedTogether
from grader.classroom.lost_points import LostBy
from grader.classroom.punctuality import HandedIn
from grader.classroom.tally import ClassItem, Matrix, Tally
from grader.reports.disclosure import FEWEST, Disclosure
from grader.reports.findings import Diagnosis
from grader.reports.report_rows import BAR, percent
from grader.wording import labels
from grader.wording.repairs import KINDS
from grader.wording.report import HIDDEN, OTHER_CAUSES, REASONS, TIMES

#: How many causes, and how many changes of each kind, are told.
CAUSES, MOVEMENTS = 25, 25
#: Shades of the map: the share of a question's points that is lost.
SHADES = 5
#: What is shown of a message.
LONGEST = 240


@dataclass(frozen=True)
class CauseRow:
    """What points were lost by: in words, with the instructor's note, how many by how many."""

    title: str
    note: str
    points: float
    submissions: int
    bar: float


@dataclass(frozen=True)
class HelpRow:
    """Who needs help: what is lost, and what is to be done first."""

    submission: str
    missing: float
    title: str
    said: str
    gain: float


@dataclass(frozen=True)
class MapCell:
    """What one submission, or the mean of some, has in one question; ``shade`` by what is lost."""

    text: str
    shade: int


@dataclass(frozen=True)
class StudentMap:
    """Students by questions: in a large class, tenths of it, and those who have least."""

    questions: Sequence[ClassItem]
    tenths: Sequence[tuple[str, Sequence[MapCell]]]
    students: Sequence[tuple[str, float, Sequence[MapCell]]]
    count: int


@dataclass(frozen=True)
class BarRow:
    """A row of a table with a bar: its label, a count, a second figure."""

    label: str
    count: str
    bar: float
    mean: str


def causes(tally: Tally, diagnoses: Mapping[str, Diagnosis], shown: Disclosure) -> list[CauseRow]:
    """Return by what points were lost, the most first; of few people together where shared."""
    points: dict[LostBy, float] = {}
    people: dict[LostBy, set[str]] = {}
    titles: dict[str, str] = {}
    for row in tally.rows:
        for place, cause, lost in row.lost:
            titles[tally.item(place).question] = tally.item(place).title
            points[cause] = points.get(cause, 0.0) + lost
            people.setdefault(cause, set()).add(row.submission)
    told = [c for c in points if not shown.shared or len(people[c]) >= FEWEST]
    rest = [c for c in points if c not in set(told)]
    made = [
        (_cause(c, titles, diagnoses), points[c], len(people[c]))
        for c in sorted(told, key=lambda c: (-points[c], c))[:CAUSES]
    ]
    others = set[str]().union(*(people[c] for c in rest))
    if len(others) >= FEWEST:
        made.append(((OTHER_CAUSES, ""), sum(points[c] for c in rest), len(others)))
    most = max((lost for _, lost, _ in made), default=1.0) or 1.0
    return [CauseRow(*said, lost, n, round(BAR * lost / most, 1)) for said, lost, n in made]


def _cause(
    cause: LostBy, titles: Mapping[str, str], diagnoses: Mapping[str, Diagnosis]
) -> tuple[str, str]:
    if cause.reason == "mistake":
        known = diagnoses.get(cause.what, Diagnosis(cause.what, ""))
        return known.title, known.note
    if cause.reason == "stage":
        return labels.stage(cause.what), ""
    what = KINDS.get(cause.what, cause.what)
    title = titles.get(cause.what, cause.what)
    return REASONS[cause.reason].format(title=title, what=what, where=cause.where), ""


def helped(tally: Tally, diagnoses: Mapping[str, Diagnosis], most: int) -> list[HelpRow]:
    """Return who could gain most, the first broken part of each beside it."""
    waiting = [row for row in tally.graded if row.next is not None and row.missing > 0]
    made = []
    for row in sorted(waiting, key=lambda row: (-row.missing, row.submission))[:most]:
        step = row.next
        assert step is not None
        known = diagnoses.get(step.diagnosis)
        said = known.title if known else step.said
        said = said if len(said) <= LONGEST else said[:LONGEST].rstrip() + " …"
        made.append(HelpRow(row.submission, row.missing, step.title, said, step.gain))
    return made


def student_map(matrix: Matrix, most: int) -> StudentMap | None:
    """Return students by questions, those with the fewest points first; ``None`` of nobody."""
    own = matrix.questions
    if not own.rows:
        return None
    maxima = np.where(own.maxima > 0, own.maxima, 1.0)
    judged = ~own.open
    shares = np.where(judged, own.marks / maxima, np.nan)
    order = sorted(range(len(own.rows)), key=lambda i: (own.rows[i].score, own.rows[i].submission))
    large = len(order) > most
    tenths = []
    for number, part in enumerate(np.array_split(np.array(order), 10) if large else (), start=1):
        mine = shares[part]
        count = np.maximum((~np.isnan(mine)).sum(axis=0), 1)
        means = np.where(np.isnan(mine).all(axis=0), np.nan, np.nansum(mine, axis=0) / count)
        tenths.append((str(number), [_cell(share, percent(share)) for share in means.tolist()]))
    students = [
        (
            own.rows[i].submission,
            own.rows[i].score,
            [
                _cell(share, f"{mark:.3g}" if share == share else "–")
                for share, mark in zip(shares[i].tolist(), own.marks[i].tolist(), strict=True)
            ],
        )
        for i in order[: most // 2 if large else most]
    ]
    return StudentMap(own.items, tenths, students, len(order))


def _cell(share: float, text: str) -> MapCell:
    if share != share:  # it waits for a mark
        return MapCell("–", 0)
    lost = min(1.0, max(0.0, 1.0 - share))
    return MapCell(text, 0 if lost < 1e-9 else 1 + min(SHADES - 1, int(lost * SHADES)))


def times(handed: Sequence[HandedIn], shown: Disclosure) -> list[BarRow]:
    """Return how many handed in when, and their means; nothing where no time is known."""
    known = [(one.hours, one.share) for one in handed if one.hours is not None]
    groups = [[share for hours, share in known if low <= hours < high] for low, high, _ in TIMES]
    enough = known and (len(known) >= FEWEST or not shown.shared)
    joined = shown.joined([len(group) for group in groups]) if enough else []
    most = max((count for *_, count in joined), default=1) or 1
    made = []
    for first, last, count in joined:
        label = TIMES[first][2] if first == last else f"{TIMES[first][2]}, to {TIMES[last][2]}"
        shares = [share for group in groups[first : last + 1] for share in group]
        mean = percent(sum(shares) / len(shares)) if shares else "–"
        made.append(BarRow(label, str(count), round(BAR * count / most, 1), mean))
    return made


def attempts(handed: Sequence[HandedIn], shown: Disclosure) -> list[tuple[str, str]]:
    """Return how many handed in how often; nothing where nobody did more than once."""
    counts: dict[int, int] = {}
    for one in handed:
        if one.attempts is not None:
            counts[min(one.attempts, 5)] = counts.get(min(one.attempts, 5), 0) + 1
    if set(counts) <= {1} or (shown.shared and sum(counts.values()) < FEWEST):
        return []
    told = shown.parts({str(number): counts[number] for number in sorted(counts)})
    return [(f"{n} or more" if n == "5" else n, told[n]) for n in map(str, sorted(counts))]


def pairs(found: Sequence[FailedTogether], shown: Disclosure) -> list[FailedTogether]:
    """Return pairs of checks that may be shown."""
    return [p for p in found if shown.shows(p.both, p.either) and shown.shows(p.either, p.reached)]


@dataclass(frozen=True)
class MovementRow:
    """What became of one mistake or check, in texts."""

    title: str
    then: str
    now: str
    mended: str
    kept: str
    new: str
    interval: str


@dataclass(frozen=True)
class BeforeAfter:
    """Two runs: how many in each and both, and what moved of mistakes and of checks."""

    comparison: RunComparison
    mistakes: Sequence[MovementRow]
    checks: Sequence[MovementRow]


def movements(
    before: RunComparison | None,
    matrix: Matrix,
    diagnoses: Mapping[str, Diagnosis],
    shown: Disclosure,
) -> BeforeAfter | None:
    """Return what moved between two runs; ``None`` where there is no earlier one."""
    if before is None:
        return None
    questions = {one.question: one.title for one in matrix.items if not one.check}
    titles = {
        one.check: f"{questions.get(one.question, one.question)}: {one.title}"
        for one in matrix.items
    }
    rows: dict[str, list[MovementRow]] = {"mistake": [], "check": []}
    for moved in before.movements:
        fact = moved.fact
        if shown.shared and max(moved.then, moved.now) < FEWEST:
            continue  # that anybody has it would show some of these few
        known = diagnoses.get(fact.id)
        title = known.title if known else fact.id
        if fact.kind == "check":
            title = titles.get(fact.id, fact.id)
        if len(rows[fact.kind]) < MOVEMENTS:
            rows[fact.kind].append(_movement(moved, title, shown))
    return BeforeAfter(before, rows["mistake"], rows["check"])


def _movement(moved: Movement, title: str, shown: Disclosure) -> MovementRow:
    had = moved.mended + moved.kept
    split = shown.shows(moved.mended, had)
    new = split and shown.shows(moved.new, moved.new)
    # Where everybody is in both runs, those who have it now are those who kept it and new ones:
    # of the three, no two may be told if the third is not.
    now = shown.shows(moved.now, moved.now) and (new or not split)
    low, high = moved.interval
    share = f"{percent(low)} to {percent(high)}" if had else "–"
    return MovementRow(
        title,
        str(moved.then) if shown.shows(moved.then, moved.then) else HIDDEN,
        str(moved.now) if now else HIDDEN,
        str(moved.mended) if split else HIDDEN,
        str(moved.kept) if split else HIDDEN,
        str(moved.new) if new else HIDDEN,
        share if split else HIDDEN,
    )
