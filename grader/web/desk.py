"""What the desk knows: a class's folder, its questions, its answers, and who marks."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from grader.classroom.answer_index import AnswerIndex
from grader.classroom.gradebook import person
from grader.classroom.judgements import Judgements
from grader.classroom.policy import Policy
from grader.classroom.rubric import starting_items
from grader.classroom.steps import Step
from grader.classroom.telling import Telling
from grader.key import Key
from grader.model.assignment import Assignment
from grader.web.sessions import Session, Sessions


@dataclass
class Desk:
    """One class on one desk.

    ``place`` is the assignment's folder, ``output`` the class's. Every thread has a
    :attr:`gradebook` of its own.
    """

    output: Path
    place: Path
    assignment: Assignment
    key: Key
    policy: Policy
    sessions: Sessions = field(default_factory=Sessions)
    index: AnswerIndex = field(default_factory=AnswerIndex)
    _local: threading.local = field(default_factory=threading.local)
    _seen: int = -1

    #: The pages that the menu leads to: (path, name).
    menu: Sequence[tuple[str, str]] = (("/", "Questions"), ("/review", "Review"))

    @property
    def gradebook(self) -> Judgements:
        """The gradebook, open for the thread that asks. Raises what a gradebook raises."""
        if not hasattr(self._local, "gradebook"):
            made = Judgements(self.output)
            made.bonus, made.most = self.policy.bonus, self.most
            self._local.gradebook = made
        found: Judgements = self._local.gradebook
        return found

    @property
    def most(self) -> Mapping[str, float]:
        """The points of each question."""
        return {question.id: float(question.points) for question in self.assignment.questions}

    def begin(self) -> None:
        """Read the class once; rubrics that nobody has begun begin as the key has them."""
        lines = self.key.rubrics
        items = (item for q, found in lines.items() for item in starting_items(q, found))
        self.gradebook.begin_rubrics(items)
        self.refresh()

    def refresh(self) -> None:
        """Take what others wrote into the gradebook since: a run, the table of marks, a person."""
        gradebook = self.gradebook
        version = gradebook.version()
        if version == self._seen:
            return
        self.index.refresh(gradebook)
        gradebook.take_table(self.most)
        self._seen = version

    def publish(self) -> None:
        """Write the class's files anew, by the marks of now. Raises what a publication raises."""
        from grader.reports.publication import Publication

        with Judgements(self.output) as gradebook:
            made = Publication(self.output, gradebook, [], self.assignment, policy=self.policy)
            made.begin(self.key)
            with made:
                gradebook.take_table(self.most)
                made.tell_all()

    def telling(self) -> Telling:
        """Return how results are told now."""
        return Telling(self.gradebook, self.policy)

    def last_step(self, session: Session) -> Step | None:
        """Return the last step of who asks, to be undone."""
        return self.gradebook.last(session.marker or person())
