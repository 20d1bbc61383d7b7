"""``grader release``: the zip that students download."""

from __future__ import annotations

import argparse

from grader.cli import DONE
from grader.cli.terminal import folder, problems, say


def run(arguments: argparse.Namespace) -> int:
    """Write the zip, and say where it is."""
    from grader.authoring import releasing

    with problems():
        made = releasing.make(folder(arguments.assignment), arguments.output, arguments.key)
    say(f"made {made}: give this to students; its README leads them from there")
    return DONE
