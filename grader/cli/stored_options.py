"""The commands that work on stored results, and their options."""

from __future__ import annotations

import argparse
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


def add(command: Callable[[str, str], argparse.ArgumentParser]) -> None:
    """Add the commands; *command* makes one by its name and what it is for."""
    report = command("report", "Write a class's files anew, by today's marks, rules and changes.")
    stored(report)
    report.add_argument(
        "--roster", type=Path, metavar="CSV", help="who is in the class (as in grade)"
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
    adjust.add_argument("--set", type=float, metavar="POINTS", help="set the points")
    adjust.add_argument("--add", type=float, metavar="POINTS", help="add points, or take some")
    adjust.add_argument(
        "--bonus", type=float, metavar="POINTS", help="add points, above the maximum too"
    )
    adjust.add_argument("--exempt", action="store_true", help="the question doesn't count")
    adjust.add_argument("--excuse", action="store_true", help="the submission has no grade")
    adjust.add_argument("--undo", metavar="ID", help="take a change back")
    adjust.add_argument("--log", action="store_true", help="print what people did, and why")
    adjust.add_argument("--reason", default="", help="why: the student's page says it")
    stored(adjust)
