"""What the catalogue knows of a failed check: misconceptions by name, and what stays unnamed."""

from __future__ import annotations

from dataclasses import dataclass

from grader.key.fingerprints import Misconception


@dataclass(frozen=True)
class Recognized:
    """A misconception that explains arrays of a check, by name."""

    misconception: Misconception
    arrays: tuple[str, ...]


@dataclass(frozen=True)
class Naming:
    """What is known of a failed check: the mistakes by name, and the outputs without one."""

    named: tuple[Recognized, ...] = ()
    unnamed: tuple[str, ...] = ()
