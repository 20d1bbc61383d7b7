"""``grader appeal``: a student's objection to a result, recorded, decided, or listed."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from grader.cli import DONE
from grader.cli.stored import Class, opened
from grader.cli.terminal import say
from grader.model.problem import Problem

if TYPE_CHECKING:
    from grader.classroom.appeals import Award


def run(arguments: argparse.Namespace) -> int:
    """Record an objection, decide one, or both; without either, print them all."""
    from grader.classroom import appeals
    from grader.classroom.steps import Steps

    with opened(arguments, alone=False) as klass:
        about = arguments.about
        if about is None:
            for one in klass.gradebook.appeals():
                where = f"{one.submission} {one.question}".strip()
                print("\t".join((one.id, one.at, where, one.objection, one.decision or "open")))
            return DONE
        award = _award(arguments)
        if arguments.objection is None and arguments.decision is None:
            raise Problem("say --objection to record one, or --decision to decide one")
        if arguments.objection is not None:
            with Steps(klass.output) as steps:
                made = appeals.record(steps, about, arguments.objection, arguments.question or "")
            about = made.id
            if not arguments.quiet:
                say(f"{made.id}: recorded for {made.submission}; `--decision` decides it")
        if arguments.decision is not None:
            id = _id(klass, about, arguments.question)
            with Steps(klass.output) as steps:
                appeals.decide(steps, id, arguments.decision, award)
            if not arguments.quiet:
                say(f"{id}: decided; `grader adjust --undo {id}` takes that back")
            with klass.published() as publication:
                publication.tell_all()
    return DONE


def _award(arguments: argparse.Namespace) -> Award | None:
    if arguments.set is not None and arguments.add is not None:
        raise Problem("say one of --set and --add")
    if arguments.set is None and arguments.add is None:
        return None
    if arguments.decision is None:
        raise Problem("points change by a decision: say which with --decision")
    return ("add", arguments.add) if arguments.set is None else ("set", arguments.set)


def _id(klass: Class, about: str, question: str | None) -> str:
    """Return the appeal that *about* names: by its id, or the one against a page's code.

    Raises :class:`~grader.model.problem.Problem` where it is none, or several.
    """
    every = klass.gradebook.appeals()
    if any(one.id == about for one in every):
        return about
    code = about.strip().lower()
    against = [one for one in every if one.code == code and question in (None, one.question)]
    # A decided one is meant where no other is open: its decision is changed.
    found = [one.id for one in against if not one.decision] or [one.id for one in against]
    if len(found) != 1:
        why = f"has {len(found)}: {', '.join(found)}" if found else "has none"
        raise Problem(f"the page with the code {about!r} {why}: `grader appeal` lists objections")
    return found[0]
