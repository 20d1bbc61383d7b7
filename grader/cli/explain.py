"""``grader explain``: what an id means, and the beginning of a new misconception."""

from __future__ import annotations

import argparse

from grader.cli import DONE
from grader.cli.terminal import folder, problems
from grader.model.problem import Problem


def run(arguments: argparse.Namespace) -> int:
    """Print what the id means, or with ``--new`` a misconception's skeleton for a cluster."""
    with problems():
        print(_skeleton(arguments) if arguments.new else _meaning(arguments), end="")
    return DONE


def _meaning(arguments: argparse.Namespace) -> str:
    from grader.authoring import explaining
    from grader.model.assignment import ManifestError

    course = None
    try:
        place = folder(arguments.assignment)
    except ManifestError:
        pass  # stages mean the same in every course
    else:
        course = explaining.course(place, arguments.key)
    try:
        return explaining.explain(arguments.id, course)
    except explaining.Unknown as unknown:
        without = ""
        if course is None:
            without = " (no assignment is here to look in: name one with -a DIR)"
        elif not course.checks:
            without = " (no key is here to know checks from: name one with --key DIR)"
        raise Problem(f"{unknown}{without}") from None


def _skeleton(arguments: argparse.Namespace) -> str:
    from grader.classroom.clusters import clusters, skeleton
    from grader.classroom.gradebook import FILE, Gradebook

    if not (arguments.output / FILE).is_file():
        raise Problem(f"{arguments.output} holds no {FILE}: name the folder of a class with -o")
    with Gradebook(arguments.output) as gradebook:
        found = {cluster.id: cluster for cluster in clusters(gradebook.all())}
    if arguments.id not in found:
        known = f"choose from {', '.join(found)}" if found else "every failure is explained"
        raise Problem(f"no group of failures is called {arguments.id}: {known}")
    return skeleton(found[arguments.id])
