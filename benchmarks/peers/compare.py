"""The same submissions and items through nbgrader and otter-grader: CPU seconds a submission.

    python benchmarks/peers/compare.py [-n 6] [--rounds 2] [--environments DIR]

Installs both, pinned, into virtual environments of their own (kept in DIR), writes the twelve
code items (``items.py``) as tests of a notebook for each, and grades one class by turns with
nbgrader, otter and grader. CPU is that of all processes, by wait4. A peer that can't be
installed or doesn't grade is left out, with the reason. The peers run far fewer examples than
grader does, and in otter's case with no kernel's start taken off: that is what each costs its user.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import venv
from collections.abc import Callable
from pathlib import Path
from statistics import median

import nbformat
from items import ITEMS, SETUP
from nbformat.v4 import new_code_cell, new_notebook

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from classes import ASSIGNMENT, make
from usage import ENVIRONMENT, grader, run

PINS = {"nbgrader": "nbgrader==0.9.6", "otter": "otter-grader==7.0.0"}
NUMPY = "numpy==2.4.*"

Grade = Callable[[], float]


class Unavailable(RuntimeError):
    """A peer can't be compared; the message says why."""


def installed(name: str, folder: Path) -> Path:
    """Return the folder of the programs of a peer's environment; make it if it isn't there."""
    programs = folder / name / "bin"
    if not (programs / name).exists():
        venv.create(folder / name, with_pip=True)
        packages = [PINS[name], NUMPY, "ipykernel"]
        command = [str(programs / "pip"), "install", "--quiet", *packages]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            raise Unavailable(f"{PINS[name]} can't be installed: {_last(done.stderr)}")
    return programs


def nbgrader(programs: Path, folder: Path, submissions: list[Path]) -> Grade:
    """Return a function that autogrades all submissions and returns its CPU seconds."""
    course = folder / "nbgrader"
    for name, place in [("source", None), *((place.name, place) for place in submissions)]:
        target = course / ("source/ps" if place is None else f"submitted/{name}/ps")
        target.mkdir(parents=True)
        cells = [new_code_cell(SETUP.replace("PLACE", repr(str(place or submissions[0]))))]
        cells[0].metadata["nbgrader"] = _nbgrader("setup", solution=True)
        for id, text in ITEMS.items():
            cells.append(new_code_cell(text))
            cells[-1].metadata["nbgrader"] = _nbgrader(id, points=1)
        nbformat.write(_notebook(cells), target / "work.ipynb")
    (course / "nbgrader_config.py").write_text("c = get_config()\n")
    _quietly(programs, ["nbgrader", "generate_assignment", "ps", "--force"], course)
    command = [str(programs / "nbgrader"), "autograde", "ps", "--force"]

    def grade() -> float:
        used = run(command, cwd=course, env=_environment(programs)).cpu
        for place in submissions:
            graded = course / "autograded" / place.name / "ps" / "work.ipynb"
            book = nbformat.read(graded, as_version=4)
            errors = [o for c in book.cells for o in c.outputs if o.output_type == "error"]
            _plausible(place, len(ITEMS) - len(errors))
        return used

    return grade


def otter(programs: Path, folder: Path, submissions: list[Path]) -> Grade:
    """Return a function that runs every submission, as from the shell, and sums CPU seconds."""
    tests = folder / "otter" / "tests"
    tests.mkdir(parents=True)
    for id, text in ITEMS.items():
        body = "".join(f"    {line}\n" for line in ("env = globals()", *text.splitlines()))
        name = id.replace("-", "_")
        (tests / f"{name}.py").write_text(
            "from otter.test_files import test_case\n\nOK_FORMAT = False\n"
            f"name = {name!r}\npoints = 1\n\n\n"
            f"@test_case()\ndef test_{name}(env):\n"
            "    globals().update(env)\n" + body.replace("    env = globals()\n", "")
        )
    base = tests.parent
    archive = ["generate", "-t", "tests", "-o", "auto.zip", "--no-environment"]
    _quietly(programs, ["otter", *archive], base)
    for place in submissions:
        cells = [new_code_cell(SETUP.replace("PLACE", repr(str(place))))]
        nbformat.write(_notebook(cells), base / f"{place.name}.ipynb")

    def grade() -> float:
        used = 0.0
        for place in submissions:
            command = [str(programs / "otter"), "run", "-a", "auto.zip", f"{place.name}.ipynb"]
            used += run(command, cwd=base, env=_environment(programs)).cpu
            found = json.loads((base / "results.json").read_text("utf-8"))["tests"]
            _plausible(place, sum(test.get("score") or 0 for test in found))
        return used

    return grade


def _plausible(place: Path, passed: float) -> None:
    """Refuse to compare with a peer that judges a right submission wrong."""
    if place.name.endswith("-right") and passed < len(ITEMS):
        raise Unavailable(f"of {place.name} it passes {passed:g} of {len(ITEMS)} items")


def _environment(programs: Path) -> dict[str, str]:
    # Both call other programs of their environment by name.
    return {**ENVIRONMENT, "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"}


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


def _notebook(cells: list[nbformat.NotebookNode]) -> nbformat.NotebookNode:
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return new_notebook(cells=cells, metadata={"kernelspec": kernel})


def _quietly(programs: Path, command: list[str], folder: Path) -> None:
    done = subprocess.run(
        [str(programs / command[0]), *command[1:]],
        cwd=folder,
        env=_environment(programs),
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise Unavailable(f"{' '.join(command[:2])} failed: {_last(done.stderr)}")


def _last(text: str) -> str:
    return (text.strip().splitlines() or ["it said nothing"])[-1][:200]


def main() -> None:
    """Measure by turns, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("-n", type=int, default=6, help="submissions (6)")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--environments", type=Path, default=Path(tempfile.gettempdir(), "peers"))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="grader-peers-") as scratch:
        _compare(options, Path(scratch))


def _compare(options: argparse.Namespace, scratch: Path) -> None:
    kinds = (["right", "mistaken"] * options.n)[: options.n]
    make(scratch / "class", kinds, seed=1)
    submissions = sorted((scratch / "class").iterdir())
    graders: dict[str, Grade] = {}
    for name, prepare in (("nbgrader", nbgrader), ("otter", otter)):
        try:
            programs = installed(name, options.environments.resolve())
            graders[name] = prepare(programs, scratch, submissions)
        except Unavailable as reason:
            print(f"{name}: left out, since {reason}")
    runs = iter(range(10_000))

    def ours() -> float:
        output = ["-q", "-a", str(ASSIGNMENT), "-o", str(scratch / f"grades-{next(runs)}")]
        isolation = ["--isolation", "landlock+seccomp"]
        return run(
            grader("grade", str(scratch / "class"), "--only", "code", *output, *isolation)
        ).cpu

    graders["grader"] = ours
    found: dict[str, list[float]] = {name: [] for name in graders}
    for _ in range(options.rounds):
        for name, grade in list(graders.items()):
            try:
                found[name].append(grade() / len(submissions))
            except (Unavailable, subprocess.CalledProcessError) as reason:
                print(f"{name}: left out, since {reason}")
                del graders[name], found[name]
    base = median(found["grader"])
    print(f"{len(submissions)} submissions, start-up included\n")
    print(f"{'':<12}{'CPU s':>8}{'times grader':>14}")
    for name, figures in found.items():
        print(f"{name:<12}{median(figures):8.3f}{median(figures) / base:14.1f}")


if __name__ == "__main__":
    main()
