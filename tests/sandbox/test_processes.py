"""Descriptors, processes and memory: what sessions take, they give back."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import numpy as np
from conftest_sandbox import LIMITS, call, package

from grader.sandbox import Batch, Sandbox

FILES = {"layers.py": "import os\n\ndef f(x):\n    return x + 1\n\ndef g(x):\n    os._exit(1)\n"}
RUNS = Batch([call("layers:f", np.ones((3, 4))), call("layers:g", 1.0), call("layers:f", 2.0)])


def descriptors(pid: int | str) -> int:
    """Count them; 0 where another process's can't be seen, since it isn't dumpable."""
    if pid != "self" and os.geteuid() != 0:
        return 0
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


def children(pid: int) -> list[int]:
    return [int(p) for p in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def resident(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1])


def test_sessions_leave_no_descriptor_and_no_process() -> None:
    """After fifty sessions, with a death in each, grader and zygote are as before."""
    with Sandbox(LIMITS, level="process", allow_unsandboxed=True) as sandbox:
        zygote = sandbox._server._process.pid  # type: ignore[union-attr]
        with sandbox.start(package(FILES)) as session:
            session.ask(RUNS)
        before = (descriptors("self"), descriptors(zygote), children(zygote))
        memory = resident(zygote)
        for _ in range(50):
            with sandbox.start(package(FILES)) as session:
                assert len(session.ask(RUNS)) == 3
        assert (descriptors("self"), descriptors(zygote), children(zygote)) == before
        assert children(zygote) == []
        assert resident(zygote) - memory < 100  # pages


def test_a_closed_sandbox_leaves_nothing() -> None:
    """The zygote has ended and no descriptor is left, whatever the level."""
    Sandbox(LIMITS).close()
    before = descriptors("self")
    sandbox = Sandbox(LIMITS)
    pid = sandbox._server._process.pid  # type: ignore[union-attr]
    sandbox.close()
    assert descriptors("self") == before
    assert not Path(f"/proc/{pid}").exists()


GRADER = """
import sys
sys.path.insert(0, {tests!r})
from conftest_sandbox import LIMITS, package
from grader.sandbox import Sandbox
sandbox = Sandbox(LIMITS, level={level!r}, allow_unsandboxed=True)
session = sandbox.start(package({{}}))
print(sandbox._server._process.pid, session._process.child._pid_here, flush=True)
sys.stdin.read()
"""


def test_when_the_grader_is_killed_zygote_and_children_die(any_level: Sandbox) -> None:
    """SIGKILL of the grader leaves no process behind."""
    if any_level.level == "none":
        return
    text = GRADER.format(tests=str(Path(__file__).parent), level=any_level.level)
    with subprocess.Popen(
        [sys.executable, "-c", text], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as grader:
        assert grader.stdout is not None
        pids = [int(part) for part in grader.stdout.readline().split()]
        assert len(pids) == 2
        watched = [os.pidfd_open(pid) for pid in pids]
        grader.send_signal(signal.SIGKILL)
        for fd in watched:
            ended, _, _ = select.select([fd], [], [], 20)
            assert ended
            os.close(fd)


def test_two_sandboxes_and_several_sessions_at_once(sandbox: Sandbox) -> None:
    """Sessions of two zygotes, interleaved, in threads and by one thread, stay apart."""

    def work(place: Sandbox, number: int, results: dict[int, Any]) -> None:
        text = f"def f(x):\n    return x + {number}\n"
        for _ in range(5):
            with place.start(package({"layers.py": text})) as session:
                out = session.ask(Batch([call("layers:f", 1.0)]))[0].outcomes[0]
                results.setdefault(number, set()).add(out.gave["out"])

    results: dict[int, Any] = {}
    with Sandbox(LIMITS) as other:
        threads = [
            threading.Thread(target=work, args=((sandbox, other)[n % 2], n, results))
            for n in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        with sandbox.start(package(FILES)) as first, other.start(package(FILES)) as second:
            for session in (first, second, first):
                assert session.ask(RUNS)[0].outcomes[0].failed is None
    assert results == {n: {1.0 + n} for n in range(4)}


def test_importing_the_room_stays_cheap() -> None:
    """Neither hypothesis nor a report's libraries come with it."""
    text = "import sys, grader.sandbox; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", text], capture_output=True, text=True, check=True
    ).stdout.split()
    assert not {"hypothesis", "rich", "jinja2", "nbformat", "grader.sandbox.zygote.imports"} & set(
        loaded
    )


PARENT = """
import numpy as np
from grader.model.programs import Program, Run
from grader.sandbox import Batch, Limits, Package, Sandbox
files = {"layers.py": b"def f(x):\\n    print('began', flush=True)\\n    while True: pass\\n"}
limits = Limits(question_cpu_seconds=600, submission_cpu_seconds=600)
program = Program((["call", "f", "layers:f", [{"$": "x"}], {}],), {"out": {"@": "f"}})
with Sandbox(limits, level="none", allow_unsandboxed=True) as sandbox:
    with sandbox.start(Package("cs682", files, {}, {})) as session:
        print(session._process.child._process.pid, flush=True)
        session.ask(Batch([Run("loop", program, [{"x": np.ones(3)}])]))
"""


def test_without_isolation_a_loop_ends_with_who_asked_it() -> None:
    """At the level none, too, where no system call ties a child to its parent."""
    with subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        child = os.pidfd_open(int(parent.stdout.readline()))
        try:
            assert not select.select([child], [], [], 0)[0]
            parent.kill()
            # Readable once that process has ended; waits as long as it takes.
            assert select.select([child], [], [])[0] == [child]
        finally:
            os.close(child)
