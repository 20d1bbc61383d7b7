"""The commands that work on stored results, and their options."""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable
from pathlib import Path


def stored(made: argparse.ArgumentParser) -> None:
    """Add what names a folder of results, and how they are told."""
    made.add_argument(
        "-o",
        "--output",
        type=Path,
        default=Path("grades"),
        metavar="DIR",
        help="where the class's results are (default: grades)",
    )
    made.add_argument("--key", type=Path, metavar="DIR", help="the key (default: as in grade)")
    made.add_argument(
        "--policy",
        type=Path,
        metavar="FILE",
        help="the course's rules (default: policy.toml in DIR or beside it)",
    )


#: What results can be exported as; a test holds them against the table.
TARGETS = (
    "canvas",
    "canvas-feedback",
    "moodle",
    "moodle-feedback",
    "gradescope",
    "gradescope-autograder",
    "classroom50",
    "prairielearn",
    "junit",
    "ctrf",
    "csv",
    "json",
    "nbgrader",
    "otter",
)


def _points(text: str) -> float:
    """Return points, written with a comma or a point; raises what argparse tells."""
    try:
        number = float(text.replace(",", "."))
    except ValueError:
        number = math.nan
    if not abs(number) < 1e6:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of points")
    return number


def add(command: Callable[[str, str], argparse.ArgumentParser]) -> None:
    """Add the commands; *command* makes one by its name and what it is for."""
    report = command("report", "Write a class's files anew, by today's marks, rules and changes.")
    stored(report)
    report.add_argument(
        "--roster", type=Path, metavar="CSV", help="who is in the class (as in grade)"
    )
    report.add_argument(
        "--share",
        action="store_true",
        help="write report-shared.html, too: no names, and no group of fewer than five",
    )
    report.add_argument(
        "--before",
        nargs="?",
        const="",
        metavar="DIR",
        help="compare with the results in DIR (without DIR: with the hand-ins before these)",
    )

    mark = command("mark", "Mark written answers in a browser, on this machine.")
    mark.add_argument(
        "folder",
        nargs="?",
        type=Path,
        metavar="DIR",
        help="where the class's results are (default: as -o says)",
    )
    mark.add_argument(
        "--marker",
        default="",
        metavar="NAME",
        help="the name that browsers begin to mark by (default: each is asked)",
    )
    mark.add_argument(
        "--port",
        type=int,
        default=0,
        metavar="N",
        help="the port on 127.0.0.1 (default: any that is free)",
    )
    mark.add_argument("--open", action="store_true", help="open the address in a browser")
    mark.add_argument(
        "--isolation", metavar="LEVEL", help="hand-ins that are marked again: this level alone"
    )
    mark.add_argument(
        "--allow-unsandboxed",
        action="store_true",
        help="mark hand-ins again where nothing confines code",
    )
    stored(mark)
    similar = command("similar", "Say which submissions are alike, and how rare that is.")
    stored(similar)
    similar.add_argument(
        "--against",
        nargs="+",
        type=Path,
        default=[],
        metavar="PATH",
        help="compare with the hand-ins of earlier years, too: folders or downloads of classes",
    )
    similar.add_argument(
        "--to", type=Path, metavar="FOLDER", help="write the sources for JPlag and Dolos there"
    )
    similar.add_argument(
        "--pseudonyms", action="store_true", help="write pseudonyms in place of names"
    )
    similar.add_argument("--isolation", metavar="LEVEL", help="this level and no other")
    similar.add_argument(
        "--allow-unsandboxed", action="store_true", help="read code where nothing confines it"
    )

    remove = command("remove", "Take submissions out, with all that is kept of them.")
    remove.add_argument("names", nargs="+", metavar="NAME", help="a submission or a student")
    remove.add_argument("--reason", default="", help="why, for the log")
    stored(remove)

    adjust = command("adjust", "Change points by a person's word, with a reason, and log it.")
    adjust.add_argument(
        "name", nargs="?", metavar="NAME", help="a submission or a student; * for all"
    )
    adjust.add_argument(
        "--question", metavar="ID", help="a question, or QUESTION/CHECK (default: the whole)"
    )
    adjust.add_argument("--set", type=_points, metavar="POINTS", help="set the points")
    adjust.add_argument("--add", type=_points, metavar="POINTS", help="add points, or take some")
    adjust.add_argument(
        "--bonus", type=_points, metavar="POINTS", help="add points, above the maximum too"
    )
    adjust.add_argument("--exempt", action="store_true", help="the question doesn't count")
    adjust.add_argument("--excuse", action="store_true", help="the submission has no grade")
    adjust.add_argument("--undo", metavar="ID", help="take a change back")
    adjust.add_argument("--log", action="store_true", help="print what people did, and why")
    adjust.add_argument("--reason", default="", help="why: the student's page says it")
    stored(adjust)

    replay = command("replay", "Mark hand-ins again from their stored bytes, and compare.")
    replay.add_argument(
        "codes", nargs="+", metavar="CODE", help="the code at the end of a student's page"
    )
    replay.add_argument(
        "--store",
        action="store_true",
        help="keep what comes out in place of the stored results; `grader adjust --undo` puts "
        "those back",
    )
    replay.add_argument(
        "--now", action="store_true", help="mark by today's key (--key), not by the key of then"
    )
    replay.add_argument("--reason", default="", help="with --store: why, for the log")
    replay.add_argument(
        "--by",
        default="",
        metavar="NAME",
        help="with --store: who, for the log (default: the user)",
    )
    replay.add_argument("--isolation", metavar="LEVEL", help="this level and no other")
    replay.add_argument(
        "--allow-unsandboxed", action="store_true", help="grade where nothing confines code"
    )
    stored(replay)

    appeal = command("appeal", "Record a student's objection, decide it, or list them all.")
    appeal.add_argument(
        "about",
        nargs="?",
        metavar="CODE",
        help="the code at the end of the page that is objected to; to decide, the objection's id "
        "or that code (default: list them)",
    )
    appeal.add_argument("--question", metavar="ID", help="the question it is about")
    appeal.add_argument("--objection", metavar="TEXT", help="what the student objects to")
    appeal.add_argument(
        "--decision", metavar="TEXT", help="what you decide: the student's page says it"
    )
    appeal.add_argument("--set", type=float, metavar="POINTS", help="set the points by it")
    appeal.add_argument(
        "--add", type=float, metavar="POINTS", help="add points by it, or take some"
    )
    stored(appeal)

    export = command("export", "Write a class's results as a learning system takes them.")
    export.add_argument("target", choices=TARGETS, metavar="TARGET", help=", ".join(TARGETS))
    export.add_argument(
        "--to", type=Path, metavar="PATH", help="the file, or the folder (default: by the target)"
    )
    export.add_argument(
        "--into",
        type=Path,
        metavar="CSV",
        help="the table that Canvas or Moodle exported, to be filled in",
    )
    export.add_argument(
        "--column", metavar="NAME", help="the column of that table, by its title or its id"
    )
    export.add_argument(
        "--feedback",
        choices=("all", "own", "none"),
        default="all",
        help="what a system shows of why points are missing: all, the student's own exceptions "
        "only, or nothing (default: all)",
    )
    export.add_argument(
        "--after",
        choices=("now", "due", "published"),
        default="now",
        help="when Gradescope shows it: now, after the due date, or when grades are published; no "
        "sooner than the policy's feedback_after",
    )
    export.add_argument(
        "--partial", action="store_true", help="send results of which points are open, too"
    )
    export.add_argument(
        "--scale", action="store_true", help="bring points to the system's own maximum"
    )
    export.add_argument("--only", metavar="NAME", help="one submission or student alone")
    export.add_argument(
        "--roster", type=Path, metavar="CSV", help="who is in the class (as in grade)"
    )
    stored(export)
