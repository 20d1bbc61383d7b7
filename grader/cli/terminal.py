"""Output of commands: data on stdout, progress and messages on stderr."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from grader.model.problem import Problem

if TYPE_CHECKING:  # imported where it is used: --help waits for nothing
    from grader.reports.publication import Publication
    from grader.submissions import Way


@contextmanager
def problems() -> Iterator[None]:
    """Turn what the system says of files into a :class:`Problem`, as the engine's errors are."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        raise Problem(f"{where}{error.strerror or error}") from None


def say(text: str) -> None:
    """Print a message on stderr; where nobody reads it any more, nowhere."""
    try:
        print(text, file=sys.stderr, flush=True)
    except (OSError, ValueError):
        silence(2)


def say_unmatched(publication: Publication) -> None:
    """Say which names in the course's rules nobody has: a slip there costs somebody points."""
    if names := publication.unmatched():
        say(f"the course's rules name what nobody knows here: {', '.join(names)}")


@contextmanager
def data() -> Iterator[None]:
    """Let the block print data on stdout: a reader that has gone is no fault.

    Raises :class:`~grader.model.problem.Problem` where what stdout leads to is full.
    """
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        silence(1)
    except OSError as error:
        silence(1)
        raise Problem(f"stdout can't be written: {error.strerror}") from None


def silence(number: int) -> None:
    """Lead stdout (1) or stderr (2) nowhere, so that Python's own end finds nothing to say."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, number)
    os.close(nowhere)


def open_all() -> None:
    """Open stdin, stdout and stderr where the caller has closed them.

    Else the next file that is opened takes their number, and gets what is meant for them.
    """
    for number, mode in enumerate((os.O_RDONLY, os.O_WRONLY, os.O_WRONLY)):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, mode)
    if sys.stdout is None:
        sys.stdout = os.fdopen(1, "w", closefd=False)
    if sys.stderr is None:
        sys.stderr = os.fdopen(2, "w", closefd=False)


def folder(named: Path | None) -> Path:
    """Return the assignment's folder: the named one, or the nearest upward."""
    from grader.key.sources import find

    if named is None:
        return find(Path.cwd())
    if not (named / "assignment.toml").is_file():
        raise Problem(f"{named} has no assignment.toml: name the assignment's folder with -a")
    return named


def way(arguments: argparse.Namespace) -> Way:
    """Return how a class's download is to be read, by the options of a command."""
    from grader.submissions import Way

    return Way(arguments.layout, arguments.match, arguments.attempt)


def course(arguments: argparse.Namespace, graded: Sequence[Path]) -> tuple[Path, Path]:
    """Return the folders of the assignment and of the key that *graded* are marked by; say which.

    Neither is taken from inside of what is graded, unless its option names it.
    """
    from grader.key.sources import find, inside, key_folder, manifest

    if arguments.assignment is None:
        place = find(Path.cwd(), graded)
    else:
        place = folder(arguments.assignment)
    key = arguments.key
    if key is None:
        key = key_folder(place, manifest(place))
        if inside(key, graded):
            raise Problem(
                f"{key} lies inside of what is graded, and may be a submission's: name the key "
                "with --key DIR"
            )
    if not arguments.quiet:
        say(f"assignment: {place}, key: {key}")
    return place, key
