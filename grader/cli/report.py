"""``grader report``: write a class's files anew, by today's marks, rules and changes."""

from __future__ import annotations

import argparse

from grader.cli import DONE
from grader.cli.stored import opened
from grader.cli.terminal import say, say_unmatched


def run(arguments: argparse.Namespace) -> int:
    """Tell every stored result anew; no code is run."""
    from grader.classroom import roster

    people = roster.load(arguments.roster) if arguments.roster else None
    with opened(arguments, alone=False) as klass:
        if people is not None:
            klass.gradebook.enroll([person.to_json() for person in people])
        with klass.published() as publication:
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
