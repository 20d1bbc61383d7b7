"""The public examples: what a student's own check asks, with the answers.

They are drawn from a seed that is no secret and that every key of an assignment shares: the ladders
that feedback shows, and a few more for each check, of other forms than its ladder has. They stand
in the template's ``checks/`` (:data:`JSON` and :data:`BIN`). No process of a student's holds them
in `grade`, and a table of their answers passes no hidden check.
"""

from __future__ import annotations

import json
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypedDict

import numpy as np

from grader.key.checks import Checks
from grader.key.sources import template_folder
from grader.key.store import Key, RunRecord, StoredRuns, run_records, text
from grader.kinds import Proof
from grader.model.assignment import CHECKS_FOLDER, Assignment, ManifestError
from grader.model.checks import AnsweredRun
from grader.model.programs import Inputs, Run
from grader.model.trees import Malformed, Tree

SCHEMA = "grader/examples/v1"
FOLDER, JSON, BIN = CHECKS_FOLDER, "examples.json", "examples.bin"
#: In bytes: both files together.
MOST = 2 << 20
#: Examples beside a ladder, or of a check that has none, at most; and of how many drawn ones.
COUNT, DRAWN = 3, 30


class ExamplesRecord(TypedDict):
    """``examples.json``: the runs by id, whose arrays are in ``examples.bin``."""

    schema: str
    assignment: str
    runs: dict[str, RunRecord]


def seed(proof: Proof) -> str:
    """Return the public seed of the examples that stand beside a proof's ladder."""
    return f"public/{proof.run}"


def various(drawn: Sequence[Inputs], ladder: Sequence[Inputs]) -> list[Inputs]:
    """Return *drawn* examples, those first that are of another form than any before them.

    A ladder has the smallest: only matrices, say, where stacks of images are drawn as well.
    """
    seen = {form(example) for example in ladder}
    first: list[Inputs] = []
    for example in drawn:
        if form(example) not in seen:
            seen.add(form(example))
            first.append(example)
    taken = set(map(id, first))
    return [*first, *(example for example in drawn if id(example) not in taken)]


def form(tree: Tree) -> Hashable:
    """Return the form of an example: axes of arrays, lengths of lists, options, which are zero."""
    if isinstance(tree, Mapping):
        return tuple((name, form(child)) for name, child in sorted(tree.items()))
    if isinstance(tree, list):
        return tuple(map(form, tree))
    if isinstance(tree, np.ndarray):
        return tree.ndim, tree.dtype.kind
    if isinstance(tree, (int, float)) and not isinstance(tree, bool):
        return tree == 0
    return str(tree)


def joined(ladder: AnsweredRun | None, others: AnsweredRun, count: int) -> AnsweredRun:
    """Return the examples of a *ladder*, if there is one, and *count* of the *others*."""
    rungs = [*ladder.run.examples] if ladder else []
    answers = [*ladder.answers] if ladder else []
    also = [*ladder.also] if ladder else [[] for _ in others.also]
    return replace(
        others,
        run=Run(others.run.id, others.run.program, [*rungs, *others.run.examples[:count]]),
        answers=[*answers, *others.answers[:count]],
        also=[[*one, *two[:count]] for one, two in zip(also, others.also, strict=True)],
    )


def dump(assignment: str, runs: Mapping[str, AnsweredRun]) -> dict[str, bytes]:
    """Return the files of the public examples, by path in the template."""
    parts: list[bytes] = []
    document: ExamplesRecord = {
        "schema": SCHEMA,
        "assignment": assignment,
        "runs": run_records(runs, parts),
    }
    return {f"{FOLDER}/{JSON}": text(document), f"{FOLDER}/{BIN}": b"".join(parts)}


def folder(place: Path, assignment: Assignment) -> Path:
    """Return the folder of the public examples: beside the rows, or in the course's template."""
    template = template_folder(place, assignment) / FOLDER
    beside = place / FOLDER
    return template if (template / JSON).is_file() and not (beside / JSON).is_file() else beside


def load(checks: Path, assignment: str) -> Mapping[str, AnsweredRun] | None:
    """Read the public examples of *assignment* in a folder ``checks/``; ``None`` where none are.

    Raises :class:`~grader.model.assignment.ManifestError` for files that can't be read.
    """
    if not (checks / JSON).is_file():
        return None
    try:
        return parse((checks / JSON).read_bytes(), (checks / BIN).read_bytes(), assignment)
    except (OSError, ValueError, LookupError, TypeError, AttributeError, Malformed) as error:
        raise ManifestError(
            f"{checks / JSON} can't be used ({error}): copy checks/ from the download again"
        ) from None


def parse(written: bytes, data: bytes, assignment: str) -> Mapping[str, AnsweredRun]:
    """Return the runs of both files. Raises :class:`ValueError` for those of another assignment."""
    document: ExamplesRecord = json.loads(written)
    if document["schema"] != SCHEMA:
        raise ValueError(f"they are {document['schema']}, and {SCHEMA} is read here")
    if document["assignment"] != assignment:
        raise ValueError(f"they are of the assignment {document['assignment']}")
    return StoredRuns(document["runs"], data)


def public_key(assignment: Assignment, checks: Checks, runs: Mapping[str, AnsweredRun]) -> Key:
    """Return a key that asks the public examples in place of hidden ones, and holds no secret.

    A check whose examples aren't there is left out: the template is of another version then.
    """
    proofs = [proof for proof in checks.proofs() if proof.inputs is None or proof.run in runs]
    sheets = {
        proof.run: runs[proof.run]
        if proof.inputs is not None
        else AnsweredRun(proof.fixed(), [dict(answer) for answer in proof.answers])
        for proof in proofs
    }
    return Key(
        assignment=assignment.id,
        checks=tuple(check for proof in proofs for check in proof.checks),
        sheets=sheets,
        ladders={proof.run: runs[proof.run] for proof in proofs if proof.inputs is not None},
        given={},
        versions={},
        seed_hash="",
        parts={},
        judges=checks.judges,
    )


def wanted(proofs: Sequence[Proof]) -> list[Proof]:
    """Return the proofs that public examples are made for: those of checks that carry points."""
    return [
        proof
        for proof in proofs
        if proof.inputs is not None and any(c.visibility == "hidden" for c in proof.checks)
    ]
