"""Where a run's files stand in its folder, and the move there from where they stood before.

The files of a submission stand in a folder of their own below :data:`SUBMISSIONS`, where nothing
of the run's own stands: no name of a hand-in can meet the gradebook or a page of the class.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from grader.files import WriteError

SUBMISSIONS = "submissions"
RESULT = "result.json"
FEEDBACK = "feedback.html"
INDEX = "index.html"

#: A submission that was called like the folder stood in its place; it waits here to be moved.
_ASIDE = ".submissions.moving"


def of(output: Path, submission: str) -> Path:
    """Return the folder of one submission's files in a run's folder *output*."""
    return output / SUBMISSIONS / submission


def move_over(output: Path, submissions: Iterable[str], notebooks: Iterable[str]) -> None:
    """Move the files of *submissions* that stand in *output* itself, as they once did.

    A folder that holds a run's files alone is moved whole: the two of each submission, and the
    pair that each of the *notebooks* comes back as. Of another one, which may be the hand-in
    itself, the two files are moved and the rest stays. What has been moved is never overwritten,
    and a move that was cut off goes on at the next run.

    Raises :class:`~grader.files.WriteError` where a file can't be moved.
    """
    ours = {RESULT, FEEDBACK}
    ours |= {name + ending for name in notebooks for ending in (".ipynb", ".html")}
    try:
        _set_aside(output, ours)
        for name in submissions:
            before = output / (_ASIDE if name == SUBMISSIONS else name)
            if (before / RESULT).is_file() and not before.is_symlink():
                _move(before, of(output, name), ours)
    except OSError as error:
        raise WriteError(
            f"the files of {output} can't be moved to {output / SUBMISSIONS} ({error.strerror}): "
            "see to that, or choose another folder with -o; what is marked is kept"
        ) from None


def _set_aside(output: Path, ours: set[str]) -> None:
    """Make room where a submission of that very name stands."""
    place, aside = output / SUBMISSIONS, output / _ASIDE
    if (place / RESULT).is_file() and not place.is_symlink() and not aside.exists():
        _move(place, aside, ours)


def _move(before: Path, after: Path, ours: set[str]) -> None:
    after.parent.mkdir(parents=True, exist_ok=True)
    if not after.exists() and {path.name for path in before.iterdir()} <= ours:
        before.rename(after)
        return
    after.mkdir(exist_ok=True)
    # The result last: by it the next run sees that something is left to move.
    for name in (FEEDBACK, RESULT):
        if (before / name).is_file():
            if (after / name).exists():
                (before / name).unlink()
            else:
                (before / name).rename(after / name)
