"""``grader replay``: mark the bytes of a hand-in again with the key of then, and compare."""

from __future__ import annotations

import argparse
import json

from grader.cli import DONE, FAILED
from grader.cli.stored import opened
from grader.cli.terminal import say


def run(arguments: argparse.Namespace) -> int:
    """Say what differs from then, then whether all verdicts are the same; change nothing."""
    from grader.classroom.replays import (
        NoReplay,
        conditions_of,
        differences,
        key_folder,
        stored_submission,
        verdicts_of,
    )
    from grader.classroom.worker import Settings, Worker
    from grader.submissions import Place

    with opened(arguments, alone=False) as klass:
        row = klass.gradebook.replay(arguments.code.strip().lower())
        if row is None:
            raise NoReplay(
                f"no result in {klass.output} has the code {arguments.code!r}: it stands at the "
                "end of a student's page, and results of earlier graders have none"
            )
        submission = stored_submission(klass.output, row)
        asked = json.loads(row.settings)
        settings = Settings(
            assignment=klass.place,
            key=key_folder(klass.output, row.key),
            notebooks=tuple(asked["notebooks"]),
            kinds=tuple(asked["kinds"]),
            train=asked["train"],
            engine=asked["engine"],
            level=arguments.isolation,
            allow_unsandboxed=arguments.allow_unsandboxed,
        )
        worker = Worker(settings)
        try:
            if worker.key.hash != row.key:
                raise NoReplay(f"the key in {settings.key} was changed since {row.submission} was")
            if not arguments.quiet:
                say(f"{row.submission}: marked again with the key of then, {row.key[:19]}")
            result = worker.mark(Place(row.submission, klass.output), submission).result
        finally:
            worker.close()
        changed = list(differences(json.loads(row.conditions), conditions_of(result)))
        print("\n".join(changed) or "The grader, Python, numpy and the machine are those of then.")
        then = json.loads(row.verdicts)
        lines = list(differences(then, verdicts_of(result)))
        if lines:
            print("Not all comes out the same:", *lines, sep="\n  ")
            return FAILED
        print(f"Every verdict and point comes out the same: {then['all']}.")
    return DONE
