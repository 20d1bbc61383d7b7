"""``grader similar``: which submissions are alike in what students wrote."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import TYPE_CHECKING

from grader.cli import DONE
from grader.cli.stored import Class, opened
from grader.cli.terminal import say

if TYPE_CHECKING:  # each is imported where it is used: --help waits for none of them
    from grader.classroom.likeness.beside import Texts
    from grader.classroom.likeness.pairs import Comparison
    from grader.classroom.likeness.works import Passages, Work
    from grader.classroom.readings import Readings
    from grader.reports.similar import Called


def run(arguments: argparse.Namespace) -> int:
    """Compare the class, and earlier years; write ``similar.html`` and ``similar.csv``."""
    from grader.classroom.readings import Readings
    from grader.files import write
    from grader.reports import similar

    with (
        opened(arguments, alone=False) as klass,
        Readings(
            klass.output,
            klass.assignment,
            level=arguments.isolation,
            allow_unsandboxed=arguments.allow_unsandboxed,
        ) as readings,
    ):
        works = _works(arguments, klass, readings)
        called = _called(klass, pseudonyms=arguments.pseudonyms)
        texts = _texts(readings, klass)
        parts = [
            similar.part(id, comparison, called, texts)
            for id, comparison in _compared(works).items()
        ]
        page = similar.page(parts, title=klass.assignment.title, works=works, called=called)
        write(klass.output / similar.PAGE, page)
        write(klass.output / similar.TABLE, "\ufeff" + similar.rows(parts, called))
        if arguments.to:
            _export(arguments, klass, readings, works, called)
        if not arguments.quiet:
            for part in parts:
                say(f"{part.title}: {part.line}")
            say(f"written to {klass.output}/: {similar.PAGE}, {similar.TABLE}")
    return DONE


def _works(arguments: argparse.Namespace, klass: Class, readings: Readings) -> list[Work]:
    """Return the works of the class, then those of earlier years."""
    from grader.classroom.likeness import collecting
    from grader.key import load, sources
    from grader.reports.pages import diagnoses

    key = load(klass.key)
    reference = sources.package(klass.place / klass.assignment.package)
    course = collecting.given(key, reference, readings.sandbox)
    telling = klass.telling()
    results = list(telling.results(klass.gradebook.submissions()))
    titles = {id: known.title for id, known in diagnoses(key).items()}
    works = list(collecting.of_class(readings, results, telling, course, titles))
    if arguments.against:
        works += collecting.earlier(
            arguments.against, klass.assignment, key, readings.sandbox, course
        )
    return works


def _compared(works: list[Work]) -> Mapping[str, Comparison]:
    from grader.classroom.likeness.pairs import compare
    from grader.reports.similar import ROWS

    found = {"code": compare(works, lambda work: work.code, most=ROWS, mistakes=True)}
    if any(work.answers for work in works):
        found["answers"] = compare(works, lambda work: work.answers, most=ROWS, mistakes=False)
    return found


def _called(klass: Class, *, pseudonyms: bool) -> Called:
    """Return what gives a work its name on the page."""
    from grader.classroom.pseudonyms import draw

    earlier: dict[tuple[str, str], str] = {}

    def called(work: Work) -> str:
        if not pseudonyms:
            return work.name
        if not work.year:
            return klass.gradebook.pseudonym(work.name, draw)
        return earlier.setdefault((work.year, work.name), f"earlier work {len(earlier) + 1}")

    return called


def _texts(readings: Readings, klass: Class) -> Texts:
    """Return what gives the text that a passage stands in."""
    from functools import lru_cache

    from grader.classroom.likeness.works import written

    @lru_cache(8)
    def code(name: str) -> Mapping[str, str]:
        return readings.texts(name)

    @lru_cache(8)
    def answers(name: str) -> Mapping[str, str]:
        return {
            id: text for one in klass.gradebook.results([name]) for id, text in written(one).items()
        }

    def text(work: Work, part: Passages) -> str:
        if work.year:
            return work.texts.get(part.place, "")
        return (code(work.name) if part.last else answers(work.name)).get(part.place, "")

    return text


def _export(
    arguments: argparse.Namespace,
    klass: Class,
    readings: Readings,
    works: list[Work],
    called: Called,
) -> None:
    """Write the sources for other detectors."""
    from grader.classroom.replays import NoReplay
    from grader.exports.detectors import WorkSources, write_sources
    from grader.key import load

    def sources(work: Work) -> WorkSources:
        texts = {name: text for name, text in work.texts.items() if name not in answered}
        if not work.year:
            try:
                texts = dict(readings.texts(work.name))
            except NoReplay:
                texts = {}
        return WorkSources(called(work), texts, work.year)

    answered = {question.id for question in klass.assignment.questions}
    written = write_sources(arguments.to, map(sources, works), load(klass.key).given)
    if not arguments.quiet:
        say(f"written to {arguments.to}/: {written} works for JPlag and Dolos")
