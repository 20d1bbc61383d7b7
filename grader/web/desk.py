"""What the desk knows: a class's folder, its questions, its answers, and who marks."""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from grader.classroom.answer_groups import Group, grouped, in_order
from grader.classroom.answer_index import AnswerIndex, HandedAnswer
from grader.classroom.cause_index import CauseIndex
from grader.classroom.gradebook import person
from grader.classroom.judgements import Judgements
from grader.classroom.policy import Policy
from grader.classroom.rubric import starting_items
from grader.classroom.steps import Step
from grader.classroom.telling import Telling
from grader.key import Key
from grader.model.assignment import Assignment
from grader.web.asked import AskedQuestion, asked
from grader.web.marking_view import JudgedQuestion
from grader.web.reader import Reader
from grader.web.regrades import Regrading
from grader.web.sessions import BrowserSession, BrowserSessions

#: Signs of formulas, emphasis, code, links, pictures and lists: words alone are shown as they are.
_MARKED_UP = re.compile(r"[$`*_|<\\\[]|^(#|\s*(-|\d+\.) )", re.MULTILINE)
#: The heights that a frame can have, by the lines that fit into it.
_HEIGHTS = ((4, "low"), (8, "middling"), (14, "high"))


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
    sessions: BrowserSessions = field(default_factory=BrowserSessions)
    index: AnswerIndex = field(default_factory=AnswerIndex)
    #: The causes of lost points; read at the first page that asks for them.
    causes: CauseIndex = field(init=False)
    #: The regrade that was started last, and the options of those that are started.
    regrading: Regrading | None = None
    isolation: Sequence[str] = ()
    _local: threading.local = field(default_factory=threading.local)
    #: Reads notebooks in a confined process; without it answers are shown as text.
    readings: Reader | None = None
    _groups: dict[str, tuple[Any, list[Group]]] = field(default_factory=dict)

    #: The pages that the menu leads to: (path, name).
    menu: Sequence[tuple[str, str]] = (
        ("/", "Questions"),
        ("/review", "Review"),
        ("/code", "Code"),
        ("/causes", "Causes"),
        ("/appeals", "Appeals"),
    )

    def __post_init__(self) -> None:
        self.causes = CauseIndex(self.policy)

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
        # The number is one connection's own, and so is what it has seen.
        if version == getattr(self._local, "seen", -1):
            return
        self.index.refresh(gradebook)
        gradebook.take_table(self.most)
        self._local.seen = version

    @cached_property
    def asked(self) -> Mapping[str, AskedQuestion]:
        """The questions of the assignment, by id in its order."""
        return asked(self.place, self.assignment, self.key)

    def questions(self) -> list[AskedQuestion]:
        """Return the questions that have answers, in the assignment's order."""
        there = self.index.questions()
        known = [self.asked[id] for id in self.asked if id in there]
        strange = [self.index.of(id)[0] for id in there if id not in self.asked]
        return known + [AskedQuestion(a.question, "", a.title, a.points) for a in strange]

    def groups(self, question: str, marker: str) -> list[Group]:
        """Return the groups of a question's answers in a marker's own order."""
        placed = self.gradebook.placed(question)
        state = self.index.edition, tuple(placed.items())
        if self._groups.get(question, (None,))[0] != state:
            made = grouped(self.index.of(question), placed)
            self._groups[question] = state, made
        return in_order(self._groups[question][1], self._seed, marker)

    @cached_property
    def _seed(self) -> str:
        return self.gradebook.seed()

    def judged(self, question: str) -> JudgedQuestion:
        """Return the judgements of a question."""
        gradebook = self.gradebook
        return JudgedQuestion(
            gradebook.judgements(question), gradebook.rubric(question), self.policy.bonus
        )

    def rendered(self, answer: HandedAnswer) -> bool:
        """Say whether an answer is shown as its notebook shows it: words alone are text."""
        return self.readings is not None and bool(_MARKED_UP.search(answer.text))

    def height(self, answer: HandedAnswer) -> str:
        """Return the class of a frame's height, by about how many lines an answer takes."""
        lines = sum(len(part) // 75 + 2 for part in answer.text.split("\n\n"))
        return next((name for most, name in _HEIGHTS if lines <= most), "tall")

    def name(self, answer: HandedAnswer) -> str:
        """Return whose an answer is, for who has asked for names."""
        people = ", ".join(p.name or p.id for p in self._whose.people(answer.submission))
        return f"{people} ({answer.submission})" if people else answer.submission

    @cached_property
    def _whose(self) -> Telling:
        return self.telling()

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

    def last_step(self, session: BrowserSession) -> Step | None:
        """Return the last step of who asks, to be undone."""
        return self.gradebook.last(session.marker or person())
