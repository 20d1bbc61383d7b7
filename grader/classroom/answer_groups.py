"""Groups of answers that are marked at once: equal and near ones, and what people made of them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from grader.classroom.answer_index import HandedAnswer
from grader.classroom.similar import groups
from grader.classroom.steps import RowChange


@dataclass(frozen=True)
class Group:
    """Answers that are alike, those of one text next to each other."""

    question: str
    answers: tuple[HandedAnswer, ...]

    @property
    def id(self) -> str:
        """The fingerprint of its first text: any other of its texts names it as well."""
        return self.answers[0].fingerprint

    @property
    def texts(self) -> list[list[HandedAnswer]]:
        """The answers by text, the most frequent first."""
        found: dict[str, list[HandedAnswer]] = {}
        for answer in self.answers:
            found.setdefault(answer.fingerprint, []).append(answer)
        return sorted(found.values(), key=lambda same: -len(same))


def grouped(answers: Sequence[HandedAnswer], placed: Mapping[str, str]) -> list[Group]:
    """Return the groups of a question's *answers*, the largest first.

    *placed* is what people did, by fingerprint: an answer stands by itself where it names itself,
    else in the group of the answer that it names.
    """
    same: dict[str, list[HandedAnswer]] = {}
    for answer in answers:
        same.setdefault(answer.fingerprint, []).append(answer)
    prints = list(same)
    begun: dict[str, str] = {}
    for members in groups([same[one][0].text for one in prints]):
        begun |= {prints[i]: prints[members[0]] for i in members}
    made: dict[str, list[HandedAnswer]] = {}
    for one in prints:
        made.setdefault(_place(one, placed, begun), []).extend(same[one])
    found = [Group(members[0].question, tuple(members)) for members in made.values()]
    return sorted(found, key=lambda group: -len(group.answers))


def _place(one: str, placed: Mapping[str, str], begun: Mapping[str, str]) -> str:
    seen: set[str] = set()
    while one in placed and placed[one] in begun and one not in seen:
        if placed[one] == one:
            return f"apart {one}"
        seen.add(one)
        one = placed[one]
    return begun[one]


def in_order(groups: Iterable[Group], seed: str, marker: str) -> list[Group]:
    """Return *groups* in an order that is drawn anew for each question and marker, and stays."""

    def drawn(group: Group) -> bytes:
        text = "\0".join((seed, group.question, marker, group.id))
        return hashlib.sha256(text.encode()).digest()

    return sorted(groups, key=drawn)


def split(question: str, fingerprint: str) -> list[RowChange]:
    """Return what takes the answers of one text out of their group."""
    return [RowChange("likeness", (question, fingerprint), (question, fingerprint, fingerprint))]


def merge(one: Group, other: Group) -> list[RowChange]:
    """Return what puts the answers of *one* group into *other*."""
    prints = dict.fromkeys(answer.fingerprint for answer in one.answers)
    question = one.question
    return [
        RowChange("likeness", (question, print_), (question, print_, other.id))
        for print_ in prints
        if print_ != other.id
    ]
