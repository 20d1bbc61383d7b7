"""The checks of submissions as test cases: the plugin that ``grader test`` hands to pytest."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any  # what pytest hands on

import pytest

from grader.classroom.run import Worker
from grader.model.records import SubmissionRecord
from grader.submissions import Place


class CheckFailed(Exception):
    """A check failed; the message is the student's."""


class Cases:
    """A plugin that puts the checks of *places* where pytest would put what it collects."""

    def __init__(self, worker: Worker, places: Sequence[Place]) -> None:
        self._worker, self._places = worker, places
        self._marked: list[LazyResult] = []

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say what exceptions said on hidden examples: no message, page or file has it."""
        lines = [
            f"{marked.name}::{check}: {text}"
            for marked in self._marked
            for check, text in marked.overheard.items()
        ]
        if lines:
            terminalreporter.section("said on hidden examples, for the instructor alone")
            for line in lines:
                terminalreporter.line(line)

    # First: selection by name, which is pytest's own, comes after.
    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(
        self, session: pytest.Session, items: list[pytest.Item]
    ) -> None:
        """Replace what was collected, which is nothing, by a case for each check."""
        items[:] = self._items(session)

    def _items(self, session: pytest.Session) -> Iterator[pytest.Item]:
        for place in self._places:
            marked = LazyResult(self._worker, place)
            self._marked.append(marked)
            for question in self._worker.marker.questions:
                for check in self._worker.key.by_question.get(question.id, ()):
                    if check.visibility != "property":
                        yield CheckItem.from_parent(
                            session,
                            name=check.id,
                            nodeid=f"{place.name}::{check.id}",
                            marked=marked,
                            check=check.id,
                        )


class LazyResult:
    """One submission, marked when the first of its checks is run."""

    def __init__(self, worker: Worker, place: Place) -> None:
        self.name = place.name
        self._worker, self._place = worker, place
        self._result: SubmissionRecord | None = None
        self.overheard: dict[str, str] = {}

    @property
    def result(self) -> SubmissionRecord:
        """The submission's result."""
        if self._result is None:
            self._result = self._worker.mark(self._place).result
            self.overheard = dict(self._worker.marker.code.overheard)
        return self._result


class CheckItem(pytest.Item):
    """One check of one submission."""

    def __init__(self, *, marked: LazyResult, check: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._marked, self._check = marked, check

    def runtest(self) -> None:
        """Raise with the check's message unless it passed."""
        result = self._marked.result
        if result["status"] == "unreadable":
            raise CheckFailed("; ".join(result["notes"]))
        for question in result["questions"]:
            for check in question["checks"]:
                if check["id"] == self._check:
                    if check["status"] != "passed":
                        raise CheckFailed(check["message"])
                    return
        raise CheckFailed("; ".join(note for q in result["questions"] for note in q["notes"]))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Show a failed check as its message, without a traceback of the grader's own code."""
        if isinstance(excinfo.value, CheckFailed):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Name the check in reports."""
        return self.path, None, f"{self._marked.name}: {self._check}"
