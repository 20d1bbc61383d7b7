"""``grader similar``: pairs of a class, with earlier years, under pseudonyms, for others' tools."""

from __future__ import annotations

import csv
import re
import shlex
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest_cli import PLAIN, Grade, Put, Said

Grader = Callable[..., Said]
ODD = """
def scale_forward(x, w):
    first = np.einsum("nd,d->nd", x, w) + 0.125 * np.linalg.norm(w)
    for row in range(len(first)):
        first[row] -= np.clip(first[row], -3.5, 12.75) % 7
    return first, (x, w)
"""
COPY = """
def scale_forward(x, w):
    # the same in other words
    a = (np.einsum('nd,d->nd', x, w)
         + 0.125 * np.linalg.norm(w))
    for i in range(len(a)):
        a[i] -= np.clip(a[i], -3.5, 12.75) % 7
    return (a, (x, w))
"""
OWN = "def scale_forward(x, w):\n    return np.multiply(np.ones_like(x) @ np.diag(w), x) - 1, w\n"


@pytest.fixture
def similar(grader: Grader, toy_course: Path, grades: Path) -> Grader:
    """Compare the class."""

    def run(*arguments: object) -> Said:
        return grader("similar", "-a", toy_course, "-o", grades, *PLAIN, *arguments)

    return run


@pytest.fixture
def marked(grade: Grade, put: Put, klass: Path) -> None:
    """A class of three, of whom two are alike."""
    put("ada", scale=ODD)
    put("bo", scale=COPY)
    put("cy", scale=OWN)
    assert grade("--as", "class", klass).code == 0


def rows(grades: Path) -> list[dict[str, str]]:
    text = (grades / "similar.csv").read_text("utf-8-sig")
    return list(csv.DictReader(text.splitlines()))


@pytest.mark.usefixtures("marked")
def test_a_pair_is_written_to_page_and_table(similar: Grader, grades: Path, tmp_path: Path) -> None:
    """Beside each other; with sources for other detectors; then under pseudonyms alone."""
    place = tmp_path / "export"
    said = similar("--to", place)
    assert said.code == 0, said.err
    assert "too small" in said.err
    first = rows(grades)[0]
    assert {first["one"], first["other"]} == {"ada", "bo"}
    assert first["stands_apart"] == ""
    page = (grades / "similar.html").read_text("utf-8")
    assert "np.einsum" in page
    assert "ada and bo" in page

    assert (place / "submissions" / "ada" / "scale.py").read_text("utf-8").strip() == ODD.strip()
    assert (place / "template" / "scale.py").is_file()
    table = list(csv.DictReader((place / "info.csv").read_text("utf-8").splitlines()))
    assert {row["full_name"] for row in table} == {"ada", "bo", "cy"}
    assert all((place / row["filename"]).is_file() for row in table)

    assert similar("--pseudonyms").code == 0
    for file in ("similar.html", "similar.csv"):
        text = (grades / file).read_text("utf-8")
        assert not re.search(r"""[">\s](ada|bo|cy)["<\s]""", text)


@pytest.mark.usefixtures("marked")
def test_the_second_time_nothing_is_read_anew(
    similar: Grader, grades: Path, klass: Path, put: Put, grade: Grade
) -> None:
    """Only who handed in again is read, and the table follows."""
    assert similar("-q").code == 0
    first = rows(grades)
    assert similar("-q").code == 0
    assert rows(grades) == first
    put("bo", scale=OWN)
    grade("--as", "class", klass)
    assert similar("-q").code == 0
    again = rows(grades)[0]
    assert {again["one"], again["other"]} == {"bo", "cy"}


@pytest.mark.usefixtures("marked")
def test_earlier_years_are_compared(
    similar: Grader, grades: Path, klass: Path, tmp_path: Path
) -> None:
    """A folder of another class; its hand-ins are read by a confined process as well."""
    earlier = tmp_path / "2019"
    (earlier / "dee" / "scales").mkdir(parents=True)
    (earlier / "dee" / "scales" / "scale.py").write_text(OWN)
    shutil.copyfile(klass / "cy" / "scales" / "steps.py", earlier / "dee" / "scales" / "steps.py")
    (earlier / "eli").mkdir()
    (earlier / "eli" / "notes.txt").write_text("nothing\n")
    said = similar("--against", earlier)
    assert said.code == 0, said.err
    found = [row for row in rows(grades) if row["earlier"]]
    assert [(row["one"], row["other"]) for row in found] == [("cy", "dee")]
    assert "eli" in (grades / "similar.html").read_text("utf-8")
    assert similar("--against", tmp_path / "none").code == 2


def test_every_command_of_the_page_works(
    grader: Grader,
    put: Put,
    klass: Path,
    root: Path,
    toy_course: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Typed in their order, in a folder that holds the assignment and a class."""
    for name, text in (("ada", ODD), ("bo", COPY), ("cy", OWN)):
        put(name, scale=text)
    work = Path(shutil.copytree(toy_course.parent, tmp_path / "course")) / "assignment"
    for name in ("homework-2024", "homework-2025"):
        shutil.copytree(klass, tmp_path / "course" / name)
    shutil.copytree(klass, work / "class")
    monkeypatch.chdir(work)
    page = (root / "docs" / "similar.md").read_text("utf-8")
    lines = [
        line
        for text in re.findall(r"```sh\n(.*?)```", page, re.DOTALL)
        for line in text.splitlines()
    ]
    assert len(lines) > 3
    for line in lines:
        program, *words = shlex.split(line)
        assert program == "grader"
        said = grader(*words, *PLAIN)
        assert said.code == 0, (line, said.err)
    assert (work / "sources" / "info.csv").is_file()
