"""What a command says on the terminal: data on stdout, progress and messages on stderr."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class Problem(Exception):
    """Something to tell the person at the terminal in one line; exit code 2."""


@contextmanager
def problems() -> Iterator[None]:
    """Turn the engine's own errors into a :class:`Problem`."""
    from grader.course.gradebook import GradebookError
    from grader.course.queue import WorkerDied
    from grader.key import BadKey
    from grader.key.build import BuildError
    from grader.model.assignment import ManifestError
    from grader.release import FolderError, MarkerError
    from grader.sandbox import Refused
    from grader.submissions import NoSuchPath

    told = (BadKey, BuildError, GradebookError, ManifestError, NoSuchPath, Refused, WorkerDied)
    try:
        yield
    except (*told, FolderError, MarkerError) as error:
        raise Problem(str(error)) from None
    except BrokenPipeError:
        raise
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        raise Problem(f"{where}{error.strerror or error}") from None


def say(text: str) -> None:
    """Print a message on stderr."""
    print(text, file=sys.stderr, flush=True)


def folder(named: Path | None) -> Path:
    """Return the assignment's folder: the named one, or the nearest upward."""
    from grader.key.sources import find

    if named is None:
        return find(Path.cwd())
    if not (named / "assignment.toml").is_file():
        raise Problem(f"{named} has no assignment.toml: name the assignment's folder with -a")
    return named
