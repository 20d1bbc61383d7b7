"""One's own checks: as lines for a terminal, and as a piece of a page for a notebook's cell."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Sequence

from grader.model.records import CheckRecord
from grader.reports import arrays
from grader.reports.environment import clean, render
from grader.reports.findings import finding
from grader.selfcheck.questions import CheckedQuestion
from grader.selfcheck.readiness import Line
from grader.wording import messages
from grader.wording.labels import count

#: Lines that a failure has at most.
MOST_LINES = 25
_WIDTH = 96

#: Takes a check's id, code and how many lines are left for it; returns the code to show.
Shorten = Callable[[str, str, int], str]


def question_lines(checked: CheckedQuestion, title: str, said: set[str], shorten: Shorten) -> str:
    """Return a question's result as lines: that it is right, or each check that failed.

    *said* holds the messages so far: one that was told is not told again. Empty for what is told
    of several questions together (:func:`together`).
    """
    if checked.state == "passed":
        word, more = ("ok  ", "") if checked.valued else ("runs", " (and gives numbers)")
        return clean(f"{word} {checked.id}: {title}{more}")
    failed = checked.failed
    lines = [line for result in failed for line in _failure(result.to_json(), said, shorten)]
    if failed and len(failed) < len(checked.checks):
        others = count(len(checked.checks) - len(failed), "check")
        lines.append(f"     Of {checked.id}, {others} more passed.")
    return clean("\n".join(lines))


def _failure(result: CheckRecord, said: set[str], shorten: Shorten) -> list[str]:
    word = "nearly" if result.get("nearly") else "FAIL"
    lines = [f"{word} {result['id']}: {result['title']}"]
    if result["message"] in said:
        return [*lines, "     For the same reason."]
    said.add(result["message"])
    lines += _indented(result["message"])
    if came := messages.beside(result["evidence"].get("came", ""), result["message"]):
        lines += _indented(came)
    worst = result["evidence"].get("worst", {})
    if worst.get("expected") is not None:
        got, expected = arrays.shortest_pair(worst.get("got"), worst["expected"])
        place = ", ".join(map(str, worst["index"]))
        at = f"Furthest off at [{place}]" if place else "The number"
        lines.append(f"     {at}: yours is {got}, and {expected} is asked.")
    code = result["evidence"].get("input")
    if code:
        lines.append("     The smallest example that was found, to paste into a cell:")
        lines += _indented(shorten(result["id"], code, MOST_LINES - len(lines)))
    return lines


def together(checked: Sequence[CheckedQuestion]) -> list[tuple[str, str]]:
    """Return what is told of several questions in one sentence, each with the word for its line."""
    told = []
    unwritten = [question.id for question in checked if question.state == "unwritten"]
    if unwritten:
        told.append(("todo", f"Not written yet: {', '.join(unwritten)}."))
    waiting: dict[tuple[str, ...], list[str]] = {}
    for question in checked:
        if question.state == "waits":
            waiting.setdefault(question.needs, []).append(question.id)
    for needs, ids in waiting.items():
        verb = "waits" if len(ids) == 1 else "wait"
        told.append(("wait", f"{', '.join(ids)}: {verb} for {', '.join(needs)}."))
    return told


def wrapped(word: str, text: str) -> str:
    """Return a line that begins with *word*, in as many lines as it takes."""
    return "\n".join(
        textwrap.wrap(
            clean(text),
            _WIDTH,
            initial_indent=f"{word:5}",
            subsequent_indent=" " * 5,
            break_on_hyphens=False,
            break_long_words=False,
        )
    )


def cell(
    checked: Sequence[CheckedQuestion], source: str, shorten: Shorten, ready: Sequence[Line] = ()
) -> str:
    """Return the same as HTML for a cell's output: escaped, no script, any front end's colours.

    *source* says what was checked.
    """
    failed: dict[str, list[CheckRecord]] = {}
    passed: list[CheckRecord] = []
    for question in checked:
        if question.state in ("passed", "failed"):
            for result in [check.to_json() for check in question.checks]:
                if result["status"] == "passed":
                    passed.append(result)
                    continue
                code = result["evidence"].get("input")
                if code:
                    result["evidence"]["input"] = shorten(result["id"], code, MOST_LINES)
                failed.setdefault(result["message"], []).append(result)
    return render(
        "cell.html.j2",
        source=source,
        passed=passed,
        failed=[(finding(alike[0]), alike) for alike in failed.values()],
        total=len(passed) + sum(map(len, failed.values())),
        told=[sentence for _, sentence in together(checked)] + [line.text for line in ready],
        count=count,
    )


def _indented(text: str) -> list[str]:
    return ["     " + line for line in text.splitlines()]
