"""How often each check has failed in a student's folder, and the hint that it has earned."""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

from grader.files import WriteError, write
from grader.model.literals import Hints
from grader.selfcheck.questions import CheckedQuestion
from grader.wording.hints import hint

#: The only folder that checking one's own work writes to.
FOLDER, FILE, CHECKED = ".grader", "failures.json", "checked.json"


def home(folder: Path) -> Path:
    """Return where Hypothesis may keep what it keeps while it searches."""
    return folder / FOLDER / "hypothesis"


class FailureCounts:
    """Failures in a row by check, kept in *folder*'s ``.grader``.

    Counts that can't be read or kept are no reason to fail: they begin again.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / FOLDER / FILE
        # A link would have the counts written into somebody's other folder.
        self._kept = not self._path.parent.is_symlink()
        self._counts = _read(self._path) if self._kept else {}

    def count(self, check: str, *, failed: bool) -> int:
        """Note how *check* went; return how often it has failed since it last passed."""
        before = self._counts.pop(check, 0)
        if failed:
            self._counts[check] = before + 1
        if self._kept and (failed or before):
            with contextlib.suppress(WriteError):
                write(self._path, json.dumps(self._counts, indent=1) + "\n")
        return self._counts.get(check, 0)

    def remember(self, files: Mapping[str, bytes]) -> None:
        """Note which code a notebook's cell has checked."""
        if self._kept:
            with contextlib.suppress(WriteError):
                write(self._path.with_name(CHECKED), json.dumps({"code": digest(files)}) + "\n")


def digest(files: Mapping[str, bytes]) -> str:
    """Return what tells one state of the package from another."""
    whole = hashlib.sha256()
    for path, data in sorted(files.items()):
        whole.update(f"{path}\0{len(data)}\0".encode() + data)
    return whole.hexdigest()


def hinted(checked: CheckedQuestion, when: Hints, tries: FailureCounts) -> CheckedQuestion:
    """Return *checked*, the stronger hint added to each message where it is due.

    *when* is the manifest's: ``never``, ``stepwise`` (from the second failure on), ``always``.
    What isn't written, or waits for something else, hasn't been tried.
    """
    for result in checked.checks if checked.state in ("passed", "failed") else ():
        failed = result.status == "failed"
        count = tries.count(result.id, failed=failed)
        if failed and (when == "always" or (when == "stepwise" and count > 1)):
            result.message = f"{result.message} {hint(result.stage, result.evidence)}".strip()
    return checked


def _read(path: Path) -> dict[str, int]:
    try:
        counts = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    kept = counts if isinstance(counts, dict) else {}
    return {check: count for check, count in kept.items() if isinstance(count, int)}
