"""What the marking desk takes in a class of 1,000: to open a question, and to store a key's mark.

``python benchmarks/desk.py`` makes a class of written answers by a seed, serves it by ``grader
mark``, and asks it as a browser does. Printed are medians, the slowest, and the server's CPU time.
A mark is on disk when its answer comes: it is confirmed after the commit.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
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
            took = 1000 * (time.perf_counter() - began)
            print(f"started in {took:.0f} ms, CPU {_cpu(server.pid):.0f} ms")
            _ask(address, questions, chosen.rounds, server.pid)
        finally:
            server.kill()
            server.wait()


def _ask(address: str, questions: list[str], rounds: int, process: int) -> None:
    base = address.partition("/?")[0]

    def told(what: str, asked: Iterable[Callable[[], httpx.Response]]) -> None:
        """Print what some requests take; each of them has to be served."""
        times = []
        before = _cpu(process)
        for ask in asked:
            began = time.perf_counter()
            answer = ask()
            times.append(1000 * (time.perf_counter() - began))
            assert answer.status_code in (200, 303), (answer.url, answer.text[:500])
        cpu = (_cpu(process) - before) / len(times)
        print(
            f"{what}: median {median(times):.0f} ms, slowest {max(times):.0f} ms, CPU {cpu:.0f} ms"
        )

    with httpx.Client(base_url=base, follow_redirects=True, timeout=60) as client:
        client.get(address)
        csrf = client.get("/keys").text.partition('data-csrf="')[2].partition('"')[0]

        def page(path: str) -> Callable[[], httpx.Response]:
            return lambda: client.get(path)

        def mark(path: str, number: int) -> Callable[[], httpx.Response]:
            fields = {"csrf": csrf, "back": "/", "adjustment": str(number / 4)}
            headers = {"Origin": base}
            return lambda: client.post(
                f"/questions/{path}/mark", data=fields, headers=headers, follow_redirects=False
            )

        pages = [page(f"/questions/{question}") for question in questions]
        told("a question, first opened", pages)
        told("a question, opened again", rounds * pages)
        told("the first page", rounds * [page("/")])
        told("a search", rounds * [page("/search?q=gradient")])
        sizes: dict[str, int] = {}
        for question in questions:
            listed = client.get(f"/questions/{question}/groups").text
            paths = [part.partition('"')[0] for part in listed.split('href="/questions/')[1:]]
            for path in dict.fromkeys(path for path in paths if "/groups/" in path):
                sizes[path] = _size(client.get(f"/questions/{path}").text)
        print(f"{len(sizes)} groups, the largest of {max(sizes.values())} answers")
        order = sorted(sizes, key=lambda path: sizes[path])
        for what, some in (
            ("a key's mark, every group", order),
            ("a key's mark, one answer", order[:20]),
            ("a key's mark, the ten largest groups", order[-10:]),
        ):
            told(what, [mark(path, number) for number in range(rounds) for path in some])


def _cpu(process: int) -> float:
    """Return the milliseconds of CPU that a process has used."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return 1000 * (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _size(page: str) -> int:
    """Return how many answers a group's page is about."""
    title = page.partition("<h1")[2].partition("</h1>")[0]
    return int(title.rpartition(", ")[2].split()[0])


if __name__ == "__main__":
    main()
