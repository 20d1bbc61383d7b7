"""Kill and stop the processes of a run at random moments; the results must be those of no such run.

``python tests/faults/heal.py [--seed N] [--kills N] [--seconds N] [--count N]`` grades a class
twice: undisturbed; and while its children, fork servers and workers are killed at random moments
and, one kind after the other and all together, stopped for some seconds. What was not graded is
asked for again, as a person would. Exits with 1 where a result differs or a process is left.
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import json
import os
import random
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "tests" / "regression"))

Result = dict[str, Any]
#: What a run of the grader consists of besides its main process.
KINDS = ("worker", "zygote", "child")
#: Of a result that isn't the same twice: when it was made, and how long that took.
_OF_THE_RUN = ("started", "seconds")
#: How often a class is asked for until nothing is left to grade.
_RUNS = 6
_SUBREAPER = 36


class Run:
    """A grading run that is going on, and its processes."""

    def __init__(self, klass: Path, grades: Path) -> None:
        words = ["grade", klass, "--as", "class", "-a", ROOT / "assignment", "-o", grades]
        command = [sys.executable, "-P", "-m", "grader", *map(str, words)]
        self._said = tempfile.TemporaryFile()  # noqa: SIM115
        self._main = subprocess.Popen(
            [*command, "-q", "-j", "2", "--only", "code", "--notebook", "FullyConnectedNets"],
            env=os.environ | {"OPENBLAS_NUM_THREADS": "1"},
            stdout=subprocess.DEVNULL,
            stderr=self._said,
            start_new_session=True,
        )

    @property
    def over(self) -> bool:
        return self._main.poll() is not None

    def processes(self) -> dict[str, list[int]]:
        """Return the pids of its processes by kind; of all of them as ``all``."""
        found: dict[str, list[int]] = {kind: [] for kind in KINDS}
        found["all"] = [self._main.pid]
        for pid, above in _below(self._main.pid):
            found["all"].append(pid)
            kind = _kind(pid, above)
            if kind:
                found[kind].append(pid)
        return found

    def end(self) -> int:
        """Wait for its end; return the exit code. Raises :class:`RuntimeError` for a bad one."""
        code = self._main.wait()
        self._said.seek(0)
        said = self._said.read().decode("utf-8", "replace")
        self._said.close()
        if code not in (0, 3):
            raise RuntimeError(f"grader grade exits with {code}: {said}")
        return code


def _below(pid: int, above: tuple[str, ...] = ()) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Yield the processes below one, each with the command lines above it."""
    own = (*above, _command(pid))
    with contextlib.suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in map(int, (task / "children").read_text().split()):
                yield child, own
                yield from _below(child, own)


def _command(pid: int) -> str:
    with contextlib.suppress(OSError):
        return (
            Path(f"/proc/{pid}/cmdline")
            .read_bytes()
            .replace(b"\0", b" ")
            .decode("utf-8", "replace")
        )
    return ""


def _kind(pid: int, above: Sequence[str]) -> str:
    """Say what a process is, by its command line and by those above it."""
    own = _command(pid)
    if "spawn_main" in own:
        return "worker"
    # A fork of the fork server has its command line: the first one of it is the server itself.
    if "zygote" in own and "bwrap" not in own.partition(" ")[0]:
        servers = sum("zygote" in one and "bwrap" not in one.partition(" ")[0] for one in above)
        return "child" if servers else "zygote"
    return ""


def disturb(run: Run, dice: random.Random, kills: int, seconds: float) -> Counter[str]:
    """Kill and stop processes of *run* while it lasts; return what was done, how often.

    The moments are random. A kind that has no process at a moment is waited for.
    """
    deeds = [("kill", kind) for kind in KINDS for _ in range(-(-kills // len(KINDS)))][:kills]
    deeds += [("stop", kind) for kind in (*KINDS, "all")] if seconds else []
    dice.shuffle(deeds)
    done: Counter[str] = Counter()
    while deeds and not run.over:
        time.sleep(dice.uniform(0.05, 0.7))  # a moment: nothing is waited for
        deed, kind = deeds.pop()
        while not run.over and not (targets := run.processes()[kind]):
            time.sleep(0.001)
        if run.over:
            break
        if deed == "kill":
            _signal([dice.choice(targets)], signal.SIGKILL)
        else:
            chosen = targets if kind == "all" else [dice.choice(targets)]
            _signal(chosen, signal.SIGSTOP)
            time.sleep(seconds)
            _signal(chosen, signal.SIGCONT)
        done[f"{deed} {kind}"] += 1
    return done


def _signal(pids: Sequence[int], number: signal.Signals) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


def results(grades: Path) -> dict[str, Result]:
    """Return what a run found, by submission, without what is never the same twice."""
    found = {}
    for path in sorted(grades.rglob("result.json")):
        result = json.loads(path.read_text("utf-8"))
        found[result["submission"]] = {k: v for k, v in result.items() if k not in _OF_THE_RUN}
    return found


def differences(before: Mapping[str, Result], after: Mapping[str, Result]) -> list[str]:
    """Return a line for each submission whose result isn't the same."""
    lines = []
    for name in sorted({*before, *after}):
        one, other = before.get(name), after.get(name)
        if one == other:
            continue
        if one is None or other is None:
            lines.append(f"{name}: is there only {'after' if one is None else 'before'}")
            continue
        fields = sorted(k for k in {*one, *other} if one.get(k) != other.get(k))
        lines.append(f"{name}: {one['score']:g} -> {other['score']:g}, {', '.join(fields)}")
    return lines


def left() -> list[int]:
    """Return the processes that outlive the run that they are of, and end them.

    What is about to end is waited for: it has nothing to do any more, and takes no seconds.
    """
    watched = [(pid, pidfd) for pid in _children() if (pidfd := _opened(pid)) is not None]
    alive = [pid for pid, pidfd in watched if not select.select([pidfd], [], [], 10)[0]]
    for _, pidfd in watched:
        os.close(pidfd)
    _signal(alive, signal.SIGKILL)
    for pid in _children():
        os.waitpid(pid, 0)
    return alive


def _children() -> list[int]:
    return [pid for pid, _ in _below(os.getpid())]


def _opened(pid: int) -> int | None:
    try:
        return os.pidfd_open(pid)
    except ProcessLookupError:
        return None


def made(folder: Path, count: int) -> Path:
    """Write a class of mixed submissions, the same each time."""
    import make

    chosen = [one for one in make.handed() if one.run == "first" and not one.slow][:count]
    for one in chosen:
        one.write(folder)
    return folder / "first"


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="of the moments")
    parser.add_argument("--kills", type=int, default=20, metavar="N")
    parser.add_argument("--seconds", type=float, default=10.0, metavar="N", help="of each stop")
    parser.add_argument("--count", type=int, default=60, metavar="N", help="of submissions")
    arguments = parser.parse_args()
    # What loses its parent becomes a child of this process, and is seen.
    ctypes.CDLL(None).prctl(_SUBREAPER, 1, 0, 0, 0)
    folder = Path(tempfile.mkdtemp(prefix="grader-faults-"))
    try:
        klass = made(folder, arguments.count)
        Run(klass, folder / "quiet").end()
        before = results(folder / "quiet")
        dice, done, runs = random.Random(arguments.seed), Counter[str](), 0
        todo, code = arguments.kills, 3
        while runs < _RUNS and (code == 3 or todo):
            if code == 0:
                shutil.rmtree(folder / "disturbed")  # so that there is something to disturb
            run = Run(klass, folder / "disturbed")
            if todo:
                done += disturb(run, dice, todo, 0 if runs else arguments.seconds)
                todo = arguments.kills - sum(n for deed, n in done.items() if "kill" in deed)
            code, runs = run.end(), runs + 1
        wrong = differences(before, results(folder / "disturbed"))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    remaining = left()
    for deed, number in sorted(done.items()):
        print(f"{number:3} x {deed}")
    print(f"{len(before)} submissions, {runs} runs until all were graded")
    print(f"{len(wrong)} results differ, {len(remaining)} processes are left")
    for line in wrong:
        print(f"  {line}")
    return 1 if wrong or remaining else 0


if __name__ == "__main__":
    sys.exit(main())
