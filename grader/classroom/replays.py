"""What a replay needs of each result: the bytes handed in, the key, how it was asked, verdicts.

The bytes stand in a folder :data:`FOLDER` of a run's folder, each hand-in once; the key beside
them, each key once. The gradebook holds the rest, by the code that a page shows.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from grader.classroom.database import Database
from grader.files import write
from grader.key import Key, store
from grader.model.problem import Problem
from grader.model.records import SubmissionRecord
from grader.submissions import Submission
from grader.submissions.reading import Candidate

FOLDER = "replay"
_INDEX = "index.json"
#: The alphabet of codes: none of its letters is taken for another, or for a digit.
_LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"
_LENGTH = 10
#: What of a result says under which conditions it was marked, beside its versions.
_CONDITIONS = ("grader", "isolation")


class NoReplay(Problem, ValueError):
    """A result can't be replayed; the message says why and what to do."""


class ReplayRow(NamedTuple):
    """A row of the table ``replays``; ``settings``, ``conditions`` and ``verdicts`` are JSON.

    ``bytes`` is the name of what was handed in below :data:`FOLDER`, ``key`` the key's hash.
    """

    code: str
    submission: str
    source: str
    bytes: str
    key: str
    settings: str
    conditions: str
    verdicts: str


class Replays(Database):
    """The table of what can be replayed. Raises what a gradebook raises."""

    def replayable(self, row: ReplayRow) -> None:
        """Keep a row, in place of an earlier one of the same code."""
        self._write("insert or replace into replays values (?,?,?,?,?,?,?,?)", row)

    def replay(self, code: str) -> ReplayRow | None:
        """Return the row of a code; ``None`` where there is none."""
        found = self._rows(ReplayRow, "select * from replays where code = ?", (code,))
        return found[0] if found else None

    def replays(self) -> list[ReplayRow]:
        """Return all rows, in the order in which they were kept."""
        return self._rows(ReplayRow, "select * from replays order by rowid")

    def bytes_kept(self) -> set[str]:
        """Return the names of all hand-ins that a row needs."""
        return set(self._rows(str, "select distinct bytes from replays"))


def row_of(
    result: SubmissionRecord, bytes_: str, settings: Mapping[str, Any]
) -> tuple[str, ReplayRow]:
    """Return the code of a result, and the row that it is kept under.

    The same hand-in, marked with the same key, grader and options, has the same code again.
    """
    conditions = conditions_of(result)
    parts = [result["submission"], bytes_, result["key"], settings, conditions]
    digest = int.from_bytes(hashlib.sha256(json.dumps(parts).encode()).digest(), "big")
    code = ""
    for _ in range(_LENGTH):
        digest, letter = divmod(digest, len(_LETTERS))
        code += _LETTERS[letter]
    return code, ReplayRow(
        code,
        result["submission"],
        result["source"],
        bytes_,
        result["key"],
        json.dumps(settings),
        json.dumps(conditions),
        json.dumps(verdicts_of(result)),
    )


def conditions_of(result: SubmissionRecord) -> dict[str, str]:
    """Return the versions and the isolation that a result was marked under."""
    kept = {name: str(result.get(name, "")) for name in _CONDITIONS}
    return {**kept, **result.get("versions", {})}


def verdicts_of(result: SubmissionRecord) -> dict[str, str]:
    """Return the status and points of the whole, of each question and of each check, by name."""
    found = {"all": f"{result['score']:g} of {result['max_score']:g}, {result['status']}"}
    for question in result["questions"]:
        found[question["id"]] = f"{question['score']:g}, {question['status']}"
        for check in question.get("checks") or ():
            found[f"{question['id']}/{check['id']}"] = f"{check['score']:g}, {check['status']}"
    return found


def differences(then: Mapping[str, str], now: Mapping[str, str]) -> Iterator[str]:
    """Yield a line for each name whose value differs between *then* and *now*."""
    for name in dict.fromkeys((*then, *now)):
        if then.get(name) != now.get(name):
            yield f"{name}: {then.get(name, 'none')} then, {now.get(name, 'none')} now"


def keep_submission(output: Path, submission: Submission) -> str:
    """Keep the bytes of a submission below *output*; return their name there.

    Raises :class:`~grader.files.WriteError`.
    """
    return keep_packed(output, packed(submission))


def keep_packed(output: Path, data: bytes) -> str:
    """Keep a submission that is :func:`packed`, as :func:`keep_submission` does."""
    name = hashlib.sha256(data).hexdigest()
    path = _hand_in(output, name)
    if not path.is_file():
        # Two processes may keep the same bytes at one time.
        own = path.with_name(f"{path.name}.{os.getpid()}")
        write(own, data)
        own.replace(path)
    return name


def keep_key(output: Path, key: Key) -> None:
    """Keep a key below *output*, unless it is there. Raises :class:`~grader.files.WriteError`."""
    place = key_folder(output, key.hash)
    if key.folder is None or key.folder.resolve() == place.resolve():
        return
    for name in (store.BIN, *store.BESIDE, store.JSON):  # the last one says that all are there
        if (key.folder / name).is_file() and not (place / name).is_file():
            write(place / name, (key.folder / name).read_bytes())


def key_folder(output: Path, hash_: str) -> Path:
    """Return the folder in which the key of that hash is kept."""
    return output / FOLDER / "keys" / hash_.removeprefix("sha256:")[:32]


def stored_submission(output: Path, row: ReplayRow) -> Submission:
    """Return what was handed in, as it was kept. Raises :class:`NoReplay` where it isn't whole."""
    path = _hand_in(output, row.bytes)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise NoReplay(f"{path}, what {row.submission} handed in, can't be read: {error}") from None
    if hashlib.sha256(data).hexdigest() != row.bytes:
        raise NoReplay(f"{path}, what {row.submission} handed in, was changed since it was marked")
    return unpacked(data, row.submission, row.source)


def drop_unneeded(output: Path, needed: set[str]) -> None:
    """Take away the bytes that no row needs, once their submissions were removed."""
    for path in (output / FOLDER / "hand-ins").glob("*"):
        if path.suffix != ".zip" or path.stem not in needed:
            path.unlink(missing_ok=True)


def _hand_in(output: Path, name: str) -> Path:
    return output / FOLDER / "hand-ins" / f"{name}.zip"


def packed(submission: Submission) -> bytes:
    """Return a submission as a zip: an index, and each file's bytes once, by their hash.

    Neither its name nor where it stood is in it.
    """
    blobs: dict[str, bytes] = {}

    def blob(data: bytes) -> str:
        name = hashlib.sha256(data).hexdigest()
        blobs[name] = data
        return name

    index = {
        "package": submission.package,
        "content": submission.content,
        "notes": list(submission.notes),
        "absent": dict(submission.absent),
        "files": {path: blob(data) for path, data in submission.files.items()},
        "notebooks": {path: blob(data) for path, data in submission.notebooks.items()},
        "saved": {path: blob(data) for path, data in submission.saved.items()},
        "attempts": {
            name: [(one.path, blob(one.data)) for one in found]
            for name, found in submission.attempts.items()
        },
    }
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, data in {_INDEX: json.dumps(index).encode(), **blobs}.items():
            # Of one date, so that the same bytes have the same name again.
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, data)
    return made.getvalue()


def unpacked(data: bytes, name: str, source: str) -> Submission:
    """Return the submission that was :func:`packed`, under a *name* and a *source*."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        index = json.loads(archive.read(_INDEX))

        def files(part: str) -> dict[str, bytes]:
            return {path: archive.read(blob) for path, blob in index[part].items()}

        return Submission(
            name=name,
            source=source,
            package=index["package"],
            files=files("files"),
            notebooks=files("notebooks"),
            content=index["content"],
            notes=tuple(index["notes"]),
            saved=files("saved"),
            absent=index["absent"],
            attempts={
                question: tuple(Candidate(path, archive.read(blob)) for path, blob in found)
                for question, found in index["attempts"].items()
            },
        )
