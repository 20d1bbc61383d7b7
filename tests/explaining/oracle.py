"""What packages answer to further examples: how a claim about wrong code is looked into.

Examples are drawn by the course's strategies from a stream of this evaluation's own, so that none
of them has been asked when the claim was made.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property

import numpy as np
from plants import COURSE, Files, right

from grader.key import Key
from grader.key.checks import course_checks
from grader.key.draws import draw
from grader.kinds.proof import Proof
from grader.model.assignment import Assignment
from grader.model.programs import Inputs, Outcome, Run
from grader.model.trees import Tree
from grader.sandbox import Batch, Package, Sandbox

#: How many examples of a run are asked.
COUNT = 10
#: How closely two answers agree that are the same, by norms.
CLOSE = 1e-7
#: The same of two that are nearly right in one way.
NEARLY = 1e-6

Leaves = Mapping[str, np.ndarray]


class Oracle:
    """Asks packages the runs of *key*, on examples that it draws once."""

    def __init__(self, sandbox: Sandbox, assignment: Assignment, key: Key) -> None:
        self._sandbox, self._assignment, self._key = sandbox, assignment, key
        self._runs: dict[str, Run] = {}
        self._outcomes: dict[tuple[str, bytes], Sequence[Outcome]] = {}

    @cached_property
    def _proofs(self) -> Mapping[str, Proof]:
        return {proof.run: proof for proof in course_checks(COURSE).proofs()}

    def compared(self, run: str) -> bool:
        """Say whether the answers to a *run* are the same for any right package: none is drawn."""
        return self._proofs[run].compared

    def run(self, id: str) -> Run:
        """Return a run with examples of its own; the published figures' with theirs."""
        if id not in self._runs:
            proof = self._proofs[id]
            examples: Sequence[Inputs] = proof.examples
            if proof.inputs is not None:
                examples = draw(proof.inputs, COUNT, f"explaining/{id}")
            self._runs[id] = Run(id, proof.program, examples)
        return self._runs[id]

    def asked_run(self, id: str) -> Run:
        """Return a run with the key's own examples."""
        return replace(self._key.sheets[id].run, id=f"{id}.asked")

    def outcomes(self, files: Files, run: Run) -> Sequence[Outcome]:
        """Return what a package gives for the examples of *run*."""
        digest = hashlib.sha256()
        for path in sorted(files):
            digest.update(path.encode() + b"\0" + files[path] + b"\0")
        named = run.id, digest.digest()
        if named not in self._outcomes:
            self._outcomes[named] = self.asked(files, run)
        return self._outcomes[named]

    def asked(self, files: Files, run: Run) -> Sequence[Outcome]:
        """Return the same of a run that isn't remembered: one of perturbed examples."""
        assignment = self._assignment
        package = Package(assignment.package, files, self._key.given, assignment.given)
        with self._sandbox.start(package) as session:
            (reply,) = session.ask(Batch([run]))
        return reply.outcomes

    def right(self, run: Run) -> Sequence[Outcome]:
        """Return what the reference gives."""
        return self.outcomes(right("reference"), run)


def leaves(outcome: Outcome, outputs: Sequence[str] = ()) -> Leaves:
    """Return the numbers that an outcome gives by output, ``grads.W1`` for one in a dict.

    *outputs* names those that are wanted, whole dicts too; without any, all are.
    """
    found = dict(_leaves(outcome.gave, ""))
    if outputs:
        found = {name: leaf for name, leaf in found.items() if _wanted(name, outputs)}
    return found


def _wanted(name: str, outputs: Sequence[str]) -> bool:
    return any(name == output or name.startswith(f"{output}.") for output in outputs)


def _leaves(tree: Tree, name: str) -> Iterator[tuple[str, np.ndarray]]:
    if isinstance(tree, Mapping):
        for key, child in tree.items():
            yield from _leaves(child, f"{name}.{key}" if name else str(key))
    elif isinstance(tree, (np.ndarray, float, int)):
        yield name, np.asarray(tree, np.float64)


def same(one: np.ndarray, other: np.ndarray, close: float = CLOSE) -> bool:
    """Say whether two arrays are the same answer."""
    if one.shape != other.shape:
        return False
    with np.errstate(all="ignore"):
        finite = np.isfinite(one)
        if not (finite == np.isfinite(other)).all():
            return False
        difference = np.linalg.norm((one - other)[finite])
        scale = np.linalg.norm(one[finite]) + np.linalg.norm(other[finite])
    return bool(difference <= 1e-12 + close * scale)


def agree(one: Outcome, other: Outcome, outputs: Sequence[str], close: float = CLOSE) -> bool:
    """Say whether two outcomes give the same for these outputs, or fail in the same way."""
    if one.failed or other.failed:
        return (
            one.failed is not None
            and other.failed is not None
            and (one.failed.stage, one.failed.type) == (other.failed.stage, other.failed.type)
        )
    mine, theirs = leaves(one, outputs), leaves(other, outputs)
    return mine.keys() == theirs.keys() and all(same(mine[n], theirs[n], close) for n in mine)


def dotted(output: str) -> str:
    """Return ``grads.W1`` for ``grads["W1"]``."""
    return output.replace('["', ".").replace('"]', "")


def drawn_alike(one: Sequence[Outcome], other: Sequence[Outcome]) -> bool:
    """Say whether answers that are drawn at random look as if drawn alike.

    By output: the share of zeros, the size of the others, their spread, and whether rows of one
    array, and one output and the next, are zero in the same places.
    """
    mine, theirs = _looks(one), _looks(other)
    return mine.keys() == theirs.keys() and all(
        np.allclose(mine[name], theirs[name], rtol=0.15, atol=0.08) for name in mine
    )


def _looks(outcomes: Sequence[Outcome]) -> Mapping[str, np.ndarray]:
    pooled: dict[str, list[np.ndarray]] = {}
    failed = float(np.mean([outcome.failed is not None for outcome in outcomes]))
    found = {"failed": np.array([failed])}
    for outcome in outcomes:
        arrays = leaves(outcome)
        for name, array in arrays.items():
            pooled.setdefault(name, []).append(array)
    for name, arrays in pooled.items():
        values = np.concatenate([array.ravel() for array in arrays])
        kept = values[values != 0]
        rows = [np.mean((a[0] == 0) == (a[-1] == 0)) for a in arrays if a.ndim > 1]
        others = [
            np.mean((a == 0) == (b == 0))
            for a, b in zip(arrays, pooled.get("out", ()), strict=False)
            if a.shape == b.shape
        ]
        found[name] = np.array(
            [
                np.mean(values == 0),
                np.median(np.abs(kept)) if kept.size else 0.0,
                np.mean(kept) if kept.size else 0.0,
                np.std(kept) if kept.size else 0.0,
                np.mean(rows) if rows else 0.0,
                np.mean(others) if others else 0.0,
            ]
        )
    return found
