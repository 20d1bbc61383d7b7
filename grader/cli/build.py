"""``grader build``: the assignment becomes what students get and what graders need."""

from __future__ import annotations

import argparse
from pathlib import Path

from grader.cli import DONE, FAILED
from grader.cli.terminal import folder, problems, say
from grader.model.problem import Problem

#: Letters, digits and two signs have six bits each: 128 bits.
_LEAST = 22


def run(arguments: argparse.Namespace) -> int:
    """Build everything, or a course's own key, or say what is stale."""
    from grader.authoring import building
    from grader.key import streams

    if arguments.key is None and arguments.seed_file is not None:
        raise Problem("--seed-file goes with --key: the folder to make from that secret")
    with problems():
        assignment = folder(arguments.assignment)
        if arguments.key is not None:
            fresh = arguments.seed_file is None
            building.own_key(
                assignment, arguments.key, streams.fresh() if fresh else _seed(arguments.seed_file)
            )
            kept = "it" if fresh else "it, and the seed,"
            say(f"made {arguments.key}: keep {kept} out of the repository")
            return DONE
        if arguments.check:
            stale = building.stale(assignment)
            for line in stale:
                print(line)
            if stale:
                say("stale: run `grader build` and commit what it makes")
            return FAILED if stale else DONE
        for path in building.build(assignment):
            say(f"made {path}")
    return DONE


def _seed(path: Path) -> str:
    try:
        seed = path.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no UTF-8"
        raise Problem(
            f"{path} can't be read as a seed: {why}: write at least {_LEAST} random "
            "characters into it, or leave out --seed-file and have a secret drawn"
        ) from None
    if len(seed) < _LEAST:
        raise Problem(
            f"{path} holds a seed of {len(seed)} characters: put at least {_LEAST} random ones"
        )
    return seed
