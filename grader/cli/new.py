"""``grader new``: a new assignment's folder, to start from."""

from __future__ import annotations

import argparse

from grader.cli import DONE
from grader.cli.terminal import problems, say


def run(arguments: argparse.Namespace) -> int:
    """Write the folder, and say what to do next."""
    from grader.authoring.new import new

    with problems():
        for path in new(arguments.folder):
            print(path)
    say(
        f"made {arguments.folder}: `grader build -a {arguments.folder}` makes what students get "
        "and the key; docs/authoring.md says how to go on"
    )
    return DONE
