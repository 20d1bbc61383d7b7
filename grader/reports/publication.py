"""Writes a run's files: a submission's when it is marked, the class's at the end."""

from __future__ import annotations

import hashlib
import json
import traceback
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread
from types import TracebackType
from typing import Self

from grader.classroom import folder, marks_table, pseudonyms
from grader.classroom.changes import CSV as CHANGES
from grader.classroom.changes import Regraded, changes_table, compared
from grader.classroom.gradebook import Gradebook, GradebookError, has_errors
from grader.classroom.next_step import builds
from grader.classroom.policy import Policy
from grader.classroom.telling import Telling
from grader.classroom.worker import Marked
from grader.files import WriteError, append, write
from grader.key import Key
from grader.model.assignment import Assignment
from grader.model.problem import Problem
from grader.model.records import SubmissionRecord
from grader.model.trees import clean
from grader.reports import annotated, pages
from grader.reports.class_record import ClassRecord
from grader.reports.environment import warm
from grader.reports.findings import Diagnosis
from grader.reports.leaderboard import listed
from grader.reports.reporting import Reporting
from grader.reports.student_index import write_index
from grader.version import __version__
from grader.wording import messages

#: Where tracebacks of the grader's own faults are kept, and how many characters of one.
ERRORS = "errors.log"
MAX_TRACEBACK = 20_000


_NO_RULES = Policy()


class Publication:
    """The files of one run in *output*; results stay in *gradebook* only.

    A context manager. Entering it moves the files of an earlier run to where they stand today, and
    takes in the marks that a person wrote into ``written.csv``.
    Leaving it, after an interrupt or an error too, writes the class's files if anything was
    marked: they tell of every submission that *gradebook* knows, whatever the run has named.
    *names* are those that it has. Results are told by the course's *policy*. With *leaderboard* the
    class's board is written too.

    Raises :class:`~grader.files.WriteError` where a file can't be written, and
    :class:`~grader.classroom.gradebook.GradebookError` where marks or results can't be read.
    """

    def __init__(
        self,
        output: Path,
        gradebook: Gradebook,
        names: Sequence[str],
        assignment: Assignment,
        *,
        leaderboard: bool = False,
        policy: Policy = _NO_RULES,
    ) -> None:
        self.output, self._gradebook, self._names = output, gradebook, names
        self._assignment, self._leaderboard = assignment, leaderboard
        self._ranked = assignment.ranked if leaderboard else frozenset()
        self._links, self._builds_on = pages.links(assignment), builds(assignment)
        self._key: Key | None = None
        self._diagnoses: dict[str, Diagnosis] = {}
        self._policy = policy
        self._telling = Telling(gradebook, policy)
        #: Writes ``report.html``; what it is asked for besides is set before the class is written.
        self.reporting = Reporting(output, assignment)
        #: The statuses that there were, by which a run's exit code goes.
        self.statuses: set[str] = set()
        #: Submissions on which the grader itself failed: :data:`ERRORS` says how.
        self.faulty: list[str] = []
        #: What this run changed of earlier results.
        self.changes: list[Regraded] = []
        #: How many written answers wait for a mark, once the class's files are written.
        self.waiting = 0
        self._record = ClassRecord()
        # Templates are compiled while the sandbox starts, which is another process's work.
        self._warming = Thread(target=_warm, daemon=True)

    def __enter__(self) -> Self:
        self._warming.start()
        earlier = self._gradebook.submissions()
        folder.move_over(self.output, earlier, (n.name for n in self._assignment.notebooks))
        marks_table.import_table(self.output, self._gradebook, bonus=self._policy.bonus)
        self._telling = Telling(self._gradebook, self._policy)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.statuses:
            self.write_class()

    def begin(self, key: Key) -> None:
        """Take the words and the rubrics that *key* holds; the first result comes after it."""
        self._key, self._diagnoses = key, pages.diagnoses(key)

    def add(self, marked: Marked) -> SubmissionRecord:
        """Write the files of one submission; return its result with a person's marks in it.

        A fault of the grader's own, in marking it or in making its pages, costs this submission's
        pages and no other's; so does a file that can't be written.
        """
        self._warming.join()
        if marked.before is not None:
            change = compared(marked.before, marked.result)
            self.changes += [change] if change is not None else []
        result = self._telling.told(marked.result)
        self.statuses.add("not_graded" if has_errors(result) else result["status"])
        self._keep(marked.result, result)
        name = result["submission"]
        if marked.fault:
            self._log(name, marked.fault)
        try:
            self._write(result, marked.result, again=marked.stored)
            if annotated.write_notebooks(self.output, marked.notebooks, result):
                write_index(self.output, result, self._assignment, self._builds_on)
        except WriteError as lost:
            self.statuses.add("not_graded")
            return self._without_files(result, str(lost))
        except Problem:
            raise
        except Exception:
            return self._without_files(result, traceback.format_exc())
        return result

    def _keep(self, stored: SubmissionRecord, told: SubmissionRecord) -> None:
        """Keep what the class's files need of a result, in the place of what was kept of it."""
        self._record.add(stored, told)
        self.reporting.add(told, self._telling)

    def _without_files(self, result: SubmissionRecord, fault: str) -> SubmissionRecord:
        """Keep why some files of a submission aren't there, and return *result* with a note."""
        self._log(result["submission"], fault)
        noted: SubmissionRecord = {**result, "notes": [*result["notes"], messages.NO_PAGES]}
        with suppress(WriteError):
            pages.write_result(self.output, noted)
        return noted

    def results(self) -> Iterator[SubmissionRecord]:
        """Yield the results of the submissions that the run has named, as they are told."""
        return self._telling.results(self._names)

    def briefs(self) -> list[SubmissionRecord]:
        """Return them as the class page has told them: without evidence."""
        return self._record.briefs(self._names)

    def unmatched(self) -> list[str]:
        """Return the people and the checks that the course's rules name and that nobody knows."""
        names = self._telling.nobodys(self._gradebook.submissions())
        questions = {question.id for question in self._assignment.questions}
        checks = {*self._policy.shares} - questions - self._record.checks
        return [*names, *sorted(checks)] if self._record.checks else names

    @property
    def telling(self) -> Telling:
        """How results are told, and whose they are."""
        return self._telling

    def write_class(self) -> None:
        """Write the class's files; of submissions not reached, with what an earlier run found.

        Marks that a person saved meanwhile are taken. Where they can't be, the files are written
        all the same, and :class:`~grader.classroom.gradebook.GradebookError` is raised then.
        """
        if not self._gradebook.path.exists():
            raise GradebookError(
                f"{self.output} was removed while the run went on, and what was marked with it: "
                "run the same command again"
            )
        rubrics = self._key.rubrics if self._key else {}
        fault: GradebookError | None = None
        names = self._gradebook.submissions()
        # Those of earlier runs, one at a time: a class's evidence can be larger than all else.
        for stored in self._gradebook.results(n for n in names if n not in self._record):
            self._keep(stored, self._telling.told(stored))
        try:
            self.waiting = marks_table.write_table(
                self.output,
                self._gradebook,
                names,
                rubrics,
                bonus=self._policy.bonus,
                results=self._record.waiting(names),
            )
        except GradebookError as error:
            fault = error
        self._tell_again()
        results = self._record.briefs(names)
        pages.write_class(
            self.output,
            results,
            title=self._assignment.title,
            diagnoses=self._diagnoses,
            clusters=self._record.clusters(),
            rubrics=rubrics,
            people={name: self._telling.people(name) for name in names},
            missing=self._telling.missing(names),
            reported=self.reporting.due(len(results)),
        )
        self.reporting.write(results, self._telling, self._diagnoses)
        if self.changes:
            write(self.output / CHANGES, b"\xef\xbb\xbf" + changes_table(self.changes).encode())
        if self._leaderboard:
            pages.write_leaderboard(self.output, results, self._assignment, self._pseudonym)
        if fault is not None:
            raise fault

    def _tell_again(self) -> None:
        """Take what people did since the run began, and write the files of those it is about."""
        before, self._telling = self._telling, Telling(self._gradebook, self._policy)
        self._told(self._telling.changed_since(before))

    def forget(self, names: Sequence[str]) -> None:
        """Tell no more of submissions that were taken out, nor keep their rows to be marked."""
        self._telling = Telling(self._gradebook, self._policy)
        self._record.forget(names)
        self.reporting.forget(names)
        marks_table.forget(self.output, names)

    def tell_all(self) -> None:
        """Write the files of every submission anew, as they are told now; nothing is marked."""
        self.statuses |= self._told(self._gradebook.submissions())

    def _told(self, names: Iterable[str]) -> set[str]:
        """Write the files of *names* as they are told now; return the statuses that there are."""
        statuses = set[str]()
        for stored in self._gradebook.results(names):
            result = self._telling.told(stored)
            self._keep(stored, result)
            self._write(result, stored)
            statuses.add(result["status"])
        return statuses

    def _write(
        self, result: SubmissionRecord, stored: SubmissionRecord, *, again: bool = False
    ) -> None:
        """Write a submission's files, unless they stand there as they would be written.

        That is looked at for results that are told *again*: most of a class that is graded again.
        """
        name = result["submission"]
        pseudonym = self._pseudonym(name) if listed(result, self._ranked) else ""
        told = _hash(
            f"{__version__} {self._assignment.title} {pseudonym}\n{_token(result, stored)}"
        )
        if again and self._gradebook.written(name) == (told, self._standing(result)):
            return
        page = pages.write_submission(
            self.output,
            result,
            title=self._assignment.title,
            diagnoses=self._diagnoses,
            links=self._links,
            pseudonym=pseudonym,
            builds_on=self._builds_on,
        )
        write_index(self.output, result, self._assignment, self._builds_on)
        self._gradebook.wrote(name, told, _hash(pages.text_of(result) + page))

    def _standing(self, result: SubmissionRecord) -> str:
        """Return the hash of the files of a submission as they stand there; "" without them."""
        place = folder.of(self.output, result["submission"])
        if not (place / folder.INDEX).is_file():
            return ""
        try:
            both = (place / folder.RESULT).read_bytes(), (place / folder.FEEDBACK).read_bytes()
        except OSError:
            return ""
        return hashlib.sha256(b"".join(both)).hexdigest()

    def _pseudonym(self, submission: str) -> str:
        return str(self._gradebook.pseudonym(submission, pseudonyms.draw))

    def _log(self, submission: str, fault: str) -> None:
        self.faulty.append(submission)
        when = datetime.now(UTC).isoformat(timespec="seconds")
        # What was raised last stands at the end; a student's text may be in it.
        text = clean(fault[-MAX_TRACEBACK:], MAX_TRACEBACK).rstrip()
        append(self.output / ERRORS, f"{when} grader {__version__}: {submission}\n{text}\n\n")


def _token(result: SubmissionRecord, stored: SubmissionRecord) -> str:
    """Return a text that is another one whenever a result is told in another way.

    As it is stored, it is known by all but its questions: when it was marked, of what, by what.
    """
    told: dict[str, object] = {**result, "grade": None}
    if told != {**stored, "grade": None}:
        return json.dumps(result)
    return json.dumps({name: part for name, part in result.items() if name != "questions"})


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def _warm() -> None:
    warm("feedback.html.j2", "question.html.j2", "index.html.j2", "class.html.j2", "report.html.j2")
