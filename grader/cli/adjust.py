"""``grader adjust``: a person's word over what was marked, with a reason; it is logged."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from grader.cli import DONE
from grader.cli.stored import Class, opened
from grader.cli.terminal import say
from grader.model.problem import Problem

if TYPE_CHECKING:
    from grader.classroom.adjustments import Change


def run(arguments: argparse.Namespace) -> int:
    """Change something, take a change back, or print what was changed."""
    from grader.classroom.steps import Steps
    from grader.classroom.undoing import undo

    with opened(arguments, alone=False) as klass:
        if arguments.log:
            for entry in klass.gradebook.logged():
                about = " ".join(part for part in (entry.submission, entry.question) if part)
                print("\t".join((entry.at, entry.who, entry.what, about, entry.why)))
            return DONE
        if arguments.undo:
            with Steps(klass.output) as steps:
                undo(steps, arguments.undo, arguments.reason)
        else:
            _change(klass, arguments)
        with klass.published() as publication:
            publication.tell_all()
    return DONE


def _change(klass: Class, arguments: argparse.Namespace) -> None:
    from grader.classroom.adjustments import ALL
    from grader.classroom.overrides import change_points
    from grader.classroom.steps import Steps

    change, points = _what(arguments)
    if arguments.name is None:
        raise Problem("name a submission or a student, or * for all of them")
    if not arguments.reason:
        raise Problem("say why with --reason: it stands on the student's page and in the log")
    name = ALL if arguments.name == ALL else klass.named(arguments.name)
    question, _, check = (arguments.question or "").partition("/")
    _there(klass, name, question, check)
    if change == "exempt" and (check or not question):
        raise Problem(
            "--exempt is about a question: name it with --question; a check that counts no more is "
            "named by `drop` in policy.toml"
        )
    if change == "excuse" and question:
        raise Problem("--excuse is about the whole: leave --question out, or say --exempt")
    with Steps(klass.output) as steps:
        made = change_points(
            *(steps, name, question, change, points, arguments.reason), check=check
        )
    if not arguments.quiet:
        what = f"{change} {points:g}" if change in ("set", "add", "bonus") else change
        say(f"{made.id}: {what} for {'all' if name == ALL else name}; `--undo {made.id}` undoes it")


def _what(arguments: argparse.Namespace) -> tuple[Change, float]:
    given: list[tuple[Change, float]] = []
    if arguments.set is not None:
        given.append(("set", arguments.set))
    if arguments.add is not None:
        given.append(("add", arguments.add))
    if arguments.bonus is not None:
        given.append(("bonus", arguments.bonus))
    if arguments.exempt:
        given.append(("exempt", 0.0))
    if arguments.excuse:
        given.append(("excuse", 0.0))
    if len(given) != 1:
        raise Problem("say one of --set, --add, --bonus, --exempt, --excuse, --undo or --log")
    change, points = given[0]
    if change == "set" and points < 0:
        raise Problem("--set takes a number of points that isn't negative")
    return change, points


def _there(klass: Class, name: str, question: str, check: str) -> None:
    """Raise :class:`Problem` for a question or a check that no result has."""
    from grader.classroom.adjustments import ALL

    if not question:
        return
    names = klass.gradebook.submissions() if name == ALL else [name]
    found: set[str] = set()
    checks: set[str] = set()
    for result in klass.gradebook.results(names):
        for one in result["questions"]:
            found.add(one["id"])
            if one["id"] == question:
                checks |= {entry["id"] for entry in one.get("checks") or ()}
    if question not in found:
        raise Problem(f"no question {question!r} was asked: {', '.join(sorted(found))} were")
    if check and check not in checks:
        raise Problem(f"{question} has no check {check!r}: it has {', '.join(sorted(checks))}")
