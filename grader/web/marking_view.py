"""What a page on one group of answers shows: what was chosen, who gave what, and what differs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from grader.classroom.answer_groups import Group
from grader.classroom.answer_index import HandedAnswer
from grader.classroom.judgements import Choice, Judgement
from grader.classroom.marks_sheet import Where
from grader.classroom.rubric import Item

#: Characters of an answer that are shown; a page of its own has the rest.
CUT = 3_000

JudgedBy = Mapping[Where, Sequence[Judgement]]


@dataclass(frozen=True)
class JudgedQuestion:
    """The judgements of a question's answers, and the rubric that gives them their points."""

    given: JudgedBy
    items: Sequence[Item]
    bonus: float = 0.0

    def of(self, answer: HandedAnswer) -> Sequence[Judgement]:
        """Return the judgements of an answer, the first first."""
        return self.given.get(answer.where, ())

    def points(self, one: Judgement, answer: HandedAnswer) -> float:
        """Return the points that a judgement makes."""
        return one.points(self.items, answer.points, self.bonus)

    def mine(self, answer: HandedAnswer, me: str) -> Judgement | None:
        """Return the judgement of one marker, if there is one."""
        return next((one for one in self.of(answer) if one.by == me), None)

    def mark(self, answer: HandedAnswer) -> float | None:
        """Return the points that count, if there are any."""
        return next((self.points(one, answer) for one in self.of(answer) if one.counts), None)

    def differ(self, answer: HandedAnswer) -> bool:
        """Say whether two markers gave an answer different points."""
        return len({self.points(one, answer) for one in self.of(answer)}) > 1


@dataclass
class Card:
    """Answers of one text. ``marks`` says, by answer, what of its marks isn't the group's."""

    answers: Sequence[HandedAnswer]
    shown: str
    cut: bool
    marks: list[tuple[HandedAnswer, str]] = field(default_factory=list)

    @property
    def first(self) -> HandedAnswer:
        return self.answers[0]


@dataclass
class View:
    """A group as a marker sees it: the own choice with its points, and what others gave.

    ``apart`` counts answers that the marker has marked by themselves, ``marked`` those that have a
    mark. ``rivals`` are markers whose points differ from one's own, with the number of answers.
    """

    group: Group
    choice: Choice | None
    points: float | None
    apart: int
    marked: int
    others: list[str]
    rivals: dict[str, int]
    mine_counts: bool
    cards: list[Card]


def view(group: Group, judged: JudgedQuestion, me: str, *, blind: bool = False) -> View:
    """Return what *me* sees of a group; *blind*: without what others gave."""
    mine: Counter[Choice] = Counter()
    others: Counter[tuple[str, float]] = Counter()
    rivals: Counter[str] = Counter()
    apart = 0
    counts = True
    for answer in group.answers:
        own = judged.mine(answer, me)
        if own is not None and own.alone and len(group.answers) > 1:
            apart += 1
        elif own is not None:
            mine[_choice(own)] += 1
            counts = counts and own.counts
        for one in judged.of(answer):
            if one.by != me:
                others[one.by, judged.points(one, answer)] += 1
                if own and judged.points(own, answer) != judged.points(one, answer):
                    rivals[one.by] += 1
    choice = mine.most_common(1)[0][0] if mine else None
    return View(
        group=group,
        choice=choice,
        points=_points(choice, group.answers[0], judged),
        apart=apart,
        marked=sum(bool(judged.of(answer)) for answer in group.answers),
        others=[] if blind else _told(others, len(group.answers)),
        rivals={} if blind else dict(rivals),
        mine_counts=counts,
        cards=[_card(same, choice, judged, me, blind=blind) for same in group.texts],
    )


def _choice(one: Judgement) -> Choice:
    return Choice(one.items, one.adjustment, one.comment)


def _points(choice: Choice | None, answer: HandedAnswer, judged: JudgedQuestion) -> float | None:
    if choice is None:
        return None
    one = Judgement(*answer.where, "", choice.items, choice.adjustment, choice.comment)
    return judged.points(one, answer)


def _told(found: Counter[tuple[str, float]], size: int) -> list[str]:
    """Return who else gave how many points, in words."""
    return [
        f"{by}: {points:g}" + (f" ({number} of {size} answers)" if number < size else "")
        for (by, points), number in sorted(found.items())
    ]


def _card(
    same: Sequence[HandedAnswer],
    choice: Choice | None,
    judged: JudgedQuestion,
    me: str,
    *,
    blind: bool,
) -> Card:
    text = same[0].text
    card = Card(same, text[:CUT], len(text) > CUT)
    for answer in same:
        own = judged.mine(answer, me)
        if own is not None and _choice(own) != choice:
            said = "marked by itself" if own.alone else "marked in another group"
            card.marks.append((answer, f"{said}: {judged.points(own, answer):g}"))
        if not blind and judged.differ(answer):
            gave = ", ".join(f"{o.by} {judged.points(o, answer):g}" for o in judged.of(answer))
            card.marks.append((answer, f"marks differ: {gave}"))
    return card
