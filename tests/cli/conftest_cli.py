"""What the tests of the command line share."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

#: Levels are the sandbox's own tests' matter; this one starts fastest.
PLAIN = ("--isolation", "process", "--allow-unsandboxed")


class Said(NamedTuple):
    """A command's exit code, its data and its messages."""

    code: int
    out: str
    err: str


Grade = Callable[..., Said]
Put = Callable[..., Path]


def table(grades: Path) -> dict[str, dict[str, str]]:
    """Return the rows of ``grades.csv`` by submission."""
    text = (grades / "grades.csv").read_text("utf-8")
    return {row["submission"]: row for row in csv.DictReader(io.StringIO(text))}
