"""A submission's package, as text."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from grader.sandbox.protocol import frames
from grader.sandbox.protocol.layout import COURSE, Entry


@dataclass(frozen=True)
class Package:
    """The files of one submission and of the course, by path in the package.

    ``files`` are the student's; ``given`` is the course's text of every file of the package,
    used where the student's has no such file and, as a stand-in, where theirs doesn't load.
    ``given_names`` maps a module to the names that are taken from the course's text whatever
    the student's file says, ``answered`` to names that the reference answers for, over the wire;
    ``sealed`` are the envelopes of such answers (:mod:`grader.sandbox.guest.reference.answer_cache`). In a rehearsal
    the package is the reference itself, answers its own calls and seals what it says: ``rehearsed``
    are these functions, as ``module:name``, with the item that stays with the reference.
    The package imports as ``name`` and as each of ``aliases``. ``notebook`` says that cells of a
    notebook will be run; ``sheet`` are all of them, for a kernel.
    """

    name: str
    files: Mapping[str, bytes]
    given: Mapping[str, bytes]
    given_names: Mapping[str, tuple[str, ...]]
    aliases: tuple[str, ...] = ()
    answered: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sealed: bytes = b""
    prefilled: Mapping[str, int | None] = field(default_factory=dict)
    notebook: bool = False
    sheet: tuple[Entry, ...] = ()

    @cached_property
    def lines(self) -> dict[str, int]:
        """How many lines each file has that a failure may name: the package's and a kernel's."""
        cells = {entry.name: entry.code.encode() for entry in self.sheet}
        return {
            path: text.count(b"\n") + text.count(b"\r") + 1
            for path, text in {**cells, **self.given, **self.files}.items()
        }


def encode(package: Package, broken: Mapping[str, str]) -> bytes:
    """Return the frame that hands *package* to a child.

    *broken* maps modules to the stage at which an earlier process was lost while importing
    them (``timed_out``, ``died``): they aren't run again.
    """
    files = sorted(package.files.items())
    # Most of what a student has is as it was given out: sent once, it fits into the pipe.
    same = [path for path, text in package.given.items() if package.files.get(path) == text]
    given = sorted((path, text) for path, text in package.given.items() if path not in same)
    head = {
        "name": package.name,
        "aliases": list(package.aliases),
        "given_names": {module: list(names) for module, names in package.given_names.items()},
        "answered": {module: list(names) for module, names in package.answered.items()},
        "broken": dict(broken),
        "notebook": package.notebook,
        "sheet": package.sheet,
        "files": [[path, len(text)] for path, text in files],
        "given": [[path, len(text)] for path, text in given],
        "same": same,
        "sealed": len(package.sealed),
        "rehearsed": dict(package.prefilled),
    }
    data = b"".join((*(text for _, text in (*files, *given)), package.sealed))
    return frames.frame(frames.PACKAGE, json.dumps(head).encode("ascii"), data)


def shared(package: Package) -> Iterator[bytes]:
    """Give a frame for each of the course's files that every submission's process compiles."""
    for module in package.given_names:
        base = module.replace(".", "/")
        for path in (f"{base}.py", f"{base}/__init__.py"):
            if path in package.given:
                file = f"{COURSE}{package.name}/{path}"
                yield frames.frame(frames.COURSE, file.encode(), package.given[path])
