"""Pairs of works that share what is rare in the class, the most first.

A shared passage counts by how rare it is: ``log2(N / n)`` bits, where *n* of *N* works have it.
What more than :data:`COMMON` of the works have is nobody's own. A mistake that both made counts as
:data:`MISTAKE` passages. A pair's likeness is ``100 S / (W + LITTLE)``: *S* bits are shared, *W*
are those of the work that has fewer of its own. So a short work that another has in it whole is
little alike: there are few ways to write it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import log2
from statistics import median
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from grader.classroom.likeness.works import Mistake, Passages, Work

#: Bits that no likeness follows from: those of some fifteen passages that one work alone has.
LITTLE = 100.0
#: What is in more than this share of the works, and in more than so many, isn't compared.
COMMON, FEW = 0.1, 4
#: How many passages a mistake counts as that both made.
MISTAKE = 4
#: From how many works on it is said which pairs stand apart, and how far: by so many deviations
#: (the median's, scaled to a normal distribution's) from the median of each work's highest one.
LEAST_WORKS, APART = 10, 6.0
#: How many fingerprints are multiplied at a time.
_CHUNK = 8_192


@dataclass(frozen=True)
class Shared:
    """Two functions, or answers, of a pair and what they share: tokens of each, and how rare.

    ``runs`` are, for each shared run of tokens, its first and last token in either, and how many
    works have it. ``bits`` is their sum.
    """

    one: Passages
    other: Passages
    runs: tuple[tuple[tuple[int, int], tuple[int, int], int], ...]
    bits: float

    @property
    def rarest(self) -> int:
        """In how many works the rarest of the runs is."""
        return min(count for _, _, count in self.runs)


@dataclass(frozen=True)
class Pair:
    """Two works. ``likeness`` is from 0 to 100, ``bits`` say how rare all is that they share.

    ``mistakes`` are those that both made, each with how many made it, the rarest first.
    """

    one: Work
    other: Work
    likeness: float
    bits: float
    shared: tuple[Shared, ...]
    mistakes: tuple[tuple[Mistake, int], ...] = ()


@dataclass(frozen=True)
class Comparison:
    """The pairs of a class, and how its numbers are spread.

    ``highest`` is by work of the class the highest likeness of its pairs, ``apart`` the likeness
    from which pairs stand apart from the class; ``None`` in one too small to say. ``works`` counts
    all.
    """

    pairs: tuple[Pair, ...]
    highest: tuple[float, ...]
    apart: float | None
    works: int

    def stands_apart(self, pair: Pair) -> bool:
        return self.apart is not None and pair.likeness >= self.apart


H = TypeVar("H", int, str)
Parts = Callable[[Work], Sequence[Passages]]


def compare(works: Sequence[Work], parts: Parts, *, most: int, mistakes: bool) -> Comparison:
    """Return up to *most* pairs of *works* by *parts* of them, and by what both did wrong.

    Pairs of earlier years among themselves, and of works that share an owner, are left out.
    """
    total = len(works)
    prints = [{one.hash for part in parts(work) for one in part.prints} for work in works]
    counts = Counter(hash for own in prints for hash in own)
    limit = max(FEW, int(COMMON * total))
    bits = {hash: log2(total / n) for hash, n in counts.items() if n <= limit}
    made: Counter[str] = Counter()
    if mistakes:
        made = Counter(mistake.id for work in works for mistake in work.mistakes)
    wrong = {id: MISTAKE * log2(total / n) for id, n in made.items() if n <= limit}
    sums = _sums([[h for h in own if h in bits] for own in prints], bits)
    if mistakes:
        sums = sums + _sums(
            [[m.id for m in work.mistakes if m.id in wrong] for work in works], wrong
        )
    own = sums.diagonal()
    likeness = 100 * sums / (np.minimum.outer(own, own) + LITTLE)
    _leave_out(likeness, works)
    highest = likeness.max(axis=1) if total else np.zeros(0)
    now = [float(n) for n, work in zip(highest, works, strict=True) if not work.year]
    rows, columns = np.nonzero(np.triu(likeness, 1))
    order = np.argsort(-likeness[rows, columns], kind="stable")[:most]
    pairs = []
    for i, j in zip(rows[order], columns[order], strict=True):
        one, other = works[i], works[j]
        both = {m.id for m in one.mistakes} & {m.id for m in other.mistakes} & set(wrong)
        told = sorted((made[m.id], m.id, m) for m in one.mistakes if m.id in both)
        pairs.append(
            Pair(
                one,
                other,
                float(likeness[i, j]),
                float(sums[i, j]),
                _shared(parts(one), parts(other), bits, counts),
                tuple((mistake, count) for count, _, mistake in told),
            )
        )
    return Comparison(tuple(pairs), tuple(now), apart(now), total)


def apart(highest: Sequence[float]) -> float | None:
    """Return the likeness from which pairs stand apart, by each work's *highest* one."""
    if len(highest) < LEAST_WORKS:
        return None
    middle = median(highest)
    deviation = 1.4826 * median(abs(one - middle) for one in highest)
    # Where half of a class shares nothing, a little is no distance yet.
    return middle + APART * max(deviation, 0.1 * middle, 1.0)


def _sums(
    owned: Sequence[Sequence[int | str]], bits: dict[int, float] | dict[str, float]
) -> NDArray[np.float64]:
    """Return (N, N): the bits of all that two works both have; on the diagonal, of a work's own."""
    total = len(owned)
    weights: dict[int | str, float] = dict(bits.items())
    places = {hash: place for place, hash in enumerate(weights)}
    scale = np.sqrt(np.array(list(weights.values()), dtype=np.float32))
    holders: list[list[int]] = [[] for _ in places]
    for work, hashes in enumerate(owned):
        for hash in hashes:
            holders[places[hash]].append(work)
    sums = np.zeros((total, total))
    for begin in range(0, len(holders), _CHUNK):
        some = holders[begin : begin + _CHUNK]
        table = np.zeros((len(some), total), dtype=np.float32)
        for row, members in enumerate(some):
            table[row, members] = scale[begin + row]
        sums += table.T @ table
    return sums


def _leave_out(likeness: NDArray[np.float64], works: Sequence[Work]) -> None:
    """Set the numbers of what is no pair to 0."""
    np.fill_diagonal(likeness, 0.0)
    earlier = np.array([bool(work.year) for work in works], dtype=bool)
    likeness[np.ix_(earlier, earlier)] = 0.0
    members: dict[str, list[int]] = {}
    for place, work in enumerate(works):
        for owner in work.owners:
            members.setdefault(owner, []).append(place)
    for group in members.values():
        if len(group) > 1:
            likeness[np.ix_(group, group)] = 0.0


def _shared(
    ones: Sequence[Passages],
    others: Sequence[Passages],
    bits: dict[int, float],
    counts: Counter[int],
) -> tuple[Shared, ...]:
    """Return what two works share, function by function, the most first."""
    where: dict[int, tuple[int, tuple[int, int]]] = {}
    for place, part in enumerate(others):
        for one in part.prints:
            if one.hash in bits:
                where.setdefault(one.hash, (place, (one.first, one.last)))
    found: dict[tuple[int, int], list[tuple[int, tuple[int, int], tuple[int, int]]]] = {}
    seen: set[int] = set()
    for place, part in enumerate(ones):
        for one in part.prints:
            if one.hash in where and one.hash not in seen:
                seen.add(one.hash)
                other, spot = where[one.hash]
                entry = (one.hash, (one.first, one.last), spot)
                found.setdefault((place, other), []).append(entry)
    made = [
        Shared(
            ones[i],
            others[j],
            tuple((first, second, counts[hash]) for hash, first, second in entries),
            sum(bits[hash] for hash, _, _ in entries),
        )
        for (i, j), entries in found.items()
    ]
    return tuple(sorted(made, key=lambda shared: -shared.bits))
