"""Selects what a page shows of a question: what was right, and the failure to look at first."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from grader.model.evidence import CheckEvidence, SourceFacts, WorstFacts
from grader.model.records import CheckRecord, QuestionRecord, evidence_of
from grader.model.verdicts import STAGES
from grader.reports import arrays, figures
from grader.wording import labels, messages

#: What the plots of a training show: by title, the histories by what they are of.
_HISTORIES: Mapping[str, Mapping[str, str]] = {
    "Loss": {"training": "loss_history"},
    "Accuracy": {"training": "train_acc_history", "validation": "val_acc_history"},
}
#: A function of more lines is shown about the line that is marked, so many on either side of it.
LONG, AROUND = 22, 8


@dataclass(frozen=True)
class Diagnosis:
    """A misconception's words: for the student, and in ``note`` for the instructor."""

    title: str
    message: str
    note: str = ""


@dataclass(frozen=True)
class SourceLine:
    """A line of a student's; ``mark`` says in words why it is marked, if it is."""

    number: int
    text: str
    mark: str = ""


@dataclass(frozen=True)
class Finding:
    """One failed check, ready to be shown.

    ``message`` is the first thing to say, ``also`` are further known mistakes of the question, and
    ``further`` what else was found out. ``seen`` is the check's own message where a diagnosis says
    more. ``outputs`` says what each of several outputs is worth. ``code`` can be pasted into a
    notebook's cell. ``excerpt`` are the lines about the one that is marked, in a long function.
    """

    title: str
    message: str
    also: tuple[Diagnosis, ...]
    further: tuple[str, ...]
    seen: str
    check: str
    failing: str
    outputs: str
    error: str
    source: SourceFacts | None
    lines: tuple[SourceLine, ...]
    excerpt: tuple[SourceLine, ...]
    example: str
    code: str
    grids: tuple[arrays.Grid, ...]
    worst: str
    heat: figures.Heat | None

    @property
    def has_example(self) -> bool:
        """Whether there is more to show than the message."""
        found = (self.seen, self.code, self.grids, self.worst, self.heat, self.error)
        return any(map(bool, found))


@dataclass(frozen=True)
class Story:
    """A question as a page tells it."""

    question: QuestionRecord
    anchor: str
    label: str
    points: str
    passed: Sequence[CheckRecord]
    finding: Finding | None
    others: Sequence[CheckRecord]
    link: str
    plots: Sequence[figures.Plot] = ()


def story(question: QuestionRecord, diagnoses: Mapping[str, Diagnosis], link: str = "") -> Story:
    """Return what a page shows of *question*, an entry of a result's ``questions``."""
    checks = question.get("checks") or []
    passed = [check for check in checks if check["status"] == "passed"]
    failed = sorted((check for check in checks if check["status"] != "passed"), key=_urgency)
    return Story(
        question=question,
        anchor=anchor(question["id"]),
        label=labels.STATUSES.get(question["status"], question["status"]),
        points=points(question),
        passed=passed,
        finding=finding(failed[0], diagnoses, failed[1:]) if failed else None,
        others=failed[1:],
        link=link if re.match(r"https?://", link) else "",
        plots=_plots(checks),
    )


def _plots(checks: Sequence[CheckRecord]) -> list[figures.Plot]:
    """Return the curves of the training that a question's check measured."""
    found = [evidence_of(check).get("histories") or {} for check in checks]
    histories = next((entry for entry in found if entry), {})
    plots = (
        figures.plot(title, {kind: histories.get(name) or [] for kind, name in names.items()})
        for title, names in _HISTORIES.items()
    )
    return [plot for plot in plots if plot]


def first(checks: Sequence[CheckRecord]) -> CheckRecord | None:
    """Return the failed check to look at first: the earliest stage, then one that is explained."""
    return min(
        (check for check in checks if check["status"] != "passed"), key=_urgency, default=None
    )


def anchor(id: str) -> str:
    """Return an id for the page that holds nothing but letters, digits, ``-`` and ``_``."""
    return "q-" + re.sub(r"[^A-Za-z0-9_-]", "-", id)


def points(question: QuestionRecord) -> str:
    """Return ``"2 / 6"``; a dash in place of a score that there isn't."""
    open_ = question["status"] in ("needs_marking", "not_graded")
    return f"{'–' if open_ else format(question['score'], 'g')} / {question['max_score']:g}"


def _urgency(check: CheckRecord) -> tuple[bool, int, bool, bool, bool]:
    # An error of the grader's own comes last: a student can do nothing about it.
    stage = check.get("stage")
    order = STAGES.index(stage) if stage in STAGES else len(STAGES)
    hidden = evidence_of(check).get("example", "hidden") == "hidden"
    number = evidence_of(check).get("explained_by", "number") == "number"
    return check["status"] == "error", order, not check.get("diagnosis"), number, hidden


def finding(
    check: CheckRecord,
    diagnoses: Mapping[str, Diagnosis] | None = None,
    others: Sequence[CheckRecord] = (),
) -> Finding:
    """Return what a page shows of a failed *check*, an entry of a question's ``checks``.

    *others* are further failed checks of the question: known mistakes of theirs are told, too.
    """
    evidence = evidence_of(check)
    known = _known([check, *others], diagnoses or {})
    diagnosis = known.pop(check.get("diagnosis") or "", None)
    message = check.get("message") or ""
    said = diagnosis.message if diagnosis else message
    source = evidence.get("source")
    lines = _lines(evidence)
    outputs = check.get("outputs") or []
    return Finding(
        title=_heading(check, evidence, diagnosis),
        message=said,
        also=tuple(known.values()),
        further=_further(evidence, said),
        seen=messages.beside(message if said != message else evidence.get("came", ""), said),
        check=check["title"],
        failing=_failing(evidence.get("failing")),
        outputs=labels.outputs(outputs) if len(outputs) > 1 else "",
        error=_error(evidence.get("error"), evidence.get("bound")),
        source=source,
        lines=lines,
        excerpt=_excerpt(lines),
        example=labels.EXAMPLES.get(evidence.get("example", "hidden"), labels.EXAMPLES["hidden"]),
        code=_code(evidence),
        grids=arrays.pair(evidence),
        worst=_worst(evidence.get("worst")),
        heat=figures.heat(evidence),
    )


def _known(
    checks: Sequence[CheckRecord], diagnoses: Mapping[str, Diagnosis]
) -> dict[str, Diagnosis]:
    """Return the known mistakes of some checks by id, in their order."""
    ids: dict[str | None, None] = {}
    for check in checks:
        told = evidence_of(check).get("explanations") or []
        named = [found.get("misconception") for found in told]
        ids |= dict.fromkeys([check.get("diagnosis") or "", *named])
    return {id: diagnoses[id] for id in ids if id and id in diagnoses}


def _further(evidence: CheckEvidence, said: str) -> tuple[str, ...]:
    """Return what was found out beside what is *said*; known mistakes are told by their names."""
    told = evidence.get("explanations") or []
    texts = [found["text"] for found in told if found["mechanism"] != "catalogue"]
    return tuple(text for text in dict.fromkeys(texts) if text not in said)


def _heading(check: CheckRecord, evidence: CheckEvidence, diagnosis: Diagnosis | None) -> str:
    label = labels.stage(check.get("stage"), check["status"])
    about = evidence.get("output") or evidence.get("call")
    if check.get("nearly"):
        label = labels.NEARLY.capitalize()
        about = evidence.get("nearly") or about
    elif diagnosis:
        return diagnosis.title
    return f"{label}: {about}" if about else label


def _failing(failing: Sequence[int] | None) -> str:
    return f"{failing[0]} of {labels.count(failing[1], 'example')} fail" if failing else ""


def _error(error: float | None, bound: float | None) -> str:
    if error is None or not math.isfinite(error):
        return ""
    allowed = f"; at most {bound:.0e} is allowed" if bound is not None else ""
    return f"The relative error is {error:.1e}{allowed}."


def _lines(evidence: CheckEvidence) -> tuple[SourceLine, ...]:
    """Return the lines of the source, the one that raised or that a repair changes marked."""
    source = evidence.get("source")
    if source is None:
        return ()
    marks = {
        one["line"]: labels.LOOK_HERE
        for one in evidence.get("explanations") or ()
        if one.get("file") == source["file"] and "line" in one
    }
    if source.get("line"):
        marks = {source["line"] or 0: labels.RAISED_HERE}
    return tuple(
        SourceLine(number, text, marks.get(number, ""))
        for number, text in enumerate(source["lines"], source["first"])
    )


def _excerpt(lines: Sequence[SourceLine]) -> tuple[SourceLine, ...]:
    """Return the lines about the first that is marked; none where all can be seen at once."""
    at = next((i for i, line in enumerate(lines) if line.mark), None)
    if at is None or len(lines) <= LONG:
        return ()
    first = max(0, min(at - AROUND, len(lines) - 2 * AROUND - 1))
    return tuple(lines[first : first + 2 * AROUND + 1])


def _code(evidence: CheckEvidence) -> str:
    code, statement = evidence.get("input") or "", evidence.get("statement") or ""
    return code if statement in code else f"{code.rstrip()}\n{statement}".lstrip()


def _worst(worst: WorstFacts | None) -> str:
    if not worst:
        return ""
    index = ", ".join(map(str, worst["index"]))
    where = f"The element furthest off is at [{index}]" if index else "The number"
    if worst.get("expected") is None:
        return where + "."
    got, expected = arrays.shortest_pair(worst.get("got"), worst["expected"])
    return f"{where}: got {got}, expected {expected}."
