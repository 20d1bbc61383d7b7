"""``grader report``: write a class's files anew, by today's marks, rules and changes."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from grader.cli import DONE
from grader.cli.stored import Class, opened
from grader.cli.terminal import say, say_unmatched
from grader.model.problem import Problem

if TYPE_CHECKING:  # --help waits for none of it
    from grader.reports.reporting import Reporting


def run(arguments: argparse.Namespace) -> int:
    """Tell every stored result anew; no code is run."""
    from grader.classroom import roster

    people = roster.load(arguments.roster) if arguments.roster else None
    with opened(arguments, alone=False) as klass:
        if people is not None:
            klass.gradebook.enroll([person.to_json() for person in people])
        with klass.published() as publication:
            publication.reporting.asked = True
            publication.reporting.shared = arguments.share
            if arguments.before is not None:
                _compare(klass, publication.reporting, arguments.before)
            publication.tell_all()
        names = klass.gradebook.submissions()
        if not arguments.quiet:
            telling = klass.telling()
            say_unmatched(publication)
            if strangers := telling.strangers(names):
                say(f"on no roster: {', '.join(strangers)}")
            if missing := telling.missing(names):
                say(f"handed in nothing: {', '.join(one.name or one.id for one in missing)}")
            say(f"written to {klass.output}/: {len(names)} submissions told anew")
    return DONE


def _compare(klass: Class, reporting: Reporting, folder: str) -> None:
    """Have the report compare with the results in *folder*, or with earlier hand-ins in this one.

    Raises :class:`~grader.model.problem.Problem` where there are none.
    """
    from grader.classroom import comparison
    from grader.classroom.gradebook import FILE, Gradebook
    from grader.classroom.telling import Telling

    if not folder:
        reporting.then = comparison.earlier(klass.gradebook)
        reporting.people = {name: klass.telling().people(name) for name in reporting.then}
        if not reporting.then:
            raise Problem(f"{klass.output} keeps no earlier hand-in: name a folder after --before")
        return
    place = Path(folder)
    if not (place / FILE).is_file():
        raise Problem(f"{place} holds no results: name a folder of results after --before")
    if place.resolve() == klass.output.resolve():
        raise Problem(f"{place} holds these results: leave it out to compare with those before")
    with Gradebook(place) as book:
        telling = Telling(book)
        own = (r for r in book.all() if r["assignment"] == klass.assignment.id)
        reporting.then = {r["submission"]: comparison.snapshot(r) for r in own}
        reporting.people = {name: telling.people(name) for name in reporting.then}
    if not reporting.then:
        raise Problem(f"{place} holds no results of {klass.assignment.id}")
