"""The peers: how each is installed, and how its documentation tells an instructor to grade a class.

A notebook is run before the items as far as is asked: not at all, its first cell, or all of it.

nbgrader autogrades all students of an assignment by one command. Otter's own command for a class
needs Docker; without it, its documentation gives a Python API, which one process calls for each
submission (``otter_class.py``). Both find a submission's package by its path.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import venv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

import nbformat
from items import ITEMS, SETUP
from nbformat.v4 import new_code_cell, new_notebook
from spent import spent
from usage import ENVIRONMENT

#: With what the assignment asks students to have.
PINS = {
    "nbgrader": ("nbgrader==0.9.6", "ipykernel", "numpy==2.4.*", "matplotlib"),
    "otter": ("otter-grader==7.0.0", "ipykernel", "numpy==2.4.*", "matplotlib"),
}
#: What runs of a hand-in's notebook before the items.
Part = Literal["nothing", "first cell", "whole"]
#: For each submission of a class, the items that it passes; None where the peer gave no result.
Passed = dict[Path, set[str] | None]


class Unavailable(RuntimeError):
    """A peer can't be compared; the message says why."""


class Peer(Protocol):
    """A grader of classes of submissions, in an environment and a folder of its own."""

    def prepare(self, name: str, places: Sequence[Path]) -> None:
        """Lay out a class under a name, as often as it will be graded."""

    def grade(self, name: str, timeout: float | None = None) -> float:
        """Grade that class by one command; return the CPU seconds of all its processes.

        Raises subprocess.TimeoutExpired after that many seconds, with all of them ended.
        """

    def passed(self, name: str) -> Passed:
        """Return what the last grading of that class found."""


@dataclass(frozen=True)
class Nbgrader:
    """One course for each class, of one assignment."""

    programs: Path
    folder: Path
    part: Part

    def prepare(self, name: str, places: Sequence[Path]) -> None:
        course = self.folder / name
        for place, target in [
            (places[0], course / "source/ps"),
            *((place, course / "submitted" / place.name / "ps") for place in places),
        ]:
            target.mkdir(parents=True)
            (target / "place.txt").write_text(str(place), "utf-8")
            cells = _setup(place, self.part)
            cells[0].metadata["nbgrader"] = _nbgrader("setup", solution=True)
            for id, text in ITEMS.items():
                cells.append(new_code_cell(text))
                cells[-1].metadata["nbgrader"] = _nbgrader(id, points=1)
            nbformat.write(_notebook(cells), target / "work.ipynb")
        (course / "nbgrader_config.py").write_text(
            "c = get_config()\nc.ExecutePreprocessor.timeout = None\n"
        )
        _quietly(self.programs, ["nbgrader", "generate_assignment", "ps", "--force"], course)

    def grade(self, name: str, timeout: float | None = None) -> float:
        course = self.folder / name
        shutil.rmtree(course / "autograded", ignore_errors=True)
        command = [str(self.programs / "nbgrader"), "autograde", "ps", "--force"]
        return spent(command, course, _environment(self.programs), timeout)

    def passed(self, name: str) -> Passed:
        found: Passed = {}
        course = self.folder / name
        for student in sorted((course / "submitted").iterdir()):
            place = Path((student / "ps/place.txt").read_text("utf-8"))
            graded = course / "autograded" / student.name / "ps/work.ipynb"
            found[place] = None
            if graded.exists():
                cells = nbformat.read(graded, as_version=4).cells
                items = [cell for cell in cells if cell.metadata.get("nbgrader", {}).get("grade")]
                found[place] = {c.metadata.nbgrader.grade_id for c in items if _ran_well(c)}
        return found


@dataclass(frozen=True)
class Otter:
    """One archive of tests, and a folder of notebooks for each class."""

    programs: Path
    folder: Path
    part: Part

    def prepare(self, name: str, places: Sequence[Path]) -> None:
        archive = self.folder / "tests.zip"
        if not archive.exists():
            tests = self.folder / "tests"
            tests.mkdir(parents=True)
            for id, text in ITEMS.items():
                (tests / f"{_identifier(id)}.py").write_text(_otter_test(id, text), "utf-8")
            command = ["otter", "generate", "-t", "tests", "-o", archive.name, "--no-environment"]
            _quietly(self.programs, command, self.folder)
        (self.folder / name).mkdir()
        for place in places:
            notebook = _notebook(_setup(place, self.part))
            nbformat.write(notebook, self.folder / name / f"{place.name}.ipynb")
        listed = json.dumps({f"{name}/{place.name}.ipynb": str(place) for place in places})
        (self.folder / f"{name}.places.json").write_text(listed, "utf-8")

    def grade(self, name: str, timeout: float | None = None) -> float:
        (self.folder / f"{name}.json").unlink(missing_ok=True)
        program = str(Path(__file__).with_name("otter_class.py"))
        command = [str(self.programs / "python"), program, "tests.zip", f"{name}.json"]
        command += self._places(name)
        return spent(command, self.folder, _environment(self.programs), timeout)

    def passed(self, name: str) -> Passed:
        file = self.folder / f"{name}.json"
        found = json.loads(file.read_text("utf-8")) if file.exists() else {}
        ids = {_identifier(id): id for id in ITEMS}
        return {
            Path(place): None if (names := found.get(notebook)) is None else {ids[n] for n in names}
            for notebook, place in self._places(name).items()
        }

    def _places(self, name: str) -> dict[str, str]:
        return dict(json.loads((self.folder / f"{name}.places.json").read_text("utf-8")))


def installed(name: str, environments: Path, scratch: Path, part: Part) -> Peer:
    """Return a peer of :data:`PINS`, in its environment; make that if it isn't there as pinned.

    Raises :class:`Unavailable` where pip can't.
    """
    programs = environments / name / "bin"
    packages = "\n".join(PINS[name])
    note = environments / name / "packages.txt"
    if not note.exists() or note.read_text("utf-8") != packages:
        venv.create(environments / name, with_pip=True)
        _quietly(programs, ["pip", "install", "--quiet", *PINS[name]], environments)
        note.write_text(packages, "utf-8")
    folder = scratch / name
    folder.mkdir()
    return (Nbgrader if name == "nbgrader" else Otter)(programs, folder, part)


def _setup(place: Path, part: Part) -> list[nbformat.NotebookNode]:
    """Return the cells before the items: a hand-in's own, as far as asked, and helpers."""
    path, items = SETUP.replace("PLACE", repr(str(place))).split("\n\n", 1)
    notebook = nbformat.read(next(place.glob("FullyConnected*.ipynb")), as_version=4)
    own = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    if part == "whole":
        return [new_code_cell(source) for source in (path, *own, items)]
    own = own[:1] if part == "first cell" else []
    return [new_code_cell("\n\n".join([path, *own, items]))]


def _notebook(cells: list[nbformat.NotebookNode]) -> nbformat.NotebookNode:
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return new_notebook(cells=cells, metadata={"kernelspec": kernel})


def _nbgrader(id: str, *, solution: bool = False, points: int = 0) -> dict[str, object]:
    return {
        "schema_version": 3,
        "grade_id": id,
        "grade": bool(points),
        "points": points,
        "locked": not solution,
        "solution": solution,
        "task": False,
        "cell_type": "code",
    }


def _ran_well(cell: nbformat.NotebookNode) -> bool:
    return cell.execution_count is not None and all(
        output.output_type != "error" for output in cell.outputs
    )


def _identifier(id: str) -> str:
    return id.replace("-", "_")


def _otter_test(id: str, text: str) -> str:
    name = _identifier(id)
    body = "".join(f"    {line}\n" for line in ("globals().update(env)", *text.splitlines()))
    return (
        "from otter.test_files import test_case\n\nOK_FORMAT = False\n"
        f"name = {name!r}\npoints = 1\n\n\n@test_case()\ndef test_{name}(env):\n{body}"
    )


def _environment(programs: Path) -> dict[str, str]:
    # Both call other programs of their environment by name.
    return {**ENVIRONMENT, "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"}


def _quietly(programs: Path, command: list[str], folder: Path) -> None:
    done = subprocess.run(
        [str(programs / command[0]), *command[1:]],
        cwd=folder,
        env=_environment(programs),
        capture_output=True,
        text=True,
    )
    if done.returncode:
        said = (done.stderr.strip().splitlines() or ["it said nothing"])[-1][:200]
        raise Unavailable(f"{' '.join(command[:2])} failed: {said}")
