"""What the report on a class costs, by its size: seconds to count and to write, and to open.

    python benchmarks/report.py [-n 1000 5000] [--of 24] [--seed 1]

Marks a class of ``--of`` submissions (code questions of ``classes.py``), copies its results under
other names until there are as many as asked, and times: reading and telling them, which the class
page needs too; counting them; making the report; and Chromium opening it, where playwright is
installed. Seconds are wall seconds of one process.
"""

from __future__ import annotations

import argparse
import random
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from classes import ASSIGNMENT, make, mixture
from usage import ENVIRONMENT, grader

from grader.classroom.gradebook import Gradebook
from grader.classroom.telling import Telling
from grader.key import sources
from grader.reports.reporting import REPORT, SHARED, Reporting


def main() -> None:
    """Print a line for each size."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    options.add_argument("-n", type=int, nargs="+", default=[1000, 5000])
    options.add_argument("--of", type=int, default=24)
    options.add_argument("--seed", type=int, default=1)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        make(folder / "class", mixture(chosen.of, random.Random(chosen.seed)), chosen.seed)
        words = ["-a", str(ASSIGNMENT), "-q", "-o", str(folder / "grades"), "--only", "code"]
        command = grader("grade", str(folder / "class"), "--as", "class", *words)
        subprocess.run(command, check=True, env=ENVIRONMENT, capture_output=True)
        print("size   read and told   counted   written   with --share   page   opened")
        for count in chosen.n:
            print(_measured(folder, count))


def _measured(folder: Path, count: int) -> str:
    place = folder / f"of-{count}"
    assignment = sources.manifest(ASSIGNMENT)
    with Gradebook(folder / "grades") as book:
        results = list(book.all())
    with Gradebook(place) as book:
        for i in range(count):
            book.save({**results[i % len(results)], "submission": f"s{i:05}"}, ["code"])
        telling, reporting = Telling(book), Reporting(place, assignment)
        reporting.begin(telling)
        told = counted = 0.0
        kept = []
        began = time.perf_counter()
        for result in telling.results(book.submissions()):
            told += time.perf_counter() - began
            began = time.perf_counter()
            reporting.add(result)
            counted += time.perf_counter() - began
            kept.append({**result, "questions": []})
            began = time.perf_counter()
        began = time.perf_counter()
        reporting.write(kept, telling, {})
        written = time.perf_counter() - began
        reporting.shared = True
        began = time.perf_counter()
        reporting.write(kept, telling, {})
        both = time.perf_counter() - began
    size = (place / REPORT).stat().st_size
    opened = _opened(place / REPORT)
    assert (place / SHARED).is_file()
    shutil.rmtree(place)
    return (
        f"{count:5} {told:11.2f} s {counted:8.2f} s {written:7.2f} s {both:12.2f} s"
        f" {size / 1024:5.0f} K {opened}"
    )


def _opened(page: Path) -> str:
    """Return how long Chromium takes until all is laid out; a dash where it can't be asked."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        return "-"
    if chromium is None:
        return "-"
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        view = browser.new_page(viewport={"width": 1280, "height": 900})
        view.goto("about:blank")
        began = time.perf_counter()
        view.goto(page.as_uri())
        view.evaluate("document.documentElement.scrollHeight")
        seconds = time.perf_counter() - began
        browser.close()
    return f"{seconds:.2f} s"


if __name__ == "__main__":
    main()
