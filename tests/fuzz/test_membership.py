"""Search: a change of who is in a class that gives somebody's marks to another."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from budget import cases, tried
from hypothesis import find, given
from hypothesis import strategies as st

from grader.classroom.gradebook import Gradebook
from grader.classroom.identity import recognized
from grader.model.assignment import Assignment, Files, Limits
from grader.submissions import Place, named, read_submission
from grader.submissions import find as found

ASSIGNMENT = Assignment(
    id="a", title="A", package="pack", aliases=(), files=Files(("one.py",), (), ()), given={},
    limits=Limits(), notebooks=(),
)  # fmt: skip
FOLDERS = ("bob", "Bob", " bob", "bob (2)", "zoe", "bob.")
#: (what, whose folder, another folder): a person hands in anew, leaves, or is renamed.
MOVES = st.lists(
    st.tuples(
        st.sampled_from(["add", "remove", "rename", "swap"]),
        st.sampled_from(FOLDERS),
        st.sampled_from(FOLDERS),
    ),
    min_size=1,
    max_size=8,
)
Moves = Sequence[tuple[str, str, str]]
Recognize = Callable[[Sequence[Place], Gradebook, Assignment], list[Place]]


def put(klass: Path, name: str, text: str) -> None:
    (klass / name / "pack").mkdir(parents=True)
    (klass / name / "pack" / "one.py").write_text(text)


def moved(klass: Path, number: int, move: tuple[str, str, str]) -> None:
    """Change who is there, in one way."""
    what, one, other = move
    if what == "add" and not (klass / one).exists():
        put(klass, one, f"# bytes {number}\n")
    elif what == "remove" and (klass / one).exists():
        shutil.rmtree(klass / one)
    elif what == "rename" and (klass / one).exists() and not (klass / other).exists():
        (klass / one).rename(klass / other)
    elif what == "swap" and one != other and (klass / one).exists() and (klass / other).exists():
        (klass / one).rename(klass / "aside")
        (klass / other).rename(klass / one)
        (klass / "aside").rename(klass / other)


def mixed_up(moves: Moves, recognize: Recognize) -> str:
    """Play *moves*, with a run after each; say whose name went to whom else, or "".

    A name may go from one source to another only where that one has the bytes that had it.
    """
    with tempfile.TemporaryDirectory() as made, Gradebook(Path(made, "grades")) as book:
        klass = Path(made, "class")
        klass.mkdir()
        owners: dict[str, tuple[str, str]] = {}
        for number, move in enumerate([("add", "bob", "bob"), *moves]):
            moved(klass, number, move)
            if not any(klass.iterdir()):
                continue
            places = recognize(found([klass], ASSIGNMENT, as_="class").places, book, ASSIGNMENT)
            names = [place.name for place in places]
            if len({name.casefold() for name in names}) < len(names):
                return f"{names} are not all different"
            for place in places:
                content = read_submission(place, ASSIGNMENT).content
                source, bytes_before = owners.get(place.name, (place.identity, content))
                if source != place.identity and bytes_before != content:
                    return f"{place.name} was of {source}, and is of {place.identity}"
                owners[place.name] = place.identity, content
                book.save(_result(place, content), ["A"])
    return ""


def _result(place: Place, content: str) -> Any:
    return {
        "submission": place.name, "source": place.source, "content": content, "key": "k",
        "grader": "0", "status": "graded", "score": 0.0, "max_score": 0.0, "pending": 0.0,
        "notebooks": {}, "questions": [],
    }  # fmt: skip


@cases(25, 0.2)
@given(MOVES)
def test_marks_stay_with_who_has_them(moves: Moves) -> None:
    """Whoever comes, goes or is renamed, in whatever order, with a run after each."""
    tried["changes of a class"] += len(moves)
    assert mixed_up(moves, recognized) == ""


def test_the_search_finds_names_that_are_taken_over() -> None:
    """Were names given afresh in each run, somebody would get another's."""

    def afresh(places: Sequence[Place], book: Gradebook, assignment: Assignment) -> list[Place]:
        del book, assignment
        return named(places)

    assert find(MOVES, lambda moves: mixed_up(moves, afresh) != "", settings=cases(300))
