"""Whose a name is: nobody gets another's marks or pseudonym by being called like him."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from grader.classroom import hand_marks
from grader.classroom.gradebook import Gradebook, Mark
from grader.classroom.identity import recognized
from grader.key.sources import manifest
from grader.submissions import Unreadable, find, read_submission

TEXT = "A ReLU has no slope below zero."
Run = Callable[..., dict[str, str]]


@pytest.fixture
def gradebook(tmp_path: Path) -> Iterator[Gradebook]:
    """An empty gradebook."""
    with Gradebook(tmp_path / "grades") as opened:
        yield opened


@pytest.fixture
def run(toy_course: Path, gradebook: Gradebook) -> Run:
    """Store a result for each submission below some paths; return names by last part and path."""
    assignment = manifest(toy_course)

    def run(*paths: Path, as_: str | None = "class") -> dict[str, str]:
        places = recognized(find(paths, assignment, as_=as_).places, gradebook, assignment)
        for place in places:
            try:
                content = read_submission(place, assignment).content
            except Unreadable:
                content = ""
            gradebook.save(result(place.name, place.source, content), ["Scales"])
        assert len({place.name.casefold() for place in places}) == len(places)
        several = len(paths) > 1
        return {
            f"{place.path.parent.name}/{place.last}" if several else place.last: place.name
            for place in places
        }

    return run


def result(name: str, source: str, content: str) -> dict[str, Any]:
    """A result with one answer that waits."""
    question = {
        "id": "inline-1", "status": "needs_marking", "score": 0.0, "max_score": 3.0,
        "notebook": "Scales", "title": "Q", "notes": [], "evidence": {"answer": TEXT},
    }  # fmt: skip
    return {
        "submission": name, "source": source, "content": content, "key": "k", "grader": "0",
        "status": "graded", "score": 0.0, "max_score": 0.0, "pending": 3.0,
        "notebooks": {"Scales": {"score": 0.0, "max_score": 0.0}}, "questions": [question],
    }  # fmt: skip


def put(folder: Path, name: str, text: str = "") -> Path:
    """Hand in a package whose bytes are the name's own, or *text*."""
    package = folder / name / "scales"
    package.mkdir(parents=True)
    (package / "scale.py").write_text(f"# {text or name}\n")
    return folder / name


def mark(gradebook: Gradebook, name: str) -> str:
    """Mark an answer, as a person does, and draw a pseudonym; return it."""
    gradebook.mark(Mark(name, "inline-1", hand_marks.fingerprint(TEXT), 3.0))
    return gradebook.pseudonym(name, lambda: f"pseudonym of {name}")


def scores(gradebook: Gradebook, names: dict[str, str]) -> dict[str, float]:
    """Return what each has by hand, by the last part of its path."""
    found = {r["submission"]: r["score"] for r in hand_marks.results(gradebook, names.values())}
    return {last: found[name] for last, name in names.items()}


@pytest.mark.parametrize("thief", [" bob", "Bob", "bob .", "b\u200bob", "BOB", "bob.zip"])
def test_a_name_like_another_s_gets_nothing(
    run: Run, gradebook: Gradebook, tmp_path: Path, thief: str
) -> None:
    """Whoever comes later gets a number: the marks and the pseudonym stay where they were."""
    klass = tmp_path / "class"
    put(klass, "bob")
    assert run(klass) == {"bob": "bob"}
    drawn = mark(gradebook, "bob")
    # The same answer in other code.
    put(klass, thief, "stolen") if thief != "bob.zip" else shutil.make_archive(
        str(klass / "bob"), "zip", put(tmp_path, "other").parent, "other"
    )
    for _ in range(2):
        names = run(klass)
        assert names["bob"] == "bob"
        assert names[thief] != "bob"
        assert scores(gradebook, names) == {"bob": 3.0, thief: 0.0}
        assert gradebook.pseudonym(names["bob"], lambda: "another") == drawn
        assert gradebook.pseudonym(names[thief], lambda: "a new one") == "a new one"


def test_a_renamed_folder_takes_nobody_s_place(
    run: Run, gradebook: Gradebook, tmp_path: Path
) -> None:
    """Not while the other is there, and not when he isn't."""
    klass = tmp_path / "class"
    put(klass, "bob")
    put(klass, "eve")
    run(klass)
    mark(gradebook, "bob")
    shutil.move(klass / "bob", tmp_path / "away")
    shutil.move(klass / "eve", klass / "Bob")
    names = run(klass)
    assert names == {"Bob": "Bob (2)"}
    assert scores(gradebook, names) == {"Bob": 0.0}
    shutil.move(tmp_path / "away", klass / "bob")
    names = run(klass)
    assert names == {"Bob": "Bob (2)", "bob": "bob"}
    assert scores(gradebook, names) == {"bob": 3.0, "Bob": 0.0}


def test_names_stay_whoever_is_graded(run: Run, gradebook: Gradebook, tmp_path: Path) -> None:
    """In another order, alone, named twice, with new ones: a name that was given stays."""
    klass = tmp_path / "class"
    for name in ("bob", "bob (2)", "zoe"):
        put(klass, name)
    first = run(klass)
    put(klass, "Bob")
    put(klass, "BOB (2)")
    second = run(klass)
    assert first.items() <= second.items()
    assert run(klass / "zoe", klass / "Bob", as_="one") == {
        "class/zoe": "zoe",
        "class/Bob": second["Bob"],
    }
    for _ in range(2):
        run(klass / "zoe", klass / "zoe", as_="one")
        assert gradebook.names() == {*second.values(), "zoe (2)"}


def test_a_class_that_was_moved_is_the_same(run: Run, gradebook: Gradebook, tmp_path: Path) -> None:
    """Same bytes below the same name; with other bytes, or while the first is there, it is new."""
    klass = tmp_path / "class"
    for name in ("ada", "bob", "cy"):
        put(klass, name)
    run(klass)
    mark(gradebook, "bob")
    moved = klass.rename(tmp_path / "again")
    (moved / "cy" / "scales" / "scale.py").write_text("# not the same\n")
    put(moved, "bob 2", "bob")
    names = run(moved)
    assert names == {"ada": "ada", "bob": "bob", "bob 2": "bob 2", "cy": "cy (2)"}
    assert scores(gradebook, names)["bob"] == 3.0
    shutil.copytree(moved, tmp_path / "copy")
    both = run(moved, tmp_path / "copy")
    assert both["again/bob"] == "bob"
    assert both["copy/bob"] == "bob (2)"


def test_a_zip_packed_in_another_way_is_the_same(run: Run, tmp_path: Path) -> None:
    """A hand-in replaced by a later one keeps its name, whatever the zip wraps around it."""
    klass = tmp_path / "class"
    for version in ("first", "second"):
        put(tmp_path / version, "bob", version)
        shutil.make_archive(str(klass / "bob"), "zip", tmp_path, f"{version}/bob")
        assert run(klass) == {"bob.zip": "bob"}
        assert run(klass / "bob.zip", as_="one") == {"bob.zip": "bob"}


def test_a_gradebook_of_before_gives_its_names_to_whom_they_were(
    run: Run, gradebook: Gradebook, tmp_path: Path, toy_course: Path
) -> None:
    """Without a table of sources: the same path's end, the same bytes first; nobody else."""
    klass = tmp_path / "class"
    for name in ("bob", "eve", "class.html"):
        put(klass, name)
    run(klass)
    mark(gradebook, "bob")
    with sqlite3.connect(gradebook.path) as old:
        old.execute("drop table sources")
        old.execute("update results set submission = 'class.html (2)', result = replace(result, "
                    "'\"submission\": \"class.html\"', '\"submission\": \"class.html (2)\"') "
                    "where submission = 'class.html'")  # fmt: skip
    put(klass, " bob", "stolen")
    put(klass, "Bob", "stolen too")
    assignment = manifest(toy_course)
    with Gradebook(tmp_path / "grades") as opened:
        places = find([klass], assignment, as_="class").places
        names = {p.last: p.name for p in recognized(places, opened, assignment)}
        assert names == {
            " bob": "bob (2)",
            "Bob": "Bob (3)",
            "bob": "bob",
            "class.html": "class.html (2)",
            "eve": "eve",
        }


def packed(folder: Path, name: str, text: str) -> Path:
    """Hand in a zip with a package of one line."""
    whole = put(folder.parent / f"{name} unpacked", "x", text)
    folder.mkdir(exist_ok=True)
    return Path(shutil.make_archive(str(folder / name), "zip", whole))


def test_marks_follow_a_student_through_resubmissions_of_other_names(
    run: Run, gradebook: Gradebook, tmp_path: Path
) -> None:
    """The system renames a later file, and another download holds it: the marks are there."""
    packed(tmp_path / "a", "doejane_10231_884123_hw2", "one")
    packed(tmp_path / "a", "doejane_10232_884124_hw2", "another Jane")
    first = run(tmp_path / "a")
    assert sorted(first.values()) == ["doejane_10231", "doejane_10232"]
    mark(gradebook, "doejane_10231")
    packed(tmp_path / "b", "doejane_LATE_10231_891777_hw2-1", "two")
    names = run(tmp_path / "b")
    assert list(names.values()) == ["doejane_10231"]
    assert list(scores(gradebook, names).values()) == [3.0]
    assert gradebook.owners()["doejane_10231"]["late"]


@pytest.mark.parametrize("moved", [False, True])
def test_a_gradebook_that_kept_files_knows_their_owners(
    run: Run, gradebook: Gradebook, tmp_path: Path, moved: bool
) -> None:
    """Rows of single files become their student's: one name, and the marks of all."""
    for name in ("ada_1_10_hw", "ada_LATE_1_20_hw-1", "bo_2_11_hw"):
        packed(tmp_path / "a", name, name)
    with sqlite3.connect(gradebook.path) as old:
        for name in ("ada_1_10_hw", "ada_LATE_1_20_hw-1", "bo_2_11_hw"):
            identity = f'["{tmp_path / "a" / name}.zip", "", 0]'
            old.execute("insert into sources values (?,?)", (name, identity))
    for name in ("ada_1_10_hw", "ada_LATE_1_20_hw-1"):
        gradebook.save(result(name, f"{name}.zip", name), ["Scales"])
    mark(gradebook, "ada_1_10_hw")
    folder = (tmp_path / "a").rename(tmp_path / "b") if moved else tmp_path / "a"
    names = run(folder)
    assert len(names) == 2
    assert sum(scores(gradebook, names).values()) == 3.0
    assert len(gradebook.submissions()) == 2
