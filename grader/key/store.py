"""The key on disk: ``key.json`` and the arrays it refers to, ``key.bin``.

The trees of one sheet are packed together (:mod:`grader.model.trees`), each sheet with a slice
of ``key.bin`` of its own, and are read when they are first asked for.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import NotRequired, TypedDict

from grader.key import dependence
from grader.key import fingerprints as probes
from grader.key import terms as public_terms
from grader.key.fingerprints import Probe
from grader.key.streams import LEAST_BITS
from grader.key.terms import TermsByRun
from grader.kinds import JUDGES, Judge
from grader.model.checks import AnsweredRun, Check, Replaceable, Variant, Words
from grader.model.dependence import Table
from grader.model.problem import Problem
from grader.model.programs import Program, ProgramRecord, Run
from grader.model.trees import Malformed, Packed, Tree, pack, unpack
from grader.model.trials import OtherValues

SCHEMA = "grader/key/v2"
JSON, BIN = "key.json", "key.bin"
#: Files that may stand beside them, for explaining.
BESIDE = (probes.FILE, public_terms.BIN, public_terms.JSON, dependence.FILE)


class BadKey(Problem, ValueError):
    """A key can't be read; the message names the file and the way out."""


@dataclass(frozen=True)
class Key:
    """What the reference answered.

    ``sheets`` are by run id, ``ladders`` by the id of the run that they explain. ``given`` is
    the course's text of each file of the package, ``notebooks`` is that of each notebook as it is
    released, by name, ``rubrics`` are what a person marks written answers by. ``trials`` are by
    question the values that are tried in place of a training's own. ``parts`` are by
    question the functions that the reference can answer for. ``secret`` is what images, their
    order and the like are drawn from (:mod:`grader.key.streams`); examples come from another, which
    isn't kept. ``versions`` are those that the
    examples were drawn under. ``folder`` is where it was read from, if it was. ``judges`` are the
    engine's, and a course's own where its checks were imported (:func:`grader.key.checks.judged`);
    they aren't stored.
    """

    assignment: str
    checks: tuple[Check, ...]
    sheets: Mapping[str, AnsweredRun]
    ladders: Mapping[str, AnsweredRun]
    given: Mapping[str, bytes]
    versions: Mapping[str, str]
    seed_hash: str
    parts: Mapping[str, tuple[Replaceable, ...]]
    notebooks: Mapping[str, bytes] = field(default_factory=dict)
    rubrics: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    trials: Mapping[str, tuple[OtherValues, ...]] = field(default_factory=dict)
    secret: str = ""
    hash: str = ""
    folder: Path | None = None
    judges: Mapping[str, Judge] = field(default_factory=lambda: JUDGES)

    @cached_property
    def by_question(self) -> dict[str, tuple[Check, ...]]:
        """The checks of each question, in the key's order."""
        found: dict[str, list[Check]] = {}
        for check in self.checks:
            found.setdefault(check.question, []).append(check)
        return {question: tuple(checks) for question, checks in found.items()}

    @cached_property
    def probes(self) -> dict[str, tuple[Probe, ...]]:
        """The misconceptions of each question; read when something has failed."""
        found: dict[str, list[Probe]] = {}
        for probe in probes.load(self.folder) if self.folder else ():
            found.setdefault(probe.misconception.question, []).append(probe)
        return {question: tuple(entries) for question, entries in found.items()}

    @cached_property
    def terms(self) -> TermsByRun:
        """What the public answers are made of, by run; read when something has failed."""
        return public_terms.load(self.folder) if self.folder else {}

    @cached_property
    def dependence(self) -> Mapping[str, Table]:
        """What the reference's outputs depend on, by run; read when something has failed."""
        return dependence.load(self.folder, self.assignment) if self.folder else {}


class RunRecord(TypedDict):
    """A run with its answers; ``at`` is where its arrays begin in the bytes, and how many.

    ``nearly`` are the ids of the variants that are nearly right, and what they are called.
    """

    program: ProgramRecord
    trees: Packed
    at: list[int]
    first: NotRequired[ProgramRecord]
    nearly: NotRequired[list[tuple[str, str]]]


class KeyRecord(TypedDict):
    """``key.json``. A check's record has the fields of :class:`~grader.model.checks.Check`."""

    schema: str
    assignment: str
    versions: dict[str, str]
    seed: str
    secret: str
    checks: list[dict[str, Tree]]
    sheets: dict[str, RunRecord]
    ladders: dict[str, RunRecord]
    parts: dict[str, list[tuple[str, int | None]]]
    given: dict[str, str]
    notebooks: dict[str, str]
    rubrics: dict[str, list[str]]
    trials: NotRequired[dict[str, list[tuple[str, Sequence[object]]]]]


class StoredRuns(Mapping[str, AnsweredRun]):
    """Runs that are unpacked when they are first asked for."""

    def __init__(self, entries: Mapping[str, RunRecord], data: bytes) -> None:
        self._entries, self._data = entries, data
        self._read: dict[str, AnsweredRun] = {}

    def __getitem__(self, id: str) -> AnsweredRun:
        if id not in self._read:
            entry = self._entries[id]
            start, length = entry["at"]
            tree = unpack(entry["trees"], memoryview(self._data)[start : start + length])
            run = Run(id, Program.from_json(entry["program"]), tree["examples"])
            first = Program.from_json(entry["first"]) if "first" in entry else None
            nearly = [
                Variant(name, says, answers)
                for (name, says), answers in zip(
                    entry.get("nearly", ()), tree.get("nearly", ()), strict=True
                )
            ]
            self._read[id] = AnsweredRun(run, tree["answers"], tree["also"], first, nearly)
        return self._read[id]

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)


def run_records(runs: Mapping[str, AnsweredRun], parts: list[bytes]) -> dict[str, RunRecord]:
    """Return runs as JSON values, by id; their arrays are added to *parts*."""
    made: dict[str, RunRecord] = {}
    for id, answered in runs.items():
        tree: Tree = {
            "examples": [dict(example) for example in answered.run.examples],
            "answers": [dict(answer) for answer in answered.answers],
            "also": [[dict(answer) for answer in answers] for answers in answered.also],
        }
        if answered.nearly:
            tree["nearly"] = [[dict(a) for a in variant.answers] for variant in answered.nearly]
        text, data = pack(tree)
        at = [sum(map(len, parts)), len(data)]
        parts.append(data)
        made[id] = {"program": answered.run.program.to_json(), "trees": text, "at": at}
        if answered.first is not None:
            made[id]["first"] = answered.first.to_json()
        if answered.nearly:
            made[id]["nearly"] = [(variant.id, variant.says) for variant in answered.nearly]
    return made


def dump(key: Key) -> dict[str, bytes]:
    """Return the key's files, by name: the same bytes for the same key."""
    parts: list[bytes] = []
    document: KeyRecord = {
        "schema": SCHEMA,
        "assignment": key.assignment,
        "versions": dict(key.versions),
        "seed": key.seed_hash,
        "secret": key.secret,
        "checks": [_entry(check) for check in key.checks],
        "sheets": run_records(key.sheets, parts),
        "ladders": run_records(key.ladders, parts),
        "parts": {
            question: [(part.target, part.handle) for part in parts]
            for question, parts in key.parts.items()
        },
        "given": {path: given.decode("utf-8") for path, given in sorted(key.given.items())},
        "notebooks": {name: book.decode("utf-8") for name, book in sorted(key.notebooks.items())},
        "rubrics": {question: list(lines) for question, lines in key.rubrics.items()},
        "trials": {
            question: [(other.argument, other.values) for other in others]
            for question, others in key.trials.items()
        },
    }
    return {JSON: text(document), BIN: b"".join(parts)}


def load(folder: Path) -> Key:
    """Read the key in *folder*. Raises :class:`BadKey`."""
    try:
        written, data = (folder / JSON).read_bytes(), (folder / BIN).read_bytes()
        beside = b"".join(path.read_bytes() for name in BESIDE if (path := folder / name).exists())
    except OSError as error:
        raise BadKey(
            f"there is no key in {folder} ({error.strerror}): run `grader build`, or name one "
            "with --key"
        ) from None
    try:
        document: KeyRecord = json.loads(written)
        if document["schema"] != SCHEMA:
            raise BadKey(
                f"the key in {folder} is {document['schema']}; this grader reads {SCHEMA}: make a "
                f"new one with `grader build --key {folder}`, or the demonstration's with "
                "`grader build`"
            )
        return Key(
            assignment=document["assignment"],
            checks=tuple(map(_check, document["checks"])),
            sheets=StoredRuns(document["sheets"], data),
            ladders=StoredRuns(document["ladders"], data),
            given={path: given.encode("utf-8") for path, given in document["given"].items()},
            versions=document["versions"],
            seed_hash=document["seed"],
            parts={
                question: tuple(Replaceable(target, handle) for target, handle in parts)
                for question, parts in document["parts"].items()
            },
            notebooks={
                name: book.encode("utf-8") for name, book in document.get("notebooks", {}).items()
            },
            rubrics={
                question: tuple(lines) for question, lines in document.get("rubrics", {}).items()
            },
            trials={
                question: tuple(OtherValues.listed(name, values) for name, values in others)
                for question, others in document.get("trials", {}).items()
            },
            secret=_secret(document["secret"]),
            hash="sha256:" + hashlib.sha256(written + data + beside).hexdigest(),
            folder=folder,
        )
    except (ValueError, LookupError, TypeError, Malformed) as error:
        if isinstance(error, BadKey):
            raise
        raise BadKey(
            f"the key in {folder} is damaged ({error}): run `grader build` again"
        ) from None


def _entry(check: Check) -> dict[str, Tree]:
    entry = asdict(check)
    if check.words is None:
        del entry["words"]
    return entry


def _check(entry: Mapping[str, Tree]) -> Check:
    words = {"words": Words(**entry["words"])} if entry.get("words") else {}
    return Check(**{**entry, "outputs": tuple(entry["outputs"]), **words})


def _secret(found: object) -> str:
    if not isinstance(found, str) or 4 * len(found) < LEAST_BITS:
        raise ValueError("its secret is too short")
    return found


def text(document: Mapping[str, object]) -> bytes:
    """Return JSON with one line for each check, sheet and given file: a diff that can be read."""
    lines = []
    for name, value in document.items():
        if isinstance(value, dict) and value:
            inner = ",\n".join(
                f"  {json.dumps(k)}: {json.dumps(v, separators=(',', ':'))}"
                for k, v in value.items()
            )
            lines.append(f" {json.dumps(name)}: {{\n{inner}\n }}")
        elif isinstance(value, list):
            inner = ",\n".join(f"  {json.dumps(v, separators=(',', ':'))}" for v in value)
            lines.append(f" {json.dumps(name)}: [\n{inner}\n ]")
        else:
            lines.append(f" {json.dumps(name)}: {json.dumps(value)}")
    return ("{\n" + ",\n".join(lines) + "\n}\n").encode("ascii")
