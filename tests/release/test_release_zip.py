"""The students' zip: template, engine and requirements, the same bytes each time."""

from __future__ import annotations

import io
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from grader.authoring import building, releasing, wheel
from grader.authoring.release import examples
from grader.authoring.release.folder import check
from grader.cli import main
from grader.key import load
from grader.kinds import LADDER


def unpacked(path: Path) -> dict[str, bytes]:
    """Return the files of the zip, by path below the folder that it wraps around them."""
    with zipfile.ZipFile(path) as archive:
        return {name.partition("/")[2]: archive.read(name) for name in archive.namelist()}


def test_the_zip_is_the_template_with_the_engine(toy_course: Path, tmp_path: Path) -> None:
    """And requirements that begin with the wheel's file, not with a name on an index."""
    made = releasing.make(toy_course, tmp_path / "toy.zip")
    files = unpacked(made)
    (engine,) = (name for name in files if name.endswith(".whl"))
    template = toy_course.parent / "student_template"
    others = {name: data for name, data in files.items() if name != engine}
    assert check(others, template) == ["stale: requirements.txt"]
    lines = files["requirements.txt"].decode().splitlines()
    assert next(line for line in lines if not line.startswith("#")) == f"./{engine}"
    assert not [line for line in lines if line.startswith(("grader", "assignment-grader"))]


def test_two_releases_are_byte_identical(
    toy_course: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Neither the time nor an order of files is in it."""
    for name in ("one.zip", "other.zip"):
        assert main(["release", "-a", str(toy_course), "-o", str(tmp_path / name)]) == 0
    assert "other.zip: give this to students" in capsys.readouterr().err
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "other.zip").read_bytes()


def test_the_wheel_runs_by_itself(tmp_path: Path) -> None:
    """From its own files alone: its command line, its templates, its metadata."""
    name, data = wheel.wheel()
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        archive.extractall(tmp_path)
        names = archive.namelist()
        record = next(entry for entry in names if entry.endswith(".dist-info/RECORD"))
        listed = [line.rsplit(",", 2)[0] for line in archive.read(record).decode().splitlines()]
    assert sorted(listed) == sorted(names)
    assert name.startswith("assignment_grader-")
    assert "grader/reports/templates/cell.html.j2" in names
    assert not [entry for entry in names if "__pycache__" in entry]
    code = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import grader; print(grader.__file__)"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.startswith(str(tmp_path))


@pytest.fixture
def course(toy_course: Path, tmp_path: Path) -> Path:
    """A copy of the built toy course."""
    shutil.copytree(toy_course.parent, tmp_path / "course")
    return tmp_path / "course" / toy_course.name


@pytest.mark.parametrize("path", ["checks/examples.bin", "scales/scale.py"])
def test_a_template_that_is_not_fresh_is_refused(course: Path, tmp_path: Path, path: str) -> None:
    """What was changed by hand, or isn't there, isn't given out."""
    (course.parent / "student_template" / path).unlink()
    with pytest.raises(building.BuildError, match="grader build"):
        releasing.make(course, tmp_path / "zip.zip")
    assert not (tmp_path / "zip.zip").exists()


def test_a_hidden_example_among_the_public_ones_is_found(course: Path, tmp_path: Path) -> None:
    """A whole one, and an array of one: neither may be given out."""
    from grader.key.examples import dump
    from grader.key.examples import load as public_examples
    from grader.model.checks import AnsweredRun
    from grader.model.programs import Run

    template = course.parent / "student_template"
    key = load(course.parent / "reference_outputs")
    runs = public_examples(template / "checks", key.assignment)
    assert runs is not None
    assert examples.scan(dump(key.assignment, runs), key) == []
    name = next(name for name in runs if name in key.sheets)
    drawn = [dict(example) for example in key.sheets[name].run.examples]
    own = [dict(example) for example in runs[name].run.examples]
    name_of, array = next(
        (name, value)
        for example in drawn
        for name, value in example.items()
        if getattr(value, "size", 0) >= 12
    )
    for leaked in ([*own[:-1], drawn[0]], [{**own[0], name_of: array}, *own[1:]]):
        run = Run(name, runs[name].run.program, leaked)
        made: Mapping[str, AnsweredRun] = {**runs, name: AnsweredRun(run, runs[name].answers)}
        (leak,) = examples.scan(dump(key.assignment, made), key)
        assert "of a hidden check" in str(leak)
        for path, data in dump(key.assignment, made).items():
            (template / path).write_bytes(data)
        with pytest.raises(building.BuildError, match="leak"):
            releasing.make(course, tmp_path / "zip.zip")


def test_every_key_has_the_public_examples_of_the_template(course: Path, tmp_path: Path) -> None:
    """A course's own key explains by what its students have, whatever draws here."""
    from grader.key.draws import digest
    from grader.key.examples import dump
    from grader.key.examples import load as public_examples
    from grader.model.checks import AnsweredRun
    from grader.model.programs import Run

    template = course.parent / "student_template"
    assignment = load(course.parent / "reference_outputs").assignment
    runs = public_examples(template / "checks", assignment)
    assert runs is not None
    # As another version of Hypothesis would have drawn them: in another order.
    turned = {
        name: AnsweredRun(
            Run(name, entry.run.program, list(entry.run.examples)[::-1]),
            list(entry.answers)[::-1],
            [list(also)[::-1] for also in entry.also],
            entry.first,
        )
        for name, entry in runs.items()
    }
    for path, data in dump(assignment, turned).items():
        (template / path).write_bytes(data)
    building.own_key(course, tmp_path / "own", "a secret of this course's, long enough")
    own = load(tmp_path / "own")
    for name, entry in own.ladders.items():
        assert digest(list(map(dict, entry.run.examples))) == digest(
            list(map(dict, turned[name].run.examples[:LADDER]))
        )
