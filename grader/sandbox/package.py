"""A submission's package, as text."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from grader.model.literals import LossStage
from grader.sandbox.protocol import frames
from grader.sandbox.protocol.layout import COURSE, Entry


@dataclass(frozen=True)
class Package:
    """The files of one submission and of the course, by path in the package.

    ``files`` are the student's. ``given`` is the course's text of every file of the package: it is
    used where the student has no such file and, in a stand-in, where theirs doesn't load.
    ``given_names`` maps a module to the names that are taken from the course's text whatever the
    student's file says, ``replaced`` to the names that the reference answers for, from a process of
    its own. ``sealed`` is the cache of such answers
    (:mod:`grader.sandbox.guest.reference.answer_cache`).

    To prefill that cache the package is the reference's own: it answers its own calls of the
    functions ``prefilled`` (``module:name``, with the item of their result that stays in the
    reference's process) and seals each answer.

    ``absent`` maps files of the student's that aren't there to why they can't be read, or to
    nothing where they weren't handed in: what should stand in them says so. A path in ``files``
    that begins with ``../`` lies beside the package.

    The package imports as ``name`` and as each of ``aliases``. ``notebook`` says that cells of a
    notebook will be run; ``kernel_cells`` are all of them, for a Jupyter kernel.
    """

    name: str
    files: Mapping[str, bytes]
    given: Mapping[str, bytes]
    given_names: Mapping[str, tuple[str, ...]]
    aliases: tuple[str, ...] = ()
    replaced: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sealed: bytes = b""
    prefilled: Mapping[str, int | None] = field(default_factory=dict)
    absent: Mapping[str, str] = field(default_factory=dict)
    notebook: bool = False
    kernel_cells: tuple[Entry, ...] = ()

    @cached_property
    def lines(self) -> dict[str, int]:
        """How many lines each file has that a failure may name: the package's and a kernel's."""
        cells = {entry.name: entry.code.encode() for entry in self.kernel_cells}
        return {
            path: text.count(b"\n") + text.count(b"\r") + 1
            for path, text in {**cells, **self.given, **self.files}.items()
        }


def encode(package: Package, broken: Mapping[str, LossStage]) -> bytes:
    """Return the frame that hands *package* to a child.

    *broken* maps modules to the stage (``timed_out``, ``died``) at which an earlier process was
    lost while it imported them: they aren't run again.
    """
    files = sorted(package.files.items())
    # Most of what a student has is as it was given out: sent once, it fits into the pipe.
    same = [path for path, text in package.given.items() if package.files.get(path) == text]
    given = sorted((path, text) for path, text in package.given.items() if path not in same)
    head = {
        "name": package.name,
        "aliases": list(package.aliases),
        "given_names": {module: list(names) for module, names in package.given_names.items()},
        "replaced": {module: list(names) for module, names in package.replaced.items()},
        "broken": dict(broken),
        "absent": dict(package.absent),
        "notebook": package.notebook,
        "kernel_cells": package.kernel_cells,
        "files": [[path, len(text)] for path, text in files],
        "given": [[path, len(text)] for path, text in given],
        "same": same,
        "sealed": len(package.sealed),
        "prefilled": dict(package.prefilled),
    }
    data = b"".join((*(text for _, text in (*files, *given)), package.sealed))
    return frames.frame(frames.PACKAGE, json.dumps(head).encode("ascii"), data)


def shared(package: Package) -> Iterator[bytes]:
    """Yield a frame for each of the course's files that every submission's process compiles."""
    for module in package.given_names:
        base = module.replace(".", "/")
        for path in (f"{base}.py", f"{base}/__init__.py"):
            if path in package.given:
                file = f"{COURSE}{package.name}/{path}"
                yield frames.frame(frames.COURSE, file.encode(), package.given[path])
