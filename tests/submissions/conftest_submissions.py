"""Submissions of an assignment of three files, as folders and as zips."""

from __future__ import annotations

import io
import tarfile
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from grader.model.assignment import Assignment, Files, Limits, NotebookEntry
from grader.submissions import Submission, find, read_submission

ASSIGNMENT = Assignment(
    id="nets",
    title="Nets",
    package="cs682",
    aliases=("cs231n", "asgn2"),
    files=Files(
        student=("layers.py", "optim.py", "classifiers/fc_net.py"),
        shared=("layer_utils.py",),
        given=("__init__.py", "solver.py"),
    ),
    given={},
    limits=Limits(),
    notebooks=(NotebookEntry("Nets", "Nets"), NotebookEntry("Dropout", "Dropout")),
)
STUDENT = {"layers.py": "layers", "optim.py": "optim", "classifiers/fc_net.py": "nets"}

Texts = Mapping[str, "str | bytes"]


def package(folder: str = "cs682/", files: Texts = STUDENT) -> dict[str, str | bytes]:
    """Return the student's files below *folder*."""
    return {folder + path: text for path, text in files.items()}


def lay(folder: Path, files: Texts) -> Path:
    """Write *files* into *folder* and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    for path, text in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(_bytes(text))
    return folder


def packed(files: Texts, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return a zip of *files*."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", method) as archive:
        for path, text in files.items():
            archive.writestr(path, _bytes(text))
    return made.getvalue()


def tarred(files: Texts, compression: str = "gz") -> bytes:
    """Return a tar of *files*, compressed unless *compression* is empty."""
    made = io.BytesIO()
    mode: Any = f"w:{compression}"
    with tarfile.open(fileobj=made, mode=mode) as archive:
        for path, text in files.items():
            data = _bytes(text)
            member = tarfile.TarInfo(path)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return made.getvalue()


def encrypted(archive: bytes) -> bytes:
    """Return a zip that says of every entry that it is encrypted."""
    changed = bytearray(archive)
    for signature, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = changed.find(signature)
        while start >= 0:
            changed[start + at] |= 1
            start = changed.find(signature, start + 1)
    return bytes(changed)


def read_one(path: Path) -> Submission:
    """Return the submission at *path*."""
    (place,) = find([path], ASSIGNMENT, as_="one").places
    return read_submission(place, ASSIGNMENT)


def _bytes(text: str | bytes) -> bytes:
    return text.encode() if isinstance(text, str) else text


Hand = Callable[[Texts], Submission]
Pack = Callable[[Texts], bytes]
