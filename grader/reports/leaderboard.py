"""The page that a whole class may read: who reaches what, under pseudonyms and nothing else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from grader.model.records import QuestionRecord, SubmissionRecord, evidence_of
from grader.reports.environment import render
from grader.wording import labels

#: On which images models were measured: those of different sets aren't compared.
SETS = ("full", "short")


@dataclass(frozen=True)
class Ranking:
    """One place on the board. Equal accuracies share a place; the next one is left out."""

    place: int
    pseudonym: str
    accuracy: str


@dataclass(frozen=True)
class Board:
    """The places of one question on one set of images.

    ``ended``: how many have none, since their training was ended where it had reached enough.
    """

    title: str
    kind: str
    rows: tuple[Ranking, ...]
    ended: int = 0


@dataclass(frozen=True)
class _Measured:
    """What a model reached on a set of images; ``ended``: to its end, training may reach more."""

    kind: str
    accuracy: float
    ended: bool


def listed(result: SubmissionRecord, questions: Collection[str]) -> bool:
    """Say whether *result* has a model for one of *questions*, so that it stands on the board."""
    found = map(_measured, _asked(result, questions))
    return any(measured is not None and not measured.ended for measured in found)


def boards(
    results: Sequence[SubmissionRecord], questions: Collection[str], pseudonym: Callable[[str], str]
) -> list[Board]:
    """Return the boards of *questions*, best first; who has no model isn't on them."""
    found: dict[tuple[str, str], list[tuple[float, str]]] = {}
    ended: Counter[tuple[str, str]] = Counter()
    for result in results:
        for question in _asked(result, questions):
            if measured := _measured(question):
                board = question["title"], measured.kind
                places = found.setdefault(board, [])
                if measured.ended:
                    ended[board] += 1
                else:
                    places.append((measured.accuracy, pseudonym(result["submission"])))
    ordered = sorted(found, key=lambda key: SETS.index(key[1]))
    return [Board(*key, _rows(found[key]), ended[key]) for key in ordered]


def leaderboard(found: Sequence[Board], *, title: str, data: str) -> str:
    """Return ``leaderboard.html``. *title* is the assignment's, *data* the whole data set's."""
    return render(
        "leaderboard.html.j2",
        title=title,
        boards=found,
        several=len({board.kind for board in found}) > 1,
        data=data,
        count=labels.count,
    )


def _asked(result: SubmissionRecord, questions: Collection[str]) -> list[QuestionRecord]:
    return [question for question in result["questions"] if question["id"] in questions]


def _measured(question: QuestionRecord) -> _Measured | None:
    """Return what a model reached, as the page shows it."""
    for check in question.get("checks") or ():
        evidence = evidence_of(check)
        accuracy = evidence.get("accuracy")
        if accuracy is not None and evidence.get("data") in SETS:
            # Test images where there are any: the validation images are known to everyone.
            reached = (evidence.get("accuracies") or {}).get("test", accuracy)
            ended = evidence.get("ended_early", False)
            return _Measured(evidence["data"], round(reached, 3), ended)
    return None


def _rows(entries: Sequence[tuple[float, str]]) -> tuple[Ranking, ...]:
    # Among equals by pseudonym: the order of the real names would tell something of them.
    ordered = sorted(entries, key=lambda entry: (-entry[0], entry[1]))
    better = {accuracy: sum(other > accuracy for other, _ in entries) for accuracy, _ in entries}
    return tuple(Ranking(better[a] + 1, name, labels.percent(a)) for a, name in ordered)
