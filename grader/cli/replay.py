"""``grader replay``: mark the bytes of hand-ins again, and compare; store it where that is said."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING

from grader.cli import DONE, FAILED, NOT_GRADED
from grader.cli.stored import Class, opened
from grader.cli.terminal import say

if TYPE_CHECKING:
    from grader.classroom.worker import Settings


def run(arguments: argparse.Namespace) -> int:
    """Say what differs from then, then whether all verdicts are the same."""
    with opened(arguments, alone=arguments.store) as klass:
        return (_store if arguments.store else _compare)(arguments, klass)


def _compare(arguments: argparse.Namespace, klass: Class) -> int:
    """Compare each hand-in with what came out then; change nothing."""
    from grader.classroom.regrading import replayed, row_of_code
    from grader.classroom.replays import conditions_of, differences, verdicts_of

    rows = [row_of_code(klass.gradebook, code) for code in arguments.codes]
    differs = False
    found = replayed(rows, klass.output, _settings(arguments, klass), today=arguments.now)
    for row, worker, marked in found:
        key = "today's key" if arguments.now else "the key of then"
        if not arguments.quiet:
            say(f"{row.submission}: marked again with {key}, {worker.key.hash[:19]}")
        changed = list(differences(json.loads(row.conditions), conditions_of(marked.result)))
        print("\n".join(changed) or "The grader, Python, numpy and the machine are those of then.")
        then = json.loads(row.verdicts)
        lines = list(differences(then, verdicts_of(marked.result)))
        if lines:
            print("Not all comes out the same:", *lines, sep="\n  ")
            differs = True
        else:
            print(f"Every verdict and point comes out the same: {then['all']}.")
    return FAILED if differs else DONE


def _store(arguments: argparse.Namespace, klass: Class) -> int:
    """Keep what comes out in place of the stored results, and say what that changes."""
    from grader.classroom.changes import compared
    from grader.classroom.overrides import new_id
    from grader.classroom.regrading import regrade, row_of_code

    rows = [row_of_code(klass.gradebook, code) for code in arguments.codes]
    id, lost = new_id("r"), False
    with klass.published() as publication:
        for marked in regrade(
            *(rows, klass.output, klass.gradebook, _settings(arguments, klass), id),
            today=arguments.now,
            why=arguments.reason,
            by=arguments.by,
        ):
            name = marked.result["submission"]
            if marked.result["status"] != "graded":
                lost = True
                say(f"{name}: the grader failed on it, and its earlier result stays")
                continue
            publication.add(marked)
            change = compared(marked.before, marked.result) if marked.before else None
            print(change.line if change else f"{name}: no verdict differs")
    if not arguments.quiet:
        say(f"{id}: marked again; `grader adjust --undo {id}` puts the results of before back")
    return NOT_GRADED if lost else DONE


def _settings(arguments: argparse.Namespace, klass: Class) -> Settings:
    from grader.classroom.worker import Settings

    return Settings(
        assignment=klass.place,
        key=klass.key,
        level=arguments.isolation,
        allow_unsandboxed=arguments.allow_unsandboxed,
    )
