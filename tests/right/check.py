"""The right packages pass the public checks, too, with Hypothesis live: ``tox -e right``."""

from __future__ import annotations

from pathlib import Path

import pytest
from right_packages import NAMES, ROOT, handed_in

from grader.selfcheck.search import Budget
from grader.selfcheck.work import Opened


@pytest.mark.parametrize("name", NAMES)
def test_a_right_package_passes_the_public_checks(name: str, tmp_path: Path) -> None:
    """In a student's own folder, with Hypothesis live."""
    hand_in = handed_in(name, tmp_path)
    with Opened(ROOT / "assignment", hand_in) as work:
        asked = [q.id for q in work.assignment.questions if q.kind == "code"]
        results = list(work.check(asked, Budget(examples=5)))
    wrong = [r for r in results if r.state != "passed"]
    assert [(r.id, r.state, [c.message for c in r.failed]) for r in wrong] == []
