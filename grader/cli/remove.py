"""``grader remove``: take a submission out of a folder of results, with all that is kept of it."""

from __future__ import annotations

import argparse
import shutil

from grader.cli import DONE
from grader.cli.stored import opened
from grader.cli.terminal import say


def run(arguments: argparse.Namespace) -> int:
    """Remove each submission that is named, its files, marks and names; then tell the class."""
    from grader.classroom import folder
    from grader.classroom.replays import drop_unneeded

    with opened(arguments) as klass:
        names = [klass.named(name) for name in arguments.names]
        with klass.published() as publication:
            for name in names:
                klass.gradebook.remove(name)
                klass.gradebook.log("removed", name, "", arguments.reason)
                place = folder.of(klass.output, name)
                if place.is_dir() and not place.is_symlink():
                    shutil.rmtree(place)
            drop_unneeded(klass.output, klass.gradebook.bytes_kept())
            publication.forget(names)
            publication.write_class()
        if not arguments.quiet:
            say(f"removed from {klass.output}: {', '.join(names)}")
    return DONE
