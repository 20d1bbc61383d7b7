"""One's own checks: as lines for a terminal, and as a piece of a page for a notebook's cell."""

from __future__ import annotations

from collections.abc import Sequence

from grader.model.records import CheckRecord
from grader.reports.environment import clean, render
from grader.reports.findings import finding
from grader.wording.labels import count


def check_lines(result: CheckRecord, said: set[str]) -> str:
    """Return a check's result as lines: what it is, and if it failed the words and the example.

    *said* holds the messages so far: one that was told is not told again.
    """
    passed = result["status"] == "passed"
    word = "ok  " if passed else "nearly" if result.get("nearly") else "FAIL"
    lines = [f"{word} {result['id']}: {result['title']}"]
    if not passed and result["message"] in said:
        lines.append("     For the same reason.")
    elif not passed:
        said.add(result["message"])
        lines += _indented(result["message"])
        code = result["evidence"].get("input")
        if code:
            lines.append("     The smallest example that was found, to paste into a cell:")
            lines += _indented(code)
    return clean("\n".join(lines))


def cell(results: Sequence[CheckRecord], source: str) -> str:
    """Return the same as HTML for a cell's output: escaped, no script, any front end's colours.

    *source* says what was checked.
    """
    failed: dict[str, list[CheckRecord]] = {}
    for result in results:
        if result["status"] != "passed":
            failed.setdefault(result["message"], []).append(result)
    return render(
        "cell.html.j2",
        source=source,
        passed=[result for result in results if result["status"] == "passed"],
        failed=[(finding(alike[0]), alike) for alike in failed.values()],
        total=len(results),
        count=count,
    )


def _indented(text: str) -> list[str]:
    return ["     " + line for line in text.splitlines()]
