"""What of a class may be shown: all of it to its instructor, and of small groups nothing to others.

A count of fewer than five people is suppressed, and so is what it could be computed from: the rest
of a whole, a mean of all but a few, a neighbour in a histogram.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from grader.wording.report import FEWER, HIDDEN

#: The smallest group that is shown to others.
FEWEST = 5


@dataclass(frozen=True)
class Disclosure:
    """Says what is shown: with ``shared`` to anyone, else to the class's instructor."""

    shared: bool = False

    def shows(self, hits: int, of: int) -> bool:
        """Whether a share may be shown: neither group, unless empty, is smaller than five."""
        return not self.shared or not (_small(hits) or _small(of - hits))

    def number(self, count: int) -> str:
        """Return a count that is part of no whole that is shown."""
        return FEWER if self.shared and _small(count) else str(count)

    def parts(self, counts: Mapping[str, int]) -> dict[str, str]:
        """Return counts of the parts of a whole.

        Where one alone is suppressed, the smallest of the others is, too: the whole would tell it.
        """
        hidden = {name for name, count in counts.items() if self.shared and _small(count)}
        others = [name for name, count in counts.items() if count and name not in hidden]
        if others and 0 < sum(counts[name] for name in hidden) < FEWEST:
            hidden.add(min(others, key=lambda name: counts[name]))
        return {
            name: FEWER if _small(c) else HIDDEN for name, c in counts.items() if name in hidden
        } | {name: str(count) for name, count in counts.items() if name not in hidden}

    def joined(self, counts: Sequence[int]) -> list[tuple[int, int, int]]:
        """Return neighbours in a histogram: first, last and count, joined until none is small."""
        made = [(i, i, count) for i, count in enumerate(counts)]
        while self.shared and len(made) > 1:
            small = next((i for i, (_, _, count) in enumerate(made) if _small(count)), None)
            if small is None:
                break
            other = small - 1 if small else 1
            left, right = sorted((small, other))
            joined = made[left][0], made[right][1], made[left][2] + made[right][2]
            made[left : right + 1] = [joined]
        return made


def _small(count: int) -> bool:
    return 0 < count < FEWEST
