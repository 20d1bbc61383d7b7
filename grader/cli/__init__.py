"""The command line: options, messages and exit codes. The work is done in the rooms below."""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path

from grader.cli import stored_options
from grader.cli.pytest_options import OPTIONS, REFUSED
from grader.version import __version__

DONE, FAILED, USAGE, NOT_GRADED, INTERRUPTED = 0, 1, 2, 3, 130


#: The layouts of downloads by name; a test holds them against the table.
LAYOUTS = (
    "canvas",
    "moodle",
    "gradescope",
    "blackboard",
    "brightspace",
    "nbgrader",
    "repositories",
    "plain",
)


def parser() -> argparse.ArgumentParser:
    """Return the parser of all commands; none of them is imported for it."""
    top = argparse.ArgumentParser(
        prog="grader", description="Mark numpy assignments, safely, and say why an answer is wrong."
    )
    top.add_argument("--version", action="version", version=f"grader {__version__}")
    commands = top.add_subparsers(dest="command", metavar="COMMAND", required=True)

    def command(name: str, help: str) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=help, description=help)
        made.add_argument(
            "-a",
            "--assignment",
            type=Path,
            metavar="DIR",
            help="the assignment's folder (default: the nearest assignment.toml upward)",
        )
        made.add_argument("-q", "--quiet", action="store_true", help="no progress on stderr")
        return made

    def marked_by(made: argparse.ArgumentParser) -> None:
        """Add what says how submissions are marked."""
        made.add_argument(
            "--key", type=Path, metavar="DIR", help="the key (default: the committed one)"
        )
        made.add_argument(
            "--notebook",
            action="append",
            default=[],
            metavar="NAME",
            help="ask the questions of this notebook alone (may be said twice)",
        )
        made.add_argument(
            "--as",
            dest="as_",
            choices=("one", "class"),
            help="what each PATH is: one submission, or a class of them (default: by its files)",
        )
        made.add_argument(
            "--layout",
            choices=LAYOUTS,
            help="how a class's download is laid out (default: by its names)",
        )
        made.add_argument(
            "--match",
            metavar="REGEX",
            help="whose each name in a download is, by a pattern with the group "
            "(?P<student_id>...); name, file, timestamp, attempt and late may be groups, too",
        )
        made.add_argument(
            "--attempt",
            type=_attempt,
            default="newest",
            metavar="WHICH",
            help="of several attempts, the newest, the first, or one by its number "
            "(default: newest)",
        )
        made.add_argument("--isolation", metavar="LEVEL", help="this level and no other")
        made.add_argument(
            "--allow-unsandboxed", action="store_true", help="grade where nothing confines code"
        )

    build = command("build", "Make the students' files and the answer key from the assignment.")
    build.add_argument("--check", action="store_true", help="change nothing; fail if stale")
    build.add_argument("--key", type=Path, metavar="DIR", help="make a course's own key here")
    build.add_argument(
        "--seed-file",
        type=Path,
        metavar="FILE",
        help="holds the secret of that key (default: a fresh one)",
    )

    release = command("release", "Make the zip that students download.")
    release.add_argument(
        "-o",
        "--output",
        type=Path,
        metavar="ZIP",
        help="where it goes (default: the assignment's id, here)",
    )
    release.add_argument(
        "--key",
        type=Path,
        metavar="DIR",
        help="a course's own key, of which nothing may leak (default: the committed one)",
    )

    new = command("new", "Write a new assignment's folder, with one question to start from.")
    new.add_argument("folder", type=Path, metavar="NAME", help="the folder to make")

    grade = command("grade", "Mark submissions: folders, zips, or a folder of them.")
    grade.add_argument(
        "paths", nargs="+", type=Path, metavar="PATH", help="a folder, a zip, or a folder of them"
    )
    grade.add_argument(
        "-o",
        "--output",
        type=Path,
        default=Path("grades"),
        metavar="DIR",
        help="where results, tables and pages go (default: grades)",
    )
    grade.add_argument(
        "--roster",
        type=Path,
        metavar="CSV",
        help="who is in the class: the gradebook of Canvas, the worksheet of Moodle, a table of "
        "Gradescope or Classroom 50, or any CSV with columns for names or ids",
    )
    grade.add_argument(
        "--policy",
        type=Path,
        metavar="FILE",
        help="due date, lateness, extensions, points (default: policy.toml in DIR or beside it)",
    )
    grade.add_argument(
        "-j",
        "--jobs",
        type=_jobs,
        default=1,
        metavar="N",
        help="processes to use; 0 for one on each core (default: 1)",
    )
    grade.add_argument(
        "--cluster",
        metavar="ADDRESS",
        help="mark on a dask cluster: its scheduler's address, the file that it wrote, or `local` "
        "for as many workers here as -j says (needs the extra [cluster])",
    )
    grade.add_argument(
        "--cluster-key",
        metavar="DIR",
        help="the folder that holds the key on each worker, or `send` to send it there; nothing is "
        "sent unless it is said",
    )
    grade.add_argument("--json", action="store_true", help="results on stdout, a line each")
    marked_by(grade)
    grade.add_argument(
        "--only",
        action="append",
        default=[],
        choices=("code", "training", "written"),
        help="ask questions of this kind alone (may be said twice)",
    )
    grade.add_argument(
        "--train",
        choices=("saved", "short", "whole", "full"),
        default="saved",
        help="take a saved model where there is one, else train on few images (saved); always "
        "train on few images (short), there to the end of each training (whole), or on the whole "
        "data set (full)",
    )
    grade.add_argument(
        "--engine",
        choices=("cells", "kernel"),
        default="cells",
        help="run the cells of each training question (cells), or every notebook whole, in a "
        "confined Jupyter kernel of its own (kernel): slower, and needs bubblewrap and ipykernel",
    )
    grade.add_argument(
        "--annotate", action="store_true", help="write each notebook back with its verdicts in it"
    )
    grade.add_argument(
        "--leaderboard",
        action="store_true",
        help="write leaderboard.html: who reaches what, under pseudonyms that each student's own "
        "page tells; models whose training was ended early aren't on it (see --train whole)",
    )
    check = command("check", "Check your own work, on public examples and by a search.")
    check.add_argument(
        "questions", nargs="*", metavar="QUESTION", help="its id (default: every question)"
    )
    check.add_argument(
        "--examples",
        type=int,
        default=25,
        metavar="N",
        help="how many inputs each check searches through (default: 25)",
    )

    collect = command("collect", "Make the zip to hand in, after a look at what is in it.")
    collect.add_argument(
        "-o",
        "--output",
        type=Path,
        metavar="ZIP",
        help="where it goes (default: hand-in.zip beside your work)",
    )

    test = command("test", "Run each check of a submission as a test case, under pytest.")
    test.add_argument(
        "paths", nargs="+", type=Path, metavar="PATH", help="a folder, a zip, or a folder of them"
    )
    marked_by(test)
    of_pytest = test.add_argument_group("pytest's options (others are refused)")
    for flags, settings in OPTIONS:
        of_pytest.add_argument(*flags, **settings)

    explain = command("explain", "Say what a check, question, stage or misconception means.")
    explain.add_argument(
        "id", metavar="ID", help="as a result.json, class.html or `grader check` names it"
    )
    explain.add_argument(
        "--new",
        action="store_true",
        help="ID is a group of failures on class.html: begin a misconception with it",
    )
    explain.add_argument(
        "-o",
        "--output",
        type=Path,
        default=Path("grades"),
        metavar="DIR",
        help="with --new: where the class's results are (default: grades)",
    )
    explain.add_argument("--key", type=Path, metavar="DIR", help="the key (default: as in grade)")

    stored_options.add(command)

    completion = command("completion", "Print what completes commands and options in a shell.")
    completion.add_argument("shell", choices=("bash", "zsh", "fish"), help="the shell")

    command("doctor", "Say what this machine can do: isolation, versions, data.")
    return top


def _jobs(text: str) -> int:
    """Return how many processes to use; raises what argparse tells."""
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is no number of processes")
    return int(text) or _cores()


def _cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _attempt(text: str) -> str | int:
    """Return which attempt counts; raises what argparse tells."""
    if text in ("newest", "first"):
        return text
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"{text!r} is none: newest, first, or a number from 1")
    return int(text)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    from grader.cli.terminal import open_all

    open_all()
    top = parser()
    arguments, unknown = top.parse_known_args(argv)
    if unknown:
        why = f" ({REFUSED})" if arguments.command == "test" else ""
        top.error(f"unrecognized arguments: {' '.join(unknown)}{why}")
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # file names may have any characters
    from grader.cli.terminal import say, silence
    from grader.model.problem import Problem

    try:
        run = import_module(f"grader.cli.{arguments.command}").run
        with _safe_path():
            code = int(run(arguments))
        sys.stdout.flush()
        return code
    except KeyboardInterrupt:
        say("interrupted: results so far are kept; the same command goes on from there")
        return INTERRUPTED
    except Problem as problem:
        say(f"grader: {problem}")
        return USAGE
    except BrokenPipeError:
        # The reader of stdout has gone; there is no one left to tell.
        silence(sys.stdout.fileno())
        return DONE


@contextmanager
def _safe_path() -> Iterator[None]:
    """Keep the working directory off the path of every Python that is started.

    Processes that mark beside this one are started by ``python -c``, which would import from there
    first: it may be a student's, with a socket.py in it.
    """
    before = os.environ.get("PYTHONSAFEPATH")
    os.environ["PYTHONSAFEPATH"] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ["PYTHONSAFEPATH"]
        else:
            os.environ["PYTHONSAFEPATH"] = before
