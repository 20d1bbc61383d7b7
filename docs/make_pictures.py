"""Make ``docs/feedback-light.png``, ``docs/desk-light.png`` and those of dark.

``python docs/make_pictures.py`` takes the reference as a student would hand it in, plants three
mistakes, marks it, and lets Chromium draw the page. Then it serves a class of written answers, made
by a seed, and marks a group of them. Needs Chromium on the path and playwright.
"""

import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from grader.authoring import release
from grader.authoring.building import OUTPUTS
from grader.classroom.run import Settings, Worker
from grader.reports import feedback, pages
from grader.submissions import Place

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "web"))

import written_class  # noqa: E402
from served import served  # noqa: E402

ASSIGNMENT = ROOT / "assignment"
WIDTH, HEIGHT = 1120, 1860
DESK_WIDTH, DESK_HEIGHT = 1280, 800
DESK_QUESTION = "dropout-inline-1"

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
            _draw_desk(browser, Path(scratch) / "grades")
            browser.close()


def _draw_desk(browser: Any, folder: Path) -> None:
    for scheme in ("light", "dark"):
        written_class.make(folder / scheme, 60)
        with served(folder / scheme, "Ada") as desk:
            view = browser.new_page(
                color_scheme=scheme, viewport={"width": DESK_WIDTH, "height": DESK_HEIGHT}
            )
            view.goto(desk.address)
            view.goto(f"{desk.base}/questions/{DESK_QUESTION}/groups")
            rows = view.locator("table.groups tbody tr").all()
            largest = max(rows, key=lambda row: int(row.locator("td.right").first.inner_text()))
            largest.get_by_role("link").click()
            view.locator("#mark").wait_for()
            for key in "2":
                view.keyboard.press(key)
            view.get_by_text("Saved: 2 of 5 points.").wait_for()
            target = ROOT / "docs" / f"desk-{scheme}.png"
            view.screenshot(path=target)
            print(f"made {target}")
            view.close()


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
