"""Kill runs at random moments while a person saves marks: none of them may be lost.

``python tests/faults/marks.py [--seed N] [--moments N] [--count N]`` grades the written answers of
a class again and again. Meanwhile marks are saved into the table, as a spreadsheet saves it: read
whole, changed, put in its place. Each run but the last is killed after a random number of its
lines. Exits with 1 where a mark that was saved isn't in the table, or doesn't count, at the end.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TABLE = "written.csv"
NOTEBOOK = "FullyConnectedNets"

#: A mark is of one answer: its submission and its question.
Marks = dict[tuple[str, str], float]


def make(folder: Path, count: int) -> None:
    """Put a class there: the students' notebook under many names, with answers of their own."""
    notebook = json.loads((ROOT / "student_template" / f"{NOTEBOOK}.ipynb").read_text("utf-8"))
    for number in range(count):
        for cell in notebook["cells"]:
            if cell["cell_type"] == "markdown" and "answer" in cell["metadata"].get("tags", ()):
                cell["source"] = f"Answer number {number}."
        place = folder / f"s{number:02d}" / f"{NOTEBOOK}.ipynb"
        place.parent.mkdir(parents=True)
        place.write_text(json.dumps(notebook), "utf-8")


def command(klass: Path, grades: Path) -> list[str]:
    words = ["grade", klass, "--as", "class", "-a", ROOT / "assignment", "-o", grades]
    words += ["--only", "written", "--isolation", "process", "--allow-unsandboxed"]
    return [sys.executable, "-P", "-m", "grader", *map(str, words)]


def killed(klass: Path, grades: Path, dice: random.Random, saved: Marks) -> None:
    """Start a run; save some marks while it goes on, and kill it after some of its lines."""
    run = subprocess.Popen(
        command(klass, grades), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    assert run.stderr is not None
    last, saves = dice.randrange(1, 40), {dice.randrange(40) for _ in range(6)}
    for number, _ in enumerate(run.stderr):
        if number in saves:
            save(grades / TABLE, dice, saved)
        if number >= last:
            break
    run.kill()
    run.wait()
    run.stderr.close()
    save(grades / TABLE, dice, saved)


def save(path: Path, dice: random.Random, saved: Marks) -> None:
    """Give two answers a mark, another one than before too, and put the table in its place."""
    if not path.is_file():
        return
    rows = list(csv.DictReader(io.StringIO(path.read_text("utf-8-sig"))))
    for row in dice.sample(rows, min(2, len(rows))):
        score = dice.choice([0.0, 0.5, 1.0, float(row["points"])])
        row["score"] = f"{score:g}"
        saved[row["submission"], row["question"]] = score
    made = io.StringIO()
    writer = csv.DictWriter(made, rows[0].keys())
    writer.writeheader()
    writer.writerows(rows)
    beside = path.with_name("saved.csv")
    beside.write_text(made.getvalue(), "utf-8")
    os.replace(beside, path)  # noqa: PTH105


def lost(saved: Mapping[tuple[str, str], float], grades: Path) -> list[str]:
    """Return a line for each mark that isn't in the table, or that doesn't count."""
    rows = csv.DictReader(io.StringIO((grades / TABLE).read_text("utf-8-sig")))
    told = {(row["submission"], row["question"]): row["score"] for row in rows}
    scores: Marks = {}
    for path in grades.glob("submissions/*/result.json"):
        result = json.loads(path.read_text("utf-8"))
        for question in result["questions"]:
            if question["status"] != "needs_marking":
                scores[result["submission"], question["id"]] = question["score"]
    return [
        f"{' '.join(where)}: saved {score:g}, the table has {told.get(where)!r}, "
        f"the result {scores.get(where)}"
        for where, score in sorted(saved.items())
        if told.get(where) != f"{score:g}" or scores.get(where) != score
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seed", type=int, default=0, metavar="N")
    parser.add_argument("--moments", type=int, default=20, metavar="N", help="how many are killed")
    parser.add_argument("--count", type=int, default=30, metavar="N", help="submissions")
    arguments = parser.parse_args()
    dice = random.Random(arguments.seed)
    saved: Marks = {}
    with tempfile.TemporaryDirectory() as folder:
        klass, grades = Path(folder) / "class", Path(folder) / "grades"
        make(klass, arguments.count)
        subprocess.run(command(klass, grades), check=True, capture_output=True)
        for number in range(arguments.moments):
            if number % 5 == 4:  # and with something left to grade
                shutil.rmtree(klass)
                make(klass, arguments.count + number)
            killed(klass, grades, dice, saved)
        subprocess.run(command(klass, grades), check=True, capture_output=True)
        found = lost(saved, grades)
    for line in found:
        print(line)
    print(f"{arguments.moments} runs killed, {len(saved)} marks saved, {len(found)} of them lost")
    return 1 if found or not saved else 0


if __name__ == "__main__":
    raise SystemExit(main())
