"""What commands share that work on a folder of results, and run nobody's code."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from grader.cli.terminal import course, problems
from grader.model.problem import Problem

if TYPE_CHECKING:  # each is imported where it is used: --help waits for none of them
    from grader.classroom.gradebook import Gradebook
    from grader.classroom.policy import Policy
    from grader.classroom.telling import Telling
    from grader.model.assignment import Assignment
    from grader.reports.publication import Publication


@dataclass(frozen=True)
class Class:
    """A folder of results, opened."""

    output: Path
    place: Path
    assignment: Assignment
    key: Path
    gradebook: Gradebook
    policy: Policy

    def telling(self) -> Telling:
        """Return how results are told now."""
        from grader.classroom.telling import Telling

        return Telling(self.gradebook, self.policy)

    def named(self, name: str) -> str:
        """Return the submission that *name* stands for: its own, or that of a student.

        Raises :class:`~grader.model.problem.Problem` where it is none, or several.
        """
        from grader.classroom.roster import plain

        names = self.gradebook.submissions()
        if name in names:
            return name
        telling = self.telling()
        found = [
            submission
            for submission in names
            if any(plain(name) in person.said for person in telling.people(submission))
        ]
        if len(found) != 1:
            several = f"is {len(found)} submissions: {', '.join(found)}"
            why = several if found else "is no submission"
            raise Problem(f"{name!r} {why} in {self.output}: grades.csv has their names")
        return found[0]

    def published(self) -> Publication:
        """Return what writes the files of the class, with the words of its key."""
        from grader.key import load
        from grader.reports.publication import Publication

        made = Publication(self.output, self.gradebook, [], self.assignment, policy=self.policy)
        made.begin(load(self.key))
        return made


@contextmanager
def opened(
    arguments: argparse.Namespace, *, alone: bool = True, results: bool = True
) -> Iterator[Class]:
    """Open the folder of results that a command names; hold it where it is to be changed.

    Raises :class:`~grader.model.problem.Problem` where there is none, unless no *results* are
    needed.
    """
    from contextlib import nullcontext

    from grader.classroom import policy
    from grader.classroom.belonging import belongs
    from grader.classroom.gradebook import FILE, Gradebook
    from grader.classroom.lock import only_run
    from grader.key.sources import manifest

    with problems():
        output: Path = arguments.output
        if results and not (output / FILE).is_file():
            raise Problem(f"{output} holds no results: name their folder with -o")
        place, key = course(arguments, [])
        assignment = manifest(place)
        with (
            Gradebook(output) as gradebook,
            only_run(output, gradebook) if alone else nullcontext(),
        ):
            belongs(gradebook, assignment)
            rules = policy.find(output, arguments.policy, assignment.policy)
            rules.require([question.id for question in assignment.questions])
            yield Class(output, place, assignment, key, gradebook, rules)
