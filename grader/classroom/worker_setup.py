"""What a worker on another machine starts from, and what it answers: all of it as bytes.

It holds the course's files, the key or the name of a folder that has it, and the options of a run.
Nothing in it tells who is in the class. Dask carries these bytes between an instructor's own
machines; what a student handed in, and what became of it, is never an object on that way.
"""

from __future__ import annotations

import hashlib
import io
import json
import platform
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import msgspec
import numpy as np

from grader.classroom.handed_back import ReadNotebook
from grader.classroom.worker import Marked, Settings
from grader.files import zipped
from grader.key import Key, store
from grader.key.sources import MANIFEST
from grader.model.assignment import CHECKS_FOLDER, Assignment
from grader.model.literals import Engine, Kind, TrainMode
from grader.sandbox.protocol.levels import LEVELS, Level
from grader.version import __version__
from grader.wording import cluster as words

#: The value of ``--cluster-key`` that has the key sent.
SEND = "send"
_INDEX, _COURSE, _KEY = "index.json", "course/", "key/"


@dataclass(frozen=True)
class Demands:
    """The options of a run, as a worker needs them, and what is asked of the worker.

    ``key_folder`` is where the key stands on the worker, unless it comes along. Where ``level``
    names none, the worker's own is to be as strong as ``least``.
    """

    notebooks: tuple[str, ...]
    kinds: tuple[Kind, ...]
    train: TrainMode
    engine: Engine
    level: Level | None
    allow_unsandboxed: bool
    annotate: bool
    key_folder: str
    key_hash: str
    least: str
    versions: dict[str, str]

    def missed(self, level: str, key: Key) -> str:
        """Return what a worker lacks that found a *level* and a *key*; nothing where it fits."""
        if key.hash != self.key_hash:
            return words.KEY.format(folder=self.key_folder)
        if self.level is None and LEVELS.index(_known(level)) < LEVELS.index(_known(self.least)):
            return words.LEVEL.format(found=level, least=self.least)
        return ""

    def other_versions(self, there: Mapping[str, str] | None = None) -> str:
        """Return how the versions *there*, on the worker, differ; nothing where they don't."""
        there, own = there or versions(), self.versions
        if there == own:
            return ""
        return words.VERSION.format(
            there=there["grader"],
            python=there["python"],
            numpy=there["numpy"],
            here=own["grader"],
            own_python=own["python"],
            own_numpy=own["numpy"],
        )


def versions() -> dict[str, str]:
    """Return the versions that all who mark one class have in common."""
    python = ".".join(platform.python_version_tuple()[:2])
    return {"grader": __version__, "python": python, "numpy": np.__version__}


@dataclass(frozen=True)
class WorkerSetup:
    """A setup as bytes, and the ``name`` by which tasks call it."""

    data: bytes
    name: str


def packed_setup(
    settings: Settings, assignment: Assignment, key: Key, key_from: str, least: str
) -> WorkerSetup:
    """Return the setup of a run by *settings*.

    *key_from* is :data:`SEND`, or the folder in which each worker has the key.
    """
    sent = key_from == SEND
    demands = Demands(
        notebooks=settings.notebooks,
        kinds=settings.kinds,
        train=settings.train,
        engine=settings.engine,
        level=settings.level,
        allow_unsandboxed=settings.allow_unsandboxed,
        annotate=settings.annotate,
        key_folder="" if sent else key_from,
        key_hash=key.hash,
        least=least,
        versions=versions(),
    )
    files = {_INDEX: msgspec.json.encode(asdict(demands))}
    files |= {_COURSE + name: data for name, data in _course(settings.assignment, assignment)}
    if sent:
        files |= {_KEY + name: data for name, data in _key_files(settings.key)}
    data = zipped(files)
    return WorkerSetup(data, hashlib.sha256(data).hexdigest())


def unpacked_setup(data: bytes, folder: Path) -> tuple[Settings, Demands]:
    """Write the files of a setup below *folder*, which is private; return how to start from it."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        demands = msgspec.json.decode(archive.read(_INDEX), type=Demands)
        archive.extractall(folder, [n for n in archive.namelist() if n != _INDEX])
    settings = Settings(
        assignment=folder / _COURSE,
        key=Path(demands.key_folder) if demands.key_folder else folder / _KEY,
        notebooks=demands.notebooks,
        kinds=demands.kinds,
        train=demands.train,
        engine=demands.engine,
        level=demands.level,
        allow_unsandboxed=demands.allow_unsandboxed,
        annotate=demands.annotate,
    )
    return settings, demands


def packed_result(marked: Marked) -> bytes:
    """Return what became of a submission as JSON: its result, and what pages need beside it."""
    # By Python's own writer, as result.json is: a number comes back as it was.
    result = json.dumps(marked.result)
    return msgspec.json.encode(_Answer(result, dict(marked.notebooks), marked.fault))


def unpacked_result(data: bytes, name: str, source: str, kept: str) -> Marked:
    """Return what :func:`packed_result` packed, for the submission *name* of *source*.

    Raises :class:`ValueError` where it is of another form.
    """
    answer = msgspec.json.decode(data, type=_Answer)
    result = json.loads(answer.result)
    # In their places, since a result's file has its fields in their order.
    result["submission"], result["source"] = name, source
    return Marked(result, answer.notebooks, answer.fault, kept=kept)


@dataclass(frozen=True)
class _Answer:
    result: str
    notebooks: dict[str, ReadNotebook]
    fault: str


def _known(level: str) -> Level:
    return next((name for name in LEVELS if name == level), LEVELS[0])


def _course(folder: Path, assignment: Assignment) -> Iterator[tuple[str, bytes]]:
    """Yield the files of the course's that marking reads: manifest, checks, its two packages."""
    yield MANIFEST, (folder / MANIFEST).read_bytes()
    for name, pattern in ((CHECKS_FOLDER, "*"), (assignment.package, "*.py"), ("witness", "*.py")):
        for path in sorted((folder / name).rglob(pattern)):
            if path.is_file() and "__pycache__" not in path.parts:
                yield path.relative_to(folder).as_posix(), path.read_bytes()


def _key_files(folder: Path) -> Iterator[tuple[str, bytes]]:
    for name in (store.JSON, store.BIN, *store.BESIDE):
        if (folder / name).is_file():
            yield name, (folder / name).read_bytes()
