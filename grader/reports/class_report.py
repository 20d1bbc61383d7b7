"""The report on a class: what its marks say of the questions, of the checks, and of who needs help.

One version is the instructor's own. The other names nobody, suppresses what would show fewer than
five people, and may be passed on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote

from grader.classroom import folder, items
from grader.classroom.comparison import RunComparison
from grader.classroom.punctuality import HandedIn
from grader.classroom.tally import Tallied, Tally
from grader.reports import report_rows, report_tables
from grader.reports.disclosure import FEWEST, Disclosure
from grader.reports.environment import render
from grader.reports.findings import Diagnosis
from grader.wording import labels
from grader.wording.report import COUNTS, HIDDEN

#: Of so many submissions the map has a row for each; of a larger class, for each tenth of it.
MAPPED = 200
#: How many are named who need help first.
HELPED = 20


@dataclass(frozen=True)
class ClassFacts:
    """What is known of a class: counts of its results, of who handed in, and of an earlier run.

    ``missing`` of the roster handed in nothing. ``trained``: the class's page shows trainings.
    """

    title: str
    tally: Tally
    missing: int = 0
    handed: Sequence[HandedIn] = ()
    before: RunComparison | None = None
    diagnoses: Mapping[str, Diagnosis] = field(default_factory=dict)
    trained: bool = False


def class_report(facts: ClassFacts, *, shared: bool = False) -> str:
    """Return ``report.html``; with *shared*, ``report-shared.html``, which names nobody."""
    shown = Disclosure(shared)
    tally = facts.tally
    matrix = tally.matrix()
    found = items.figures(matrix)
    reliability = items.reliability(matrix)
    graded = [row for row in tally.graded if row.max_score]
    shares = [row.score / row.max_score for row in graded]
    without = dict(zip(reliability.items, reliability.without, strict=True)) if reliability else {}
    return render(
        "report.html.j2",
        title=facts.title,
        shared=shared,
        enough=len(graded) >= FEWEST or not shared,
        graded=len(graded),
        counts=_counts(facts, shown),
        scores=report_rows.scores(shares, shown),
        quartiles=items.quartiles(shares),
        analysed=len(matrix.rows),
        questions=[
            report_rows.item(f, shown, without.get(f.item)) for f in found if not f.item.check
        ],
        checks=report_rows.by_question([f for f in found if f.item.check], matrix, shown),
        flagged=report_rows.flagged(found),
        reliability=reliability,
        few=items.FEW,
        fewest=items.FEWEST,
        causes=report_tables.causes(tally, facts.diagnoses, shown),
        help=[] if shared else report_tables.helped(tally, facts.diagnoses, HELPED),
        map=None if shared else report_tables.student_map(matrix, MAPPED),
        handed=report_tables.times(facts.handed, shown),
        attempts=report_tables.attempts(facts.handed, shown),
        pairs=report_tables.pairs(items.together(matrix), shown),
        before=report_tables.movements(facts.before, matrix, facts.diagnoses, shown),
        trained=facts.trained and not shared,
        count=labels.count,
        percent=labels.percent,
        href=lambda name: f"{folder.SUBMISSIONS}/{quote(name, safe='')}/{folder.FEEDBACK}",
    )


def _counts(facts: ClassFacts, shown: Disclosure) -> list[tuple[str, str]]:
    """Return how many submissions are what, in words and numbers."""
    rows: Sequence[Tallied] = facts.tally.rows
    whole = shown.parts(
        {
            "graded": sum(row.status == "graded" for row in rows),
            "not_graded": sum(row.status == "not_graded" for row in rows),
            "unreadable": sum(row.status == "unreadable" for row in rows),
        }
    )
    parts = {
        "missing": facts.missing,
        "late": sum(row.late for row in rows),
        "pending": sum(row.pending > 0 for row in rows),
        "timed_out": sum(row.timed_out for row in rows),
        "crashed": sum(row.crashed for row in rows),
    }
    told = whole | {
        name: shown.number(count) if shown.shows(count, len(rows)) or name == "missing" else HIDDEN
        for name, count in parts.items()
    }
    return [(COUNTS[name], told[name]) for name in COUNTS]
