"""``grader grade``: mark submissions into a folder."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from threading import Thread
from typing import Any

from grader.cli import DONE, NOT_GRADED
from grader.cli.terminal import course, problems, say
from grader.model.problem import Problem


def run(arguments: argparse.Namespace) -> int:
    """Mark every submission, write its files as it comes, and the class's at the end."""
    from grader.classroom import hand_marks
    from grader.classroom.gradebook import Gradebook
    from grader.classroom.run import Settings
    from grader.key.sources import manifest
    from grader.submissions import find

    with problems():
        assignment_folder, key = course(arguments, arguments.paths)
        assignment = manifest(assignment_folder)
        assignment.known(arguments.notebook)
        if arguments.leaderboard and not assignment.ranked:
            raise Problem(
                "the manifest has no question for a leaderboard: write `leaderboard = true` under "
                "the [question.training] of one"
            )
        found = find(arguments.paths, assignment, as_=arguments.as_)
        if not arguments.quiet:
            say(_what(found.kind, len(found.places)))
        settings = Settings(
            assignment=assignment_folder,
            key=key,
            notebooks=tuple(arguments.notebook),
            **({"kinds": tuple(sorted(set(arguments.only)))} if arguments.only else {}),
            train=arguments.train,
            engine=arguments.engine,
            level=arguments.isolation,
            allow_unsandboxed=arguments.allow_unsandboxed,
            graded=tuple(arguments.paths),
        )
        names = [place.name for place in found.places]
        with Gradebook(arguments.output) as gradebook:
            hand_marks.take(arguments.output, gradebook)
            statuses = _marked(arguments, found.places, settings, gradebook, assignment)
            if arguments.json:
                for result in hand_marks.results(gradebook, names):
                    print(json.dumps(result))
            else:
                _print(hand_marks.results(gradebook, names), names)
        if not arguments.quiet:
            pages = "class.html, leaderboard.html" if arguments.leaderboard else "class.html"
            say(f"written to {arguments.output}/: grades.csv, {pages}, a folder a submission")
    return NOT_GRADED if "not_graded" in statuses else DONE


def _marked(
    arguments: argparse.Namespace,
    places: Sequence[Any],
    settings: Any,
    gradebook: Any,
    assignment: Any,
) -> set[str]:
    """Mark all, and return the statuses that there were; results stay in the gradebook only."""
    # Templates are compiled while the sandbox starts, which is another process's work.
    warming = Thread(target=_warm, daemon=True)
    warming.start()
    from grader.classroom import hand_marks, pseudonyms
    from grader.classroom.run import Interrupt, Worker, grade
    from grader.cli.progress import progress
    from grader.reports import annotated, pages
    from grader.reports.leaderboard import listed

    marks = hand_marks.marks(gradebook)
    keys: list[Any] = []
    at = {place.name: place for place in places}
    statuses: set[str] = set()
    title, links = assignment.title, pages.links(assignment)
    diagnoses: dict[str, Any] = {}
    ranked = assignment.ranked if arguments.leaderboard else frozenset()
    interrupt = Interrupt()
    shown = progress(len(places), quiet=arguments.quiet, stopping=lambda: interrupt.raised)

    def begun(worker: Worker) -> None:
        keys.append(worker.key)
        diagnoses.update(pages.diagnoses(worker.key))
        if not arguments.quiet:
            say(f"isolation: {worker.sandbox.level}")
        shown.begin()

    def called(submission: str) -> str:
        return str(gradebook.pseudonym(submission, pseudonyms.draw))

    try:
        marked = grade(
            places,
            settings,
            gradebook,
            jobs=arguments.jobs,
            begun=begun,
            running=shown.running,
            interrupt=interrupt,
        )
        with shown:
            for computed, stored in marked:
                warming.join()
                result = hand_marks.applied(computed, marks)
                pages.one(
                    arguments.output,
                    result,
                    title=title,
                    diagnoses=diagnoses,
                    links=links,
                    pseudonym=called(result["submission"]) if listed(result, ranked) else "",
                )
                if arguments.annotate:
                    place = at[result["submission"]]
                    annotated.write(arguments.output, place, assignment, result, keys[0])
                statuses.add(result["status"])
                shown.marked(result, stored)
    finally:
        if statuses:
            names = [place.name for place in places]
            rubrics = keys[0].rubrics
            waiting = hand_marks.save(arguments.output, gradebook, names, rubrics)
            if waiting and not arguments.quiet:
                say(_waiting(waiting, arguments.output / hand_marks.CSV))
            results = _whole(arguments.output, names, gradebook, title, diagnoses, rubrics)
            if arguments.leaderboard:
                pages.board(arguments.output, results, assignment, called)
    return statuses


def _warm() -> None:
    from grader.reports.environment import warm

    warm("feedback.html.j2", "question.html.j2", "class.html.j2")


def _whole(
    output: Path,
    names: Sequence[str],
    gradebook: Any,
    title: str,
    diagnoses: dict[str, Any],
    rubrics: Any,
) -> list[Any]:
    """Write the class's pages; of those not reached, with what an earlier run found.

    Return the results, without what no page shows.
    """
    from grader.classroom import hand_marks
    from grader.classroom.clusters import clusters
    from grader.reports import pages

    # One at a time: a class's evidence can be larger than all else in memory.
    unexplained = clusters(gradebook.results(names))
    shown = [pages.brief(result) for result in hand_marks.results(gradebook, names)]
    pages.whole(
        output,
        shown,
        title=title,
        diagnoses=diagnoses,
        clusters=unexplained,
        rubrics=rubrics,
    )
    return shown


def _what(kind: str, count: int) -> str:
    if kind == "one":
        return "one submission (say --as class if its folders are submissions)"
    return f"a class of {count} submissions (say --as one if it is a single one)"


def _waiting(count: int, table: Path) -> str:
    answers = "1 answer waits" if count == 1 else f"{count} answers wait"
    return f"{answers} for a mark: fill in {table}, and run the same command again"


def _print(results: Iterable[dict[str, Any]], names: Sequence[str]) -> None:
    from grader.reports import summary

    width = max(map(len, names), default=0)
    for result in results:
        if len(names) == 1:
            print(summary(result))
        else:
            score = f"{result['score']:6g} / {result['max_score']:g}"
            print(f"{result['submission']:<{width}}  {score}  {result['status']}")
