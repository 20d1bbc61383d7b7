"""Types of the fixtures that open a student's folder."""

from __future__ import annotations

from collections.abc import Callable

from grader.selfcheck.work import Opened

#: Writes files into a folder of a student's, and opens it.
Work = Callable[[dict[str, bytes]], Opened]
