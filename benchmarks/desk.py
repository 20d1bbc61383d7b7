"""What the marking desk takes in a class of 1,000: to open a question, and to store a key's mark.

``python benchmarks/desk.py`` makes a class of written answers by a seed, serves it by ``grader
mark``, and asks it as a browser does. Printed are medians and the slowest, in milliseconds. A mark
is on disk when its answer comes: it is confirmed after the commit.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import httpx

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "web"))

import written_class  # noqa: E402


def main() -> None:
    """Make the class, serve it and print the figures."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--students", type=int, default=1_000, help="in the class")
    arguments.add_argument("--rounds", type=int, default=5, help="how often each is asked")
    chosen = arguments.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "grades"
        questions = written_class.make(folder, chosen.students)
        command = [sys.executable, "-m", "grader", "mark", str(folder), "-q", "--marker", "Ada"]
        began = time.perf_counter()
        server = subprocess.Popen(
            [*command, "-a", str(ROOT / "assignment")], stdout=subprocess.PIPE, text=True
        )
        try:
            assert server.stdout is not None
            address = server.stdout.readline().strip()
            print(f"{chosen.students} students, {len(questions)} questions")
            print(f"started in {1000 * (time.perf_counter() - began):.0f} ms")
            _ask(address, questions, chosen.rounds)
        finally:
            server.kill()
            server.wait()


def _ask(address: str, questions: list[str], rounds: int) -> None:
    base = address.partition("/?")[0]
    with httpx.Client(base_url=base, follow_redirects=True, timeout=60) as client:
        client.get(address)
        csrf = client.get("/keys").text.partition('data-csrf="')[2].partition('"')[0]
        _tell(
            "a question, first opened", [_timed(client.get, f"/questions/{q}") for q in questions]
        )
        again = [_timed(client.get, f"/questions/{q}") for q in questions for _ in range(rounds)]
        _tell("a question, opened again", again)
        _tell("the first page", [_timed(client.get, "/") for _ in range(rounds)])
        _tell("a search", [_timed(client.get, "/search?q=gradient") for _ in range(rounds)])
        marks: dict[str, list[float]] = {"largest": [], "single": []}
        for question in questions:
            page = client.get(f"/questions/{question}/groups").text
            paths = [part.partition('"')[0] for part in page.split('href="/questions/')[1:]]
            groups = list(dict.fromkeys(p for p in paths if "/groups/" in p))
            sizes = {p: _size(client.get(f"/questions/{p}").text) for p in groups[:40]}
            for kind, path in (("largest", max(sizes, key=lambda p: sizes[p])),
                               ("single", min(sizes, key=lambda p: sizes[p]))):  # fmt: skip
                for number in range(rounds):
                    fields = {"csrf": csrf, "back": "/", "adjustment": str(number / 4)}
                    marks[kind].append(_timed(lambda p, f=fields: client.post(  # type: ignore[misc]
                        p, data=f, headers={"Origin": base}, follow_redirects=False),
                        f"/questions/{path}/mark"))  # fmt: skip
            print(f"  {question}: {len(groups)} groups, the largest of {max(sizes.values())}")
        _tell("a key's mark, one answer", marks["single"])
        _tell("a key's mark, the largest group", marks["largest"])


def _timed(ask: Callable[[str], httpx.Response], path: str) -> float:
    """Return the milliseconds of one request, which has to be served."""
    began = time.perf_counter()
    answer = ask(path)
    took = 1000 * (time.perf_counter() - began)
    assert answer.status_code in (200, 303), (path, answer.status_code, answer.text[:500])
    return took


def _size(page: str) -> int:
    """Return how many answers a group's page is about."""
    title = page.partition("<h1")[2].partition("</h1>")[0]
    return int(title.rpartition(", ")[2].split()[0])


def _tell(what: str, times: list[float]) -> None:
    print(f"{what}: median {median(times):.0f} ms, slowest {max(times):.0f} ms")


if __name__ == "__main__":
    main()
