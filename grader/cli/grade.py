"""``grader grade``: mark submissions into a folder."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from grader.cli import DONE, NOT_GRADED
from grader.cli.terminal import folder, problems, say


def run(arguments: argparse.Namespace) -> int:
    """Mark every submission, write its files as it comes, and the class's at the end."""
    from grader.course.gradebook import Gradebook
    from grader.course.queue import Settings
    from grader.key.sources import manifest
    from grader.submissions import find

    with problems():
        assignment_folder = folder(arguments.assignment)
        assignment = manifest(assignment_folder)
        assignment.known(arguments.notebook)
        found = find(arguments.paths, assignment, as_=arguments.as_)
        if not arguments.quiet:
            say(_what(found.kind, len(found.places)))
        settings = Settings(
            assignment=assignment_folder,
            key=arguments.key or assignment_folder.parent / "reference_outputs",
            notebooks=tuple(arguments.notebook),
            level=arguments.isolation,
            allow_unsandboxed=arguments.allow_unsandboxed,
        )
        with Gradebook(arguments.output) as gradebook:
            results = _marked(arguments, found.places, settings, gradebook, assignment)
        if arguments.json:
            for result in results:
                print(json.dumps(result))
        else:
            _print(results)
        if not arguments.quiet:
            say(f"written to {arguments.output}/: grades.csv, class.html, a folder a submission")
    return NOT_GRADED if any(r["status"] == "not_graded" for r in results) else DONE


def _marked(
    arguments: argparse.Namespace,
    places: Sequence[Any],
    settings: Any,
    gradebook: Any,
    assignment: Any,
) -> list[dict[str, Any]]:
    from grader.course.queue import Desk, grade
    from grader.reports import pages

    results: list[dict[str, Any]] = []
    title, links = assignment.title, pages.links(assignment)
    diagnoses: dict[str, Any] = {}

    def begun(desk: Desk) -> None:
        diagnoses.update(pages.diagnoses(desk.key))
        if not arguments.quiet:
            say(f"isolation: {desk.sandbox.level}")

    try:
        marked = grade(places, settings, gradebook, jobs=arguments.jobs, begun=begun)
        for result, stored in marked:
            pages.one(arguments.output, result, title=title, diagnoses=diagnoses, links=links)
            results.append(result)
            if not arguments.quiet:
                say(_line(result, len(results), len(places), stored))
    finally:
        if results:
            _whole(arguments.output, places, results, gradebook, title, diagnoses)
    return results


def _whole(
    output: Path,
    places: Sequence[Any],
    results: list[dict[str, Any]],
    gradebook: Any,
    title: str,
    diagnoses: dict[str, Any],
) -> None:
    """Write the class's pages; put *results* into the order of the submissions."""
    from grader.course.clusters import clusters
    from grader.reports import pages

    order = {place.name: i for i, place in enumerate(places)}
    # Where the run stopped halfway, what an earlier one found of the others stays on the pages.
    rest = gradebook.results(order.keys() - {result["submission"] for result in results})
    results.sort(key=lambda result: order[result["submission"]])
    shown = sorted([*results, *rest], key=lambda result: order[result["submission"]])
    pages.whole(output, shown, title=title, diagnoses=diagnoses, clusters=clusters(shown))


def _what(kind: str, count: int) -> str:
    if kind == "one":
        return "one submission (say --as class if its folders are submissions)"
    return f"a class of {count} submissions (say --as one if it is a single one)"


def _line(result: dict[str, Any], number: int, total: int, stored: bool) -> str:
    what = f"{result['score']:g}/{result['max_score']:g}"
    if result["status"] != "graded":
        what = f"{result['status']}: {'; '.join(result['notes']) or 'see result.json'}"
    return f"[{number}/{total}] {result['submission']}  {what}{'  (kept)' if stored else ''}"


def _print(results: Sequence[dict[str, Any]]) -> None:
    from grader.reports import summary

    if len(results) == 1:
        print(summary(results[0]))
    else:
        width = max((len(result["submission"]) for result in results), default=0)
        for result in results:
            score = f"{result['score']:6g} / {result['max_score']:g}"
            print(f"{result['submission']:<{width}}  {score}  {result['status']}")
