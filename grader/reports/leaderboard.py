"""The page that a whole class may read: who reaches what, under pseudonyms and nothing else."""

from __future__ import annotations

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
    """The places of one question on one set of images."""

    title: str
    kind: str
    rows: tuple[Ranking, ...]


def listed(result: SubmissionRecord, questions: Collection[str]) -> bool:
    """Say whether *result* has a model for one of *questions*, so that it stands on the board."""
    return any(_measured(question) for question in _asked(result, questions))


def boards(
    results: Sequence[SubmissionRecord], questions: Collection[str], pseudonym: Callable[[str], str]
) -> list[Board]:
    """Return the boards of *questions*, best first; who has no model isn't on them."""
    found: dict[tuple[str, str], list[tuple[float, str]]] = {}
    for result in results:
        for question in _asked(result, questions):
            if measured := _measured(question):
                kind, accuracy = measured
                entry = accuracy, pseudonym(result["submission"])
                found.setdefault((question["title"], kind), []).append(entry)
    ordered = sorted(found, key=lambda key: SETS.index(key[1]))
    return [Board(*key, _rows(found[key])) for key in ordered]


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


def _measured(question: QuestionRecord) -> tuple[str, float] | None:
    """Return on what a model was measured and what it reached there, as the page shows it."""
    for check in question.get("checks") or ():
        evidence = evidence_of(check)
        accuracy = evidence.get("accuracy")
        if accuracy is not None and evidence.get("data") in SETS:
            # Test images where there are any: the validation images are known to everyone.
            reached = (evidence.get("accuracies") or {}).get("test", accuracy)
            return evidence["data"], round(reached, 3)
    return None


def _rows(entries: Sequence[tuple[float, str]]) -> tuple[Ranking, ...]:
    # Among equals by pseudonym: the order of the real names would tell something of them.
    ordered = sorted(entries, key=lambda entry: (-entry[0], entry[1]))
    better = {accuracy: sum(other > accuracy for other, _ in entries) for accuracy, _ in entries}
    return tuple(Ranking(better[a] + 1, name, labels.percent(a)) for a, name in ordered)
