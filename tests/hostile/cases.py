"""The corpus as data: each file is one hostile submission, an overlay on the reference's package.

A file's docstring says what it tries and what it must get, and ends with these lines:

``Earns nothing: rmsprop``
    the questions (or single checks) whose points it must not get, with commas between; ``-`` for
    none. All other questions must have all their points, but for those that build on these.
``Control: process, secret``
    where the attack works, and the effect that shows it: at the sandbox's level ``process``, or
    in a style of ``naive.py``. Effects are those of :mod:`arena`.
``Notebook: Dropout``
    asked in place of the first notebook's questions.

What follows is appended to ``optim.py``; after a line ``# file: NAME``, to that file. ``TARGET``,
which the arena fills in, tells an attack where what it wants lies, and ``ctypes_anyway`` gets the
module that isn't offered: more than an attacker knows.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

CORPUS = Path(__file__).parent / "corpus"

#: What stands before every overlay.
PRELUDE = """
TARGET = {target!r}

def ctypes_anyway():
    import sys
    own = sys.modules.get("grader.sandbox.confinement.confine")
    if own is not None:
        return own.ctypes
    import ctypes
    return ctypes

"""


@dataclass(frozen=True)
class Case:
    """One hostile submission. ``parts`` are overlays by file."""

    group: str
    name: str
    zero: tuple[str, ...]
    where: str
    effect: str
    notebook: str
    parts: Mapping[str, str]

    @property
    def id(self) -> str:
        return f"{self.group}/{self.name}"

    def files(self, reference: Mapping[str, bytes], target: Mapping[str, object]) -> dict[str, str]:
        """Return the submission's files, by path in its package."""
        made = {path: text.decode() for path, text in reference.items()}
        for path, overlay in self.parts.items():
            made[path] = made.get(path, "") + PRELUDE.format(target=dict(target)) + overlay
        return made


def cases() -> list[Case]:
    """Return the corpus, in order."""
    return [_case(path) for path in sorted(CORPUS.rglob("*.py"))]


def _case(path: Path) -> Case:
    text = path.read_text("utf-8")
    said = ast.get_docstring(ast.parse(text)) or ""
    facts = dict(re.findall(r"^(Earns nothing|Control|Notebook): (.+)$", said, re.MULTILINE))
    where, effect = facts["Control"].split(", ")
    zero = facts["Earns nothing"]
    first, *others = re.split(r"^# file: (.+)$\n", text, flags=re.MULTILINE)
    return Case(
        group=path.parent.name,
        name=path.stem,
        zero=() if zero == "-" else tuple(zero.split(", ")),
        where=where,
        effect=effect,
        notebook=facts.get("Notebook", ""),
        parts={"optim.py": first, **dict(zip(others[::2], others[1::2], strict=True))},
    )
