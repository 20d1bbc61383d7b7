"""What a student wrote, as the search for likeness sees it: functions, answers, mistakes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from grader.classroom.clusters import clusters
from grader.classroom.likeness import fingerprints
from grader.classroom.likeness.fingerprints import Print
from grader.classroom.reading_code import ReadSource
from grader.model.records import SubmissionRecord


@dataclass(frozen=True)
class Passages:
    """A text that is compared: a function, or an answer, and its fingerprints.

    ``place`` is the source it stands in, ``name`` the function or the question. ``spots`` are by
    token the line (of code) or the characters (of an answer) that it stands at.
    """

    place: str
    name: str
    prints: tuple[Print, ...]
    spots: tuple[tuple[int, int], ...]
    first: int = 0
    last: int = 0


@dataclass(frozen=True)
class Mistake:
    """A way to be wrong: ``id`` of a misconception, or of a group of equal wrong outputs."""

    id: str
    question: str
    what: str


@dataclass(frozen=True)
class Work:
    """What one submission holds. ``year`` names the folder that an earlier one was read from.

    ``owners`` are all names and ids of those who handed it in and of their team: two works that
    share one are no pair. ``texts`` are the sources and answers of an earlier one, by place.
    """

    name: str
    code: tuple[Passages, ...] = ()
    answers: tuple[Passages, ...] = ()
    mistakes: tuple[Mistake, ...] = ()
    owners: frozenset[str] = frozenset()
    year: str = ""
    unread: tuple[str, ...] = ()
    texts: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Given:
    """The hashes of what no student wrote: of code and of words."""

    code: set[int] = field(default_factory=set)
    words: set[int] = field(default_factory=set)

    def add_code(self, sources: Iterable[ReadSource]) -> None:
        """Add the functions of the course: the template's, or the reference's."""
        for source in sources:
            for function in source.functions:
                tokens = [sign for sign, _ in fingerprints.folded(function)]
                self.code.update(fingerprints.runs(tokens))

    def add_words(self, texts: Iterable[str]) -> None:
        """Add texts of the course: notebooks as they were released, and what answers are."""
        for text in texts:
            found = [word for word, _, _ in fingerprints.words(text)]
            self.words.update(fingerprints.runs(found, fingerprints.WORDS))


def code_of(sources: Sequence[ReadSource], given: Given) -> tuple[Passages, ...]:
    """Return the functions that hold something of a student's own."""
    found = []
    for source in sources:
        for function in source.functions:
            tokens = fingerprints.folded(function)
            prints = fingerprints.of_code([sign for sign, _ in tokens], given.code)
            if prints:
                spots = tuple((line, line) for _, line in tokens)
                found.append(
                    Passages(
                        source.name,
                        function.name or source.question,
                        tuple(prints),
                        spots,
                        function.first,
                        function.last,
                    )
                )
    return tuple(found)


def answers_of(texts: Mapping[str, str], given: Given) -> tuple[Passages, ...]:
    """Return the written answers, *texts* by question, that hold something of a student's own."""
    found = []
    for question, text in texts.items():
        listed = fingerprints.words(text)
        prints = fingerprints.of_words([word for word, _, _ in listed], given.words)
        if prints:
            spots = tuple((begin, end) for _, begin, end in listed)
            found.append(Passages(question, question, tuple(prints), spots))
    return tuple(found)


def written(result: SubmissionRecord) -> dict[str, str]:
    """Return the written answers of a result, by question."""
    return {
        question["id"]: str(answer)
        for question in result["questions"]
        if (answer := (question.get("evidence") or {}).get("answer"))
    }


def mistakes(
    results: Sequence[SubmissionRecord], titles: Mapping[str, str]
) -> dict[str, tuple[Mistake, ...]]:
    """Return the mistakes of each submission: misconceptions, and groups of equal wrong outputs.

    *titles* are the misconceptions' by id.
    """
    found: dict[str, dict[str, Mistake]] = {}
    for result in results:
        mine = found.setdefault(result["submission"], {})
        for question in result["questions"]:
            for check in question.get("checks") or ():
                if check["status"] != "passed" and (id := check.get("diagnosis")):
                    mine[id] = Mistake(id, question["title"], titles.get(id, id))
    for group in clusters(results):
        title = group.example["title"]
        what = group.repair or f"the same wrong result of {title}"
        for name in group.submissions:
            found[name][group.id] = Mistake(group.id, _question(results, group.question), what)
    return {name: tuple(mine.values()) for name, mine in found.items()}


def _question(results: Sequence[SubmissionRecord], id: str) -> str:
    for result in results:
        for question in result["questions"]:
            if question["id"] == id:
                return question["title"]
    return id
