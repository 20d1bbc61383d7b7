"""How often each check has failed in a student's folder, and the hint that it has earned."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from grader.files import WriteError, write
from grader.model.verdicts import CheckResult
from grader.wording.hints import hint

#: The only folder that checking one's own work writes to.
FOLDER, FILE = ".grader", "failures.json"


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


def hinted(
    results: Iterable[CheckResult], when: str, tries: FailureCounts
) -> Iterator[CheckResult]:
    """Yield *results*, the stronger hint added to the message where it is due.

    *when* is the manifest's: ``never``, ``stepwise`` (from the second failure on), ``always``.
    """
    for result in results:
        failed = result.status == "failed"
        count = tries.count(result.id, failed=failed)
        if failed and (when == "always" or (when == "stepwise" and count > 1)):
            result.message = f"{result.message} {hint(result.stage, result.evidence)}".strip()
        yield result


def _read(path: Path) -> dict[str, int]:
    try:
        counts = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    kept = counts if isinstance(counts, dict) else {}
    return {check: count for check, count in kept.items() if isinstance(count, int)}
