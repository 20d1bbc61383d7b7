"""Collects what students wrote: of a class from its readings, of earlier years from folders."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from grader.classroom.likeness.works import Given, Work, answers_of, code_of, mistakes, written
from grader.classroom.reading_code import ReadSource, listed, read_sources
from grader.classroom.readings import Readings
from grader.classroom.replays import NoReplay
from grader.classroom.roster import plain
from grader.classroom.telling import Telling
from grader.key import Key
from grader.marking.notebooks.alignment import Aligner
from grader.marking.notebooks.written import answer
from grader.model.assignment import Assignment
from grader.model.records import SubmissionRecord
from grader.sandbox import Sandbox
from grader.submissions import Place, Unreadable, find, read_submission
from grader.submissions.attempts import choose
from grader.submissions.notebooks import read_notebook
from grader.wording import likeness as said


def given(
    key: Key, reference: Mapping[str, bytes], sandbox: Sandbox, solutions: Iterable[str] = ()
) -> Given:
    """Return what the course itself wrote: template, *reference*, notebooks, rubrics.

    *solutions* are further texts of the course's, such as answers.
    """
    found = Given()
    documents = [read_notebook(data, name) for name, data in key.notebooks.items()]
    cells = [cell for document in documents for cell in document.cells]
    code = [cell.source for cell in cells if cell.kind == "code"]
    files = [data.decode("utf-8", "replace") for data in (*key.given.values(), *reference.values())]
    read = sandbox.read_code([*files, *code])
    found.add_code(ReadSource("", "", one.functions) for one in read)
    found.add_words(cell.source for cell in cells if cell.kind != "code")
    found.add_words(line for lines in key.rubrics.values() for line in lines)
    found.add_words(solutions)
    return found


def of_class(
    readings: Readings,
    results: Sequence[SubmissionRecord],
    telling: Telling,
    course: Given,
    titles: Mapping[str, str],
) -> Iterator[Work]:
    """Yield the works of *results*, one after another, since reading takes time."""
    wrong = mistakes(results, titles)
    for result in results:
        name = result["submission"]
        unread: list[str] = []
        try:
            sources = readings.code(name)
        except NoReplay:
            sources, unread = (), [said.NOT_KEPT]
        unread += _lost(sources)
        yield Work(
            name,
            code_of(sources, course),
            answers_of(written(result), course),
            wrong.get(name, ()),
            _owners(telling, name),
            unread=tuple(unread),
        )


def earlier(
    folders: Sequence[Path],
    assignment: Assignment,
    key: Key,
    sandbox: Sandbox,
    course: Given,
) -> Iterator[Work]:
    """Yield the works in *folders* of earlier years. What can't be read says so in ``unread``.

    Raises :class:`~grader.submissions.NoSuchPath`.
    """
    images = assignment.images
    aligner = Aligner(key.notebooks, assignment.questions, images.variable if images else "")
    asked = [question for question in assignment.questions if question.kind == "written"]
    for folder in folders:
        for place in find([folder], assignment, as_="class").places:
            year = str(folder)
            try:
                submission = read_submission(place, assignment)
            except Unreadable as unreadable:
                yield Work(place.name, year=year, unread=(str(unreadable),))
                continue
            if submission.attempts:
                submission = choose(submission, aligner.released, key.given)
            aligned = aligner.align(submission.notebooks)
            sources = read_sources(sandbox, submission, aligned)
            texts = {
                question.id: found
                for question in asked
                if question.notebook in aligned
                and (found := answer(question.id, aligned[question.notebook]).text)
            }
            yield Work(
                place.name,
                code_of(sources, course),
                answers_of(texts, course),
                owners=_owner(place),
                year=year,
                unread=tuple(_lost(sources)),
                texts={**{name: text for name, _, text in listed(submission, aligned)}, **texts},
            )


def _lost(sources: Iterable[ReadSource]) -> list[str]:
    """Say which sources, or functions of one, couldn't be read."""
    found = []
    for source in sources:
        if source.reason:
            found.append(said.UNREAD[source.reason].format(name=source.name))
        for function in source.functions:
            if function.syntax:
                found.append(said.NO_PYTHON.format(name=source.name, function=function.name))
    return found


def _owners(telling: Telling, submission: str) -> frozenset[str]:
    """Return all ids of those who handed something in; the name of one who has none; their team."""
    found: set[str] = set()
    for person in telling.people(submission):
        ids = {plain(id) for id in person.ids.values() if id}
        found |= ids or ({plain(person.name)} if person.name else set())
        if person.group:
            found.add(f"team {plain(person.group)}")
    return frozenset(found)


def _owner(place: Place) -> frozenset[str]:
    owner = place.owner
    if owner is None:
        return frozenset()
    listed = [(owner.name, owner.ids), *((one.name, one.ids) for one in owner.members)]
    found: set[str] = set()
    for name, ids in listed:
        known = {plain(id) for kind, id in ids.items() if id and kind not in ("whole", "group")}
        found |= known or ({plain(name)} if name else set())
    return frozenset(found)
