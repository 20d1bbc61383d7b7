"""The options of pytest's own that ``grader test`` takes, and how pytest is told of them."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import Any

from grader.model.problem import Problem

#: pytest's own options that a caller may use, with what argparse is to know of them. Every other
#: one is refused: many name files or plugins, and so decide what code runs.
OPTIONS: tuple[tuple[tuple[str, ...], dict[str, Any]], ...] = (
    (("-v", "--verbose"), {"action": "count", "default": 0, "help": "name every check"}),
    (("-x", "--exitfirst"), {"action": "store_true", "help": "stop at the first that fails"}),
    (("--maxfail",), {"type": int, "metavar": "N", "help": "stop after N that fail"}),
    (("-k",), {"dest": "keyword", "metavar": "EXPRESSION", "help": "run checks of such names"}),
    (("-r",), {"dest": "report", "metavar": "CHARS", "help": "what the summary at the end lists"}),
    (
        ("--tb",),
        {
            "choices": ("auto", "long", "short", "line", "native", "no"),
            "help": "how a failure is shown",
        },
    ),
    (("--color",), {"choices": ("yes", "no", "auto"), "help": "color the lines (default: auto)"}),
    (("--durations",), {"type": int, "metavar": "N", "help": "show the N slowest"}),
    (("--collect-only", "--co"), {"action": "store_true", "help": "list the checks, run none"}),
    (("--no-header",), {"action": "store_true", "help": "leave out the lines at the top"}),
    (("--no-summary",), {"action": "store_true", "help": "leave out the summary at the end"}),
    (
        ("--junitxml", "--junit-xml"),
        {"type": Path, "metavar": "FILE", "help": "write the results as JUnit XML"},
    ),
    (("--junit-prefix",), {"metavar": "TEXT", "help": "what class names begin with there"}),
)

#: Said of every other one.
REFUSED = (
    "of pytest's options only those that `grader test --help` lists are taken: others can name "
    "files and plugins, and so decide what code runs"
)


def told(arguments: argparse.Namespace) -> list[str]:
    """Return the caller's options for pytest, each a single argument that can't be another's."""
    made = ["-" + "v" * arguments.verbose] if arguments.verbose else []
    for name in ("quiet", "exitfirst", "collect_only", "no_header", "no_summary"):
        if getattr(arguments, name):
            made.append("--" + name.replace("_", "-"))
    for name in ("maxfail", "tb", "color", "durations", "junit_prefix"):
        value = getattr(arguments, name)
        if value is not None:
            made.append(f"--{name.replace('_', '-')}={value}")
    if arguments.keyword is not None:
        made.append(f"-k{arguments.keyword}")
    if arguments.report is not None:
        if not arguments.report.isalpha():
            raise Problem(f"-r takes letters, and {arguments.report!r} is something else")
        made.append(f"-r{arguments.report}")
    if arguments.junitxml is not None:
        made.append(f"--junitxml={os.path.abspath(arguments.junitxml)}")  # noqa: PTH100
    return made
