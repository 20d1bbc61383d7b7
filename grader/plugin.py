"""A pytest plugin: ``pytest --submission PATH`` runs each check as a test case.

The checks are judged in the same sandbox, with the same key, as ``grader grade`` uses, so that a
CI run on the reference, an editor and JUnit XML read them like any test run.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from grader.classroom.run import Worker


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options; without ``--submission`` the plugin does nothing."""
    group = parser.getgroup("grader", "checks of an assignment")
    group.addoption(
        "--submission",
        action="append",
        default=[],
        type=Path,
        metavar="PATH",
        help="run this submission's checks, one test case a check, and nothing else",
    )
    group.addoption(
        "--assignment", type=Path, metavar="DIR", help="the assignment's folder (default: nearest)"
    )
    group.addoption("--grader-key", type=Path, metavar="DIR", help="the key to judge by")
    group.addoption(
        "--grader-notebook", action="append", default=[], metavar="NAME", help="ask its questions"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Leave the ordinary test files out where a submission is named."""
    if config.option.submission:
        config.args = []


def pytest_collection_modifyitems(
    session: pytest.Session, config: pytest.Config, items: list[pytest.Item]
) -> None:
    """Put the checks of the named submissions in the place of what was collected."""
    if config.option.submission:
        items[:] = _items(session, config)


def _items(session: pytest.Session, config: pytest.Config) -> Iterator[pytest.Item]:
    from grader.classroom.run import Settings, Worker
    from grader.key import BadKey
    from grader.key.sources import find, key_folder, manifest
    from grader.kinds import KindError
    from grader.model.assignment import ManifestError
    from grader.sandbox import IsolationUnavailable
    from grader.submissions import NoSuchPath
    from grader.submissions import find as find_submissions

    try:
        folder = config.option.assignment or find(config.invocation_params.dir)
        key = config.option.grader_key or key_folder(folder, manifest(folder))
        graded = tuple(map(Path, config.option.submission))
        notebooks = tuple(config.option.grader_notebook)
        worker = Worker(Settings(folder, key, notebooks, graded=graded))
        config.add_cleanup(worker.close)
        places = find_submissions(config.option.submission, worker.assignment).places
    except (BadKey, KindError, ManifestError, NoSuchPath, IsolationUnavailable) as error:
        raise pytest.UsageError(str(error)) from None
    for place in places:
        marked = _Marked(worker, place)
        for question in worker.marker.questions:
            for check in worker.key.by_question.get(question.id, ()):
                if check.visibility != "property":
                    yield CheckItem.from_parent(
                        session,
                        name=check.id,
                        nodeid=f"{place.name}::{check.id}",
                        marked=marked,
                        check=check.id,
                    )


class _Marked:
    """One submission, marked when the first of its checks is run."""

    def __init__(self, worker: Worker, place: Any) -> None:
        self.name: str = place.name
        self._worker, self._place = worker, place
        self._result: dict[str, Any] | None = None

    @property
    def result(self) -> dict[str, Any]:
        if self._result is None:
            self._result = self._worker.mark(self._place).result
        return self._result


class CheckFailed(Exception):
    """A check failed; the message is the student's."""


class CheckItem(pytest.Item):
    """One check of one submission."""

    def __init__(self, *, marked: _Marked, check: str, **kwargs: Any) -> None:
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
