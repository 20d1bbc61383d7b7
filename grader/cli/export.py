"""``grader export``: a class's results as a learning system takes them."""

from __future__ import annotations

import argparse
from pathlib import Path

from grader.cli import DONE
from grader.cli.stored import Class, opened
from grader.cli.terminal import say
from grader.files import write
from grader.model.problem import Problem


def run(arguments: argparse.Namespace) -> int:
    """Write the files of a target, and say what is in them."""
    from grader.exports import TARGETS, Outgoing
    from grader.exports.outgoing import Options

    target = TARGETS[arguments.target]
    place: Path = arguments.to or Path(target.file)
    with opened(arguments, alone=False, results=target.name != "gradescope-autograder") as klass:
        if arguments.roster:
            _enroll(klass, arguments.roster)
        options = Options(
            into=arguments.into,
            column=arguments.column,
            feedback=arguments.feedback,
            after=arguments.after,
            partial=arguments.partial,
            scale=arguments.scale,
            only=klass.named(arguments.only) if arguments.only else None,
        )
        if options.into is not None and place.exists() and place.samefile(options.into):
            raise Problem(f"{place} is the table to fill in: write to another file with --to")
        out = Outgoing(
            klass.output,
            klass.assignment,
            klass.gradebook,
            klass.telling(),
            options,
            course=klass.place,
            key=klass.key,
        )
        files = target.write(out)
        for name, data in files.items():
            write(place if target.single else place / name, data)
        if not arguments.quiet:
            for note in out.notes:
                say(note)
            what = place if target.single else f"{place}/: {len(files)} files"
            say(f"written to {what}")
    return DONE


def _enroll(klass: Class, path: Path) -> None:
    from grader.classroom import roster

    klass.gradebook.enroll([person.to_json() for person in roster.load(path)])
