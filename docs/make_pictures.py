"""Make ``docs/feedback-light.png`` and ``-dark.png``: one student's page, from a real result.

``python docs/make_pictures.py`` takes the reference as a student would hand it in, plants three
mistakes, marks it, and lets Chromium draw the page. Needs Chromium on the path and playwright.
"""

import shutil
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from grader.authoring import release
from grader.authoring.building import OUTPUTS
from grader.classroom.run import Settings, Worker
from grader.reports import feedback, pages
from grader.submissions import Place

ROOT = Path(__file__).resolve().parents[1]
ASSIGNMENT = ROOT / "assignment"
WIDTH, HEIGHT = 1120, 1860

#: (file, what stands in the reference, what stands there instead)
PLANTED = (
    ("layers.py", "db = dout.sum(axis=0)", "db = dout.mean(axis=0)"),
    ("layers.py", "dx = dout * (x > 0)", "dx = dout * (dout > 0)"),
    ("optim.py", 'config["momentum"]', 'config["mu"]'),
)


def main() -> None:
    """Mark the submission and draw its page twice."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        sys.exit("there is no Chromium on the path")
    desk = Worker(Settings(ASSIGNMENT, ROOT / OUTPUTS))
    with tempfile.TemporaryDirectory() as scratch:
        page = Path(scratch) / "feedback.html"
        page.write_text(_page(desk, Path(scratch) / "s07"), "utf-8")
        desk.close()
        with sync_playwright() as driver:
            browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
            for scheme in ("light", "dark"):
                view = browser.new_page(
                    color_scheme=scheme, viewport={"width": WIDTH, "height": HEIGHT}
                )
                view.goto(page.as_uri())
                view.evaluate("document.querySelector('.evidence').open = true")
                target = ROOT / "docs" / f"feedback-{scheme}.png"
                view.screenshot(path=target)
                print(f"made {target}")
            browser.close()


def _page(desk: Worker, folder: Path) -> str:
    files = release.solved(ASSIGNMENT, desk.assignment)
    for file, old, new in PLANTED:
        path = f"{desk.assignment.package}/{file}"
        text = files[path].decode("utf-8")
        if old not in text:
            sys.exit(f"{old!r} no longer stands in {file}: mend docs/make_pictures.py")
        files[path] = text.replace(old, new).encode("utf-8")
    release.write(files, folder)
    return feedback(
        desk.mark(Place(folder.name, folder)).result,
        diagnoses=pages.diagnoses(desk.key),
        title=desk.assignment.title,
        links=pages.links(desk.assignment),
    )


if __name__ == "__main__":
    main()
