"""``grader collect``: the zip to hand in, after a look at what is in it."""

from __future__ import annotations

import argparse

from grader.cli import DONE
from grader.cli.terminal import folder, problems, say


def run(arguments: argparse.Namespace) -> int:
    """Write the zip; print its files, and what is missing or out of date."""
    from grader.selfcheck.handin import NAME, collect
    from grader.selfcheck.page import wrapped
    from grader.selfcheck.work import Opened, own_folder

    with problems():
        place = folder(arguments.assignment)
        with Opened(place, own_folder(place)) as work:
            hand_in = collect(work)
        target = arguments.output or work.folder / NAME
        hand_in.write(target)
        for line in hand_in.lines:
            print(wrapped(line.word, line.text))
        for path, data in sorted(hand_in.files.items()):
            print(f"     {path} ({max(1, len(data) >> 10)} KiB)")
    undone = sum(line.undone for line in hand_in.lines)
    what = f", {undone} to look at above" if undone else ""
    say(f"made {target}{what}: hand in this file")
    return DONE
