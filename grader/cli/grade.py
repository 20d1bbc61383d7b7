"""``grader grade``: mark submissions into a folder."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from grader.cli import DONE, NOT_GRADED, USAGE
from grader.cli.terminal import course, data, problems, say, say_unmatched, way
from grader.model.problem import Problem
from grader.model.records import SubmissionRecord

if TYPE_CHECKING:  # each is imported where it is used: --help waits for none of them
    from grader.classroom.gradebook import Gradebook
    from grader.classroom.pool import Hands
    from grader.classroom.worker import Settings, Worker
    from grader.model.assignment import Assignment
    from grader.reports.publication import Publication
    from grader.submissions import Found, Place


def run(arguments: argparse.Namespace) -> int:
    """Mark every submission, print the results, and say where the files are."""
    from grader.classroom import policy as policies
    from grader.classroom import roster
    from grader.classroom.belonging import belongs, covers
    from grader.classroom.gradebook import Gradebook
    from grader.classroom.identity import recognized
    from grader.classroom.lock import only_run
    from grader.classroom.run import what_is_asked
    from grader.key.sources import manifest
    from grader.reports.publication import Publication
    from grader.submissions import find

    with problems():
        _cluster_options(arguments)
        place, key = course(arguments, arguments.paths)
        assignment = manifest(place)
        assignment.require_notebooks(arguments.notebook)
        if arguments.leaderboard and not assignment.ranked:
            raise Problem(
                "the manifest has no question for a leaderboard: write `leaderboard = true` under "
                "the [question.training] of one"
            )
        _apart(arguments.output, arguments.paths)
        found = find(arguments.paths, assignment, as_=arguments.as_, way=way(arguments))
        if not arguments.quiet:
            say(_what(found))
            for note in found.notes:
                say(f"  {note}")
        _say_missing_images(arguments, assignment)
        for folder in found.grades:
            say(f"{folder} holds grades of an earlier run: it is no submission")
        policy = policies.find(arguments.output, arguments.policy, assignment.policy)
        policy.require([question.id for question in assignment.questions])
        people = roster.load(arguments.roster) if arguments.roster else None
        with Gradebook(arguments.output) as gradebook, only_run(arguments.output, gradebook):
            belongs(gradebook, assignment)
            if people is not None:
                gradebook.enroll([person.to_json() for person in people])
            places = recognized(found.places, gradebook, assignment)
            names = [place.name for place in places]
            settings = _settings(arguments, place, key)
            covers(gradebook, names, what_is_asked(settings, assignment), assignment)
            publication = Publication(
                arguments.output,
                gradebook,
                names,
                assignment,
                leaderboard=arguments.leaderboard,
                policy=policy,
            )
            _mark(arguments, places, settings, gradebook, publication)
            with data():
                if arguments.json:
                    for result in publication.results():
                        print(json.dumps(result))
                else:
                    one = len(names) == 1
                    _print(publication.results() if one else publication.briefs(), names)
        if not arguments.quiet:
            pages = "class.html, leaderboard.html" if arguments.leaderboard else "class.html"
            say(f"written to {arguments.output}/: grades.csv, {pages}, submissions/")
            if _inside(arguments.output, arguments.paths):
                say(f"({arguments.output.resolve()} lies in what is graded, and is passed over)")
    if publication.statuses == {"unreadable"}:
        say("nothing that could be graded was found: each row of grades.csv says why")
        return USAGE
    return NOT_GRADED if "not_graded" in publication.statuses else DONE


def _settings(arguments: argparse.Namespace, place: Path, key: Path) -> Settings:
    from grader.classroom.worker import Settings
    from grader.marking.marker import MARKED

    return Settings(
        assignment=place,
        key=key,
        notebooks=tuple(arguments.notebook),
        kinds=tuple(sorted(set(arguments.only))) or MARKED,
        train=arguments.train,
        engine=arguments.engine,
        level=arguments.isolation,
        allow_unsandboxed=arguments.allow_unsandboxed,
        annotate=arguments.annotate,
        graded=tuple(arguments.paths),
        keep=arguments.output,
        marks=arguments.cluster is None,
    )


def _cluster_options(arguments: argparse.Namespace) -> None:
    """Raise :class:`Problem` where a cluster is named without saying how it gets the key."""
    from grader.wording import cluster as words

    if arguments.cluster is None and arguments.cluster_key is not None:
        raise Problem(words.KEY_ALONE)
    if arguments.cluster not in (None, "local") and arguments.cluster_key is None:
        raise Problem(words.SAY_KEY)


def _hands(arguments: argparse.Namespace, settings: Settings) -> Callable[[Worker], Hands] | None:
    """Return what opens the cluster that marks, if one is asked for."""
    if arguments.cluster is None:
        return None
    from grader.classroom.cluster import ClusterPool
    from grader.classroom.cluster_hand import ClusterOptions

    # Workers of a local one read the same disk.
    key = arguments.cluster_key or str(settings.key.resolve())
    options = ClusterOptions(arguments.cluster, key, arguments.jobs)
    return lambda worker: ClusterPool(settings, worker, options, say)


def _mark(
    arguments: argparse.Namespace,
    places: Sequence[Place],
    settings: Settings,
    gradebook: Gradebook,
    publication: Publication,
) -> None:
    """Mark all into *publication*, and show how far that is; then say what a person has to do."""
    from grader.classroom.run import Interrupt, grade
    from grader.cli.progress import progress

    interrupt = Interrupt()
    shown = progress(len(places), quiet=arguments.quiet, stopping=lambda: interrupt.raised)

    def begun(worker: Worker) -> None:
        publication.begin(worker.key)
        if not arguments.quiet:
            say(f"isolation: {worker.sandbox.level}")
        shown.begin()

    try:
        with publication, shown:
            for marked in grade(
                places,
                settings,
                gradebook,
                jobs=arguments.jobs,
                begun=begun,
                running=shown.running,
                interrupt=interrupt,
                hands=_hands(arguments, settings),
            ):
                shown.marked(publication.add(marked), marked.stored)
    finally:
        if publication.faulty:
            say(_faulty(publication))
        if publication.changes and not arguments.quiet:
            _say_changes(publication)
        if publication.waiting and not arguments.quiet:
            say(_waiting(publication))
        say_unmatched(publication)


def _say_missing_images(arguments: argparse.Namespace, assignment: Assignment) -> None:
    """Say before the first submission that none will be trained, for want of the data set."""
    from grader.classroom.machine import data_folder

    if arguments.train != "full" or (arguments.only and "training" not in arguments.only):
        return
    if assignment.data is not None and (missing := data_folder(assignment.data).missing):
        say(
            f"{assignment.data.title} isn't here ({', '.join(missing[:3])}): questions about "
            "trainings will not be graded; `grader doctor` says where it goes"
        )


def _apart(output: Path, paths: Iterable[Path]) -> None:
    """Raise :class:`Problem` where a run would write among the files of what it grades."""
    if output.resolve() in [path.resolve() for path in paths]:
        raise Problem(
            f"{output} is what is graded, and grades among its files would be taken for its own: "
            "choose another folder with -o"
        )


def _inside(output: Path, paths: Iterable[Path]) -> bool:
    place = output.resolve()
    return any(place.is_relative_to(path.resolve()) for path in paths)


def _what(found: Found) -> str:
    """Say what the paths were taken for, and how to say otherwise."""
    laid_out = f", laid out as by {found.layout}" if found.layout else ""
    if found.kind == "one":
        return f"one submission{laid_out} (say --as class if its folders are submissions)"
    other = "--layout plain if it isn't" if laid_out else "--as one if it is a single one"
    return f"a class of {len(found.places)} submissions{laid_out} (say {other})"


def _faulty(publication: Publication) -> str:
    from grader.reports.publication import ERRORS

    names = ", ".join(dict.fromkeys(publication.faulty))
    return f"the grader itself failed on {names}: {publication.output / ERRORS} says where and how"


def _say_changes(publication: Publication, most: int = 5) -> None:
    from grader.classroom.changes import CSV

    changes = publication.changes
    count = "1 result differs" if len(changes) == 1 else f"{len(changes)} results differ"
    say(f"{count} from the run before: {publication.output / CSV} has all of it")
    for change in changes[:most]:
        say(f"  {change.line}")


def _waiting(publication: Publication) -> str:
    from grader.classroom.marks_table import CSV

    count, table = publication.waiting, publication.output / CSV
    answers = "1 answer waits" if count == 1 else f"{count} answers wait"
    return f"{answers} for a mark: fill in {table}, and run the same command again"


def _print(results: Iterable[SubmissionRecord], names: Sequence[str]) -> None:
    from grader.reports import summary

    width = max(map(len, names), default=0)
    for result in results:
        if len(names) == 1:
            print(summary(result))
        else:
            score = f"{result['score']:6g} / {result['max_score']:g}"
            print(f"{result['submission']:<{width}}  {score}  {result['status']}")
