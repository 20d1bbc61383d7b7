"""What ``grader similar`` writes: the page of pairs that are alike, and a table of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from grader.classroom.likeness.beside import Side, Texts, sides
from grader.classroom.likeness.pairs import COMMON, FEW, Comparison, Pair
from grader.classroom.likeness.works import Work
from grader.classroom.spreadsheets import guarded, table
from grader.reports import figures
from grader.reports.environment import render
from grader.wording import labels
from grader.wording import likeness as said

PAGE, TABLE = "similar.html", "similar.csv"
#: How many pairs the page shows at least and at most, how many functions of each, and how many
#: pairs the table has.
LEAST, MOST, FUNCTIONS, ROWS = 10, 40, 6, 2_000

#: What a work is called on the page.
Called = Callable[[Work], str]


@dataclass(frozen=True)
class ShownPair:
    """A pair as the page shows it; ``more`` counts functions that are alike, too, and not shown."""

    pair: Pair
    one: str
    other: str
    apart: bool
    beside: tuple[tuple[Side, Side], ...]
    more: int


@dataclass(frozen=True)
class ShownPart:
    """What is compared in one way: code, or written answers."""

    id: str
    title: str
    unit: str
    comparison: Comparison
    pairs: tuple[ShownPair, ...]
    bins: tuple[figures.Bin, ...]
    line: str


def part(id: str, comparison: Comparison, called: Called, texts: Texts) -> ShownPart:
    """Return what the page shows of a comparison; *id* is ``code`` or ``answers``."""
    apart = sum(comparison.stands_apart(pair) for pair in comparison.pairs)
    listed = comparison.pairs[: min(MOST, max(LEAST, apart))]
    shown = []
    for pair in listed:
        beside = tuple(sides(one, pair.one, pair.other, texts) for one in pair.shared[:FUNCTIONS])
        more = len(pair.shared) - len(beside)
        names = called(pair.one), called(pair.other)
        shown.append(ShownPair(pair, *names, comparison.stands_apart(pair), beside, more))
    title, unit = said.PARTS[id]
    return ShownPart(
        id,
        title,
        unit,
        comparison,
        tuple(shown),
        figures.histogram([one / 100 for one in comparison.highest]),
        _line(comparison, apart),
    )


def page(parts: Sequence[ShownPart], *, title: str, works: Sequence[Work], called: Called) -> str:
    """Return ``similar.html``. *works* are all that were compared."""
    total = len(works)
    return render(
        "similar.html.j2",
        title=title,
        parts=parts,
        total=total,
        earlier=sum(1 for work in works if work.year),
        unread=[(called(work), work.unread) for work in works if work.unread],
        removed=said.REMOVED.format(
            limit=max(FEW, int(COMMON * total)), works=labels.count(total, "submission")
        ),
        said=said,
        count=labels.count,
        shared_by=lambda count: said.SHARED_BY.format(count=count, works=total),
    )


def rows(parts: Sequence[ShownPart], called: Called) -> str:
    """Return ``similar.csv``: a row for each pair, the most alike first."""
    head = ["compared", "one", "other", "earlier", "likeness", "stands_apart", "bits"]
    listed: list[list[str]] = [[*head, "mistakes", "where"]]
    for one in parts:
        for pair in one.comparison.pairs:
            cells = (one.id, called(pair.one), called(pair.other), pair.other.year or pair.one.year)
            mistakes = ", ".join(mistake.id for mistake, _ in pair.mistakes)
            where = ", ".join(shared.one.name or shared.one.place for shared in pair.shared)
            apart = "yes" if one.comparison.stands_apart(pair) else ""
            numbers = (f"{pair.likeness:.1f}", apart, f"{pair.bits:.0f}")
            texts = [guarded(text) for text in cells]
            listed.append([*texts, *numbers, guarded(mistakes), guarded(where)])
    return table(listed)


def _line(comparison: Comparison, apart: int) -> str:
    if comparison.apart is None:
        return said.SMALL
    sentence = said.APART if apart else said.NONE_APART
    return sentence.format(apart=f"{comparison.apart:.0f}")
