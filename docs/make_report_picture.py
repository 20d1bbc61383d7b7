"""Make ``docs/report-light.png`` and ``-dark.png``: the report on a class, from real results.

``python docs/make_report_picture.py`` makes a class of sixty by a seed: the reference with some of
the catalogue's mistakes in it, the commoner ones more often, and a few that aren't done. It marks
their code and lets Chromium draw the report. Needs Chromium on the path and playwright; takes
minutes.
"""

import random
import shutil
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from grader.authoring import release
from grader.authoring.building import OUTPUTS
from grader.classroom.next_step import builds
from grader.classroom.run import Settings, Worker
from grader.classroom.tally import Tally
from grader.key import sources
from grader.reports import pages
from grader.reports.class_report import ClassFacts, class_report
from grader.submissions import Place

ROOT = Path(__file__).resolve().parents[1]
ASSIGNMENT = ROOT / "assignment"
WIDTH, HEIGHT = 1120, 2000
SEED, STUDENTS = 3, 60


def main() -> None:
    """Mark the class and draw its report twice."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        sys.exit("there is no Chromium on the path")
    worker = Worker(Settings(ASSIGNMENT, ROOT / OUTPUTS, kinds=("code",)))
    with tempfile.TemporaryDirectory() as scratch:
        page = Path(scratch) / "report.html"
        page.write_text(_page(worker, Path(scratch)), "utf-8")
        worker.close()
        with sync_playwright() as driver:
            browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
            for scheme in ("light", "dark"):
                view = browser.new_page(
                    color_scheme=scheme, viewport={"width": WIDTH, "height": HEIGHT}
                )
                view.goto(page.as_uri())
                target = ROOT / "docs" / f"report-{scheme}.png"
                view.screenshot(path=target)
                print(f"made {target}")
            browser.close()


def _page(worker: Worker, scratch: Path) -> str:
    assignment = worker.assignment
    asked = {q.id for q in assignment.code_questions((assignment.notebooks[0].name,))}
    mistakes = [
        entry["edits"]
        for path in sorted((ASSIGNMENT / "misconceptions").glob("*.toml"))
        for entry in sources.entries(path)
        if entry["question"] in asked and "edits" in entry
    ]
    dice = random.Random(SEED)
    dice.shuffle(mistakes)
    # The first is made most often.
    weights = [1 / (place + 2) for place in range(len(mistakes))]
    tally = Tally({q.id: q.kind for q in assignment.questions}, builds(assignment))
    solved = release.solved(ASSIGNMENT, assignment)
    untouched = release.make(ASSIGNMENT, assignment)
    for number in range(1, STUDENTS + 1):
        files = dict(solved)
        able = dice.random()  # who makes one mistake tends to make another
        if dice.random() < 0.5 * (1 - able) ** 2:  # update rules or networks aren't written yet
            path = dice.choice(["optim.py", "classifiers/fc_net.py"])
            path = f"{assignment.package}/{path}"
            files[path] = untouched[path]
        for chosen in dice.choices(mistakes, weights, k=round(5 * (1 - able) ** 2)):
            _plant(files, assignment.package, chosen)
        name = f"s{number:02}"
        release.write(files, scratch / name)
        tally.add(worker.mark(Place(name, scratch / name)).result, late=dice.random() < 0.1)
    return class_report(
        ClassFacts(assignment.title, tally, missing=3, diagnoses=pages.diagnoses(worker.key))
    )


def _plant(files: dict[str, bytes], package: str, edits: list[dict[str, str]]) -> None:
    """Put a mistake into the file in which its text stands once; in none, if there is no such."""
    for edit in edits:
        for path, data in files.items():
            if path.startswith(package) and data.count(edit["old"].encode()) == 1:
                files[path] = data.replace(edit["old"].encode(), edit["new"].encode())
                break


if __name__ == "__main__":
    main()
