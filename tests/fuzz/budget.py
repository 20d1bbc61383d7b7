"""How long the searches go on: ``GRADER_FUZZ`` is how many cases each tries; seconds' worth if not.

Each search counts what it has tried, and the run prints the counts at its end.
"""

from __future__ import annotations

import os
from collections import Counter

from hypothesis import HealthCheck, settings

#: Cases of each search that are cheap; of those that start processes it is a hundredth.
CASES = int(os.environ.get("GRADER_FUZZ", "0"))
tried: Counter[str] = Counter()


def cases(few: int, share: float = 1.0) -> settings:
    """Return how many cases a search tries: *few*, or *share* of what was asked for."""
    count = max(few, int(CASES * share)) if CASES else few
    return settings(
        max_examples=count,
        derandomize=not CASES,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
