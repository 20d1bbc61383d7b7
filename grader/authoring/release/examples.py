"""The public examples in a template: nothing hidden is among them, and feedback shows the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from grader.authoring.release.leaks import Leak
from grader.key import Key, dependence, examples
from grader.key.build import versions
from grader.key.draws import digest
from grader.key.stale import disagreements
from grader.key.variants import Answers
from grader.kinds import LADDER
from grader.model.assignment import ManifestError
from grader.model.checks import AnsweredRun
from grader.model.programs import Run
from grader.model.trees import Malformed, Tree

#: Arrays of fewer numbers, and such of one number, are alike by chance.
_TELLING = 12
_EXAMPLES = tuple(f"{examples.FOLDER}/{name}" for name in (examples.JSON, examples.BIN))
#: What outputs depend on: it is made of the examples, and holds no number of them.
DEPENDENCE = f"{examples.FOLDER}/{dependence.FILE}"
PATHS = (*_EXAMPLES, DEPENDENCE)


def scan(files: Mapping[str, bytes], key: Key) -> list[Leak]:
    """Return what the public examples among *files* give away of a *key*'s hidden ones."""
    if not set(_EXAMPLES) & files.keys():
        return []
    try:
        written, data = (files[path] for path in _EXAMPLES)
        runs = examples.parse(written, data, key.assignment)
        public = {name: list(map(dict, runs[name].run.examples)) for name in runs}
    except (LookupError, ValueError, TypeError, AttributeError, Malformed) as error:
        return [Leak(PATHS[0], 0, f"this can't be read as public examples ({error})")]
    if (size := len(written) + len(data)) > examples.MOST:
        return [Leak(PATHS[0], 0, f"{size} bytes are more than {examples.MOST}")]
    hidden = {
        told
        for check in key.checks
        if check.visibility == "hidden"
        for example in key.sheets[check.run].run.examples
        for told in _told(dict(example))
    }
    return [
        Leak(PATHS[0], 0, f"{run} holds an example, or an array, of a hidden check")
        for run, drawn in public.items()
        if any(told in hidden for example in drawn for told in _told(example))
    ]


def stale(
    template: Path, old: Key, fresh: Mapping[str, AnsweredRun], reference: Answers
) -> list[str]:
    """Return how the public examples in *template* differ from those of the key *old*.

    *fresh* are those that the strategies draw here, which are compared under the versions of the
    key alone. Answers are compared by replaying them.
    """
    try:
        runs = examples.load(template / examples.FOLDER, old.assignment)
    except ManifestError as error:
        return [str(error)]
    if runs is None:
        return [f"missing: {PATHS[0]}"]
    if set(runs) != set(fresh):
        return [f"stale: {PATHS[0]} (its runs are not those of the rows)"]
    if any(runs[run].run.program != fresh[run].run.program for run in runs):
        return [f"stale: {PATHS[0]} (its programs are not those of the rows)"]
    same = dict(old.versions) == versions()
    differ = [
        name
        for name in runs
        if (name in old.ladders and _ladder(runs[name]) != _digests(old.ladders[name]))
        or (same and _digests(runs[name])[0] != _digests(fresh[name])[0])
    ]
    lines = [f"stale: {PATHS[0]} (the examples of {name} are not the key's)" for name in differ]
    replayed = disagreements(replace(old, sheets=runs, ladders={}), reference)
    return lines + [f"{PATHS[0]}: {line}" for line in replayed]


def _told(tree: Tree) -> Iterator[bytes]:
    """Yield digests of an example, and of each of its arrays that tells something."""
    if isinstance(tree, dict):
        if any(isinstance(child, np.ndarray) for child in tree.values()):
            yield digest(tree)
        for child in tree.values():
            yield from _told(child)
    elif isinstance(tree, list):
        for child in tree:
            yield from _told(child)
    elif isinstance(tree, np.ndarray) and tree.size >= _TELLING and np.ptp(tree):
        yield digest(tree)


def _ladder(answered: AnsweredRun) -> tuple[bytes, bytes]:
    """Return digests of the part of a run's examples that is its ladder."""
    run = Run(answered.run.id, answered.run.program, answered.run.examples[:LADDER])
    return _digests(AnsweredRun(run, answered.answers[:LADDER]))


def _digests(answered: AnsweredRun) -> tuple[bytes, bytes]:
    """Return digests of a run's examples, and of its answers."""
    return (
        digest([dict(example) for example in answered.run.examples]),
        digest([dict(answer) for answer in answered.answers]),
    )
