"""The public checks in a notebook's cell: ``import grader; grader.check("adam")``."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from pathlib import Path

from grader.key.sources import find
from grader.model.records import CheckRecord
from grader.sandbox import preserved_state
from grader.selfcheck.page import cell, check_lines
from grader.selfcheck.search import Budget
from grader.selfcheck.work import Live, Opened


class CheckReport:
    """What the checks found, for a cell to show. ``failed`` are the ids of those that failed."""

    def __init__(self, results: Sequence[CheckRecord], source: str) -> None:
        self._results, self._source = results, source
        self.failed = [r["id"] for r in results if r["status"] != "passed"]

    def __repr__(self) -> str:
        said: set[str] = set()
        return "\n".join([self._source, *(check_lines(result, said) for result in self._results)])

    def _repr_html_(self) -> str:
        return cell(self._results, self._source)


def check(*questions: object, live: bool = False, examples: int = 50) -> CheckReport:
    """Run the public checks of *questions* on the work in this folder; on all of it without any.

    The files are checked as they are saved. With *live*, the functions and classes that this
    kernel has imported are; and a function or class in place of a question's name is checked
    itself. Searches through *examples* inputs for each check. ``np.random`` stays as it was.

    Raises :class:`ValueError` for what there is no question about.
    """
    folder = Path.cwd()
    place = find(folder)
    objects = {q.__name__: q for q in questions if hasattr(q, "__name__")}
    with preserved_state():
        if live or objects:
            work = Live(place, folder, objects)
            asked = _asked(questions, work)
            found = [r.to_json() for r in work.check(asked, Budget(examples))]
            return CheckReport(found, "Checked as this kernel has it now.")
        with Opened(place, folder) as opened:
            asked = _asked(questions, opened)
            found = [r.to_json() for r in opened.check(asked, Budget(examples))]
            return CheckReport(found, f"Checked as saved in {folder}.")


def _asked(questions: Sequence[object], work: Live | Opened) -> Sequence[str]:
    """Return the ids of *questions*, which may be named by their function or class."""
    known = [q for q in work.assignment.questions if q.kind == "code"]
    asked: list[str] = []
    for question in questions:
        name = getattr(question, "__name__", question)
        ids = [q.id for q in known if name == q.id or name in q.functions]
        if not ids:
            close = difflib.get_close_matches(str(name), [q.id for q in known], n=3, cutoff=0.5)
            raise ValueError(
                f"there is no question {name!r}: choose from "
                f"{', '.join(close or [q.id for q in known])}"
            )
        asked += [id for id in ids if id in work.questions] or ids
    return asked or work.questions
