"""What ends or stops a process from outside costs a second try, and no student's points."""

from __future__ import annotations

import os
import pickle
import select
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest_sandbox import LIMITS, call, package

from grader.sandbox import (
    Batch,
    Bounds,
    Fault,
    IsolationUnavailable,
    Limits,
    ReferenceSession,
    Sandbox,
    Terms,
    WallBudget,
    deadline,
)
from grader.sandbox.errors import ChildEnded, ChildExit
from grader.sandbox.host import startup, trial
from grader.sandbox.protocol import frames
from grader.sandbox.session import Session

FILES = {"layers.py": "def f(x):\n    return x + 1\n"}
RUN = Batch([call("layers:f", 1.0)])


class Clock:
    """The time, which passes only as a child lets it."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(deadline, "time", clock)
    return clock


class Scripted:
    """A child whose answers, clocks and end are given: *act* is called when it is waited for."""

    def __init__(self, act: Callable[[Scripted, float], bool]) -> None:
        self._act = act
        self.cpu = self.waiting = 0.0
        self.code, self._greeted, self._ticket, self._asked = -9, False, 0, 0

    def send(self, *messages: bytes) -> None:
        kind, text, _ = frames.HEAD.unpack_from(messages[0])
        if kind == frames.TICKET:
            self._asked += 1
            self._ticket = int(messages[0][frames.HEAD.size : frames.HEAD.size + text])

    def receive(self, seconds: float) -> frames.Frame | None:
        if not self._greeted:
            self._greeted = True
            return frames.Frame(frames.READY, b"{}", b"")
        if not self._asked or not self._act(self, seconds):
            return None
        text = b'[{"gave": {"out": 2.0}, "failed": null, "notes": []}]'
        return frames.Frame(frames.OUTCOMES, text, b"", self._ticket)

    def cpu_seconds(self) -> float:
        return self.cpu

    def waiting_seconds(self) -> float:
        return self.waiting

    def close(self) -> ChildExit:
        return ChildExit(self.code, self.cpu, 0)


def ask(
    acts: list[Callable[[Scripted, float], bool]],
    limits: Limits = LIMITS,
    batch: Batch = RUN,
    budget: WallBudget | None = None,
) -> list[str | None]:
    """Ask *batch* of children that do as *acts* say, one after the other; return the stages."""
    left = list(acts)
    printed = os.memfd_create("printed")
    with Session(
        lambda _: Scripted(left.pop(0)), limits, package(FILES), printed, budget=budget
    ) as session:
        outcomes = [reply.outcomes[0] for reply in session.ask(batch)]
    assert not left
    return [outcome.failed.stage if outcome.failed else None for outcome in outcomes]


def killed(child: Scripted, seconds: float) -> bool:
    raise ChildEnded


def answers(child: Scripted, seconds: float) -> bool:
    return True


def test_a_killed_child_is_asked_again_once() -> None:
    """The second try counts; a second kill is the machine's fault, and nobody's result."""
    assert ask([killed, answers]) == [None]
    with pytest.raises(Fault, match="killed from outside"):
        ask([killed, killed])


def test_a_real_child_that_is_killed_between_start_and_answer_loses_nothing(
    any_level: Sandbox,
) -> None:
    """At each level: while it runs, SIGKILL by its own pid; the answer is as if nothing was."""
    if any_level.level == "none":
        pytest.skip("its pid is nobody's but its own object's")
    with any_level.start(package(FILES)) as session:
        child: Any = session._process.child
        send = child.send

        def send_and_kill(*messages: bytes) -> None:
            os.kill(child._pid_here, signal.SIGKILL)
            send(*messages)

        child.send = send_and_kill
        outcome = session.ask(RUN)[0].outcomes[0]
    assert outcome.gave == {"out": 2.0}


def test_a_child_that_closes_its_own_pipe_is_no_killed_one(any_level: Sandbox) -> None:
    """The grader ends it then: that isn't somebody else's SIGKILL."""
    fd = "1" if any_level.level == "none" else "4"
    files = {"layers.py": f"import os\n\ndef f(x):\n    os.close({fd})\n    while True: pass\n"}
    with any_level.start(package(files)) as session:
        outcome = session.ask(RUN)[0].outcomes[0]
    assert outcome.failed is not None
    assert outcome.failed.stage in ("died", "timed_out")


def test_an_answer_in_the_pipe_counts_whatever_the_clock_says(clock: Clock) -> None:
    """Grader and child were stopped for a minute, and the answer came in between."""

    def late(child: Scripted, seconds: float) -> bool:
        if seconds:
            clock.now += 60.0
            return False
        return True

    assert ask([late]) == [None]


def test_a_pause_of_the_grader_is_not_the_childs_time(clock: Clock) -> None:
    """A wait that takes longer than asked isn't counted: the child is waited for again."""
    looks = []

    def paused(child: Scripted, seconds: float) -> bool:
        if not seconds:
            return False
        looks.append(seconds)
        clock.now += 3600.0 if len(looks) == 1 else seconds
        return len(looks) > 1

    assert ask([paused]) == [None]


def test_a_wall_time_out_is_repeated_alone(clock: Clock) -> None:
    """A stopped child looks asleep: only a second sleep is the student's."""

    def sleeps(child: Scripted, seconds: float) -> bool:
        clock.now += seconds
        return False

    assert ask([sleeps, answers]) == [None]
    assert ask([sleeps, sleeps]) == ["timed_out"]


def using(cpu: float) -> Callable[[Scripted, float], bool]:
    """Return what a child does that answers after *cpu* seconds, if it is let."""

    def act(child: Scripted, seconds: float) -> bool:
        child.cpu = min(child.cpu + seconds, cpu)
        return child.cpu >= cpu

    return act


def test_a_run_near_its_cpu_limit_is_confirmed_alone(clock: Clock) -> None:
    """A fifth above the limit: again, where it must keep the limit; far above: timed out."""
    limit = LIMITS.question_cpu_seconds
    assert ask([using(1.2 * limit), using(0.9 * limit)]) == [None]
    assert ask([using(1.2 * limit), using(1.2 * limit)]) == ["timed_out"]
    assert ask([using(2 * limit)]) == ["timed_out"]
    assert ask([using(0.99 * limit)]) == [None]


def test_time_beyond_the_limit_and_first_tries_are_not_the_submissions(clock: Clock) -> None:
    """What the grader lets a run take for certainty leaves the rest of the submission its time."""
    limits = Limits(question_cpu_seconds=1.0, submission_cpu_seconds=3.0)
    batch = Batch([call(f"layers:f{i}", 1.0) for i in range(4)])
    endless = using(100.0)
    assert ask([endless, endless, using(0.9)], limits, batch)[:2] == ["timed_out"] * 2
    assert ask([endless, endless, answers], limits, batch) == ["timed_out", "timed_out", None, None]


def napping(clock: Clock, starved: bool) -> Callable[[Scripted, float], bool]:
    def act(child: Scripted, seconds: float) -> bool:
        if seconds:
            clock.now += 1.0
            child.waiting += 1.0 * starved
        return bool(seconds)

    return act


def test_a_submission_that_sleeps_has_a_wall_limit_as_a_whole(clock: Clock) -> None:
    """Naps below each run's limit add up; what is left then is timed out, or not graded."""
    limits = Limits(question_cpu_seconds=1.0, submission_cpu_seconds=2.0)
    batch = Batch([call("layers:f", float(i)) for i in range(12)])
    naps = ask([napping(clock, starved=False)], limits, batch)
    assert naps == [None] * 10 + ["timed_out"] * 2
    with pytest.raises(Fault, match="too loaded"):
        ask([napping(clock, starved=True)], limits, batch)


def test_sessions_of_one_submission_share_its_wall_time(clock: Clock) -> None:
    """What one session slept away is no other's."""
    limits = Limits(question_cpu_seconds=1.0, submission_cpu_seconds=2.0)
    batch = Batch([call("layers:f", float(i)) for i in range(8)])
    budget = WallBudget(limits)
    assert ask([napping(clock, starved=False)], limits, batch, budget) == [None] * 8
    again = ask([napping(clock, starved=False)], limits, batch, budget)
    assert again == [None] * 2 + ["timed_out"] * 6


def test_the_reference_has_a_budget_of_cpu_and_wall_time(sandbox: Sandbox) -> None:
    """Without CPU time left it refuses; without wall time it is the grader's failure."""
    from test_reference import PARTS, REFERENCE, STUDENT

    nets = "from .layers import *\ndef f(x): return forward(x, {})[0]\n"
    files = package({**STUDENT, "nets.py": nets}, replaced={"layers": ("forward",)})
    reference = package({"layers.py": REFERENCE})
    batch = Batch([call("nets:f", np.ones(2))])
    with (
        ReferenceSession(
            lambda: sandbox.start(reference), PARTS, Terms(Bounds(cpu_seconds=0.0))
        ) as found,
        sandbox.start(files, found) as session,
    ):
        assert session.ask(batch)[0].outcomes[0].failed is None  # its process starts with this one
        failed = session.ask(batch)[0].outcomes[0].failed
        assert failed is not None
        assert "its time is used up" in failed.text
    with (
        ReferenceSession(
            lambda: sandbox.start(reference), PARTS, Terms(Bounds(wall_seconds=0))
        ) as found,
        sandbox.start(files, found) as session,
        pytest.raises(Fault, match="for their answers"),
    ):
        session.ask(batch)


def zygote_of(sandbox: Sandbox) -> int:
    """Return the pid of the fork server itself, which bubblewrap may stand around."""
    pid = sandbox._server._process.pid  # type: ignore[union-attr]
    while below := Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        pid = int(below[0])
    return pid


def kill(pid: int) -> None:
    """Kill a process, and wait until it has ended."""
    watched = os.pidfd_open(pid)
    signal.pidfd_send_signal(watched, signal.SIGKILL)
    ended(watched)
    os.close(watched)


def ended(pidfd: int) -> None:
    """Wait until a process has ended."""
    assert select.select([pidfd], [], [], 60)[0]


def test_a_fork_server_that_died_is_started_again_after_the_attacks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It has what was preloaded; one that doesn't hold is not taken."""
    given = package({}, given={"given.py": "x = 1\n"})
    with Sandbox(LIMITS) as sandbox:
        sandbox.preload([RUN], given)
        assert not sandbox.harmed
        zygote = zygote_of(sandbox)
        with sandbox.start(package(FILES)) as session:
            child: Any = session._process.child
            kill(zygote)
            ended(child._pidfd)  # it dies with the fork server
            with pytest.raises(Fault, match="gone"):
                session.ask(RUN)
        with pytest.raises(Fault):
            sandbox.start(package(FILES))
        assert sandbox.harmed
        prove, tried = startup.prove, []
        monkeypatch.setattr(startup, "prove", lambda *args, **_: "it leaks")
        with pytest.raises(Fault, match="it leaks"):
            sandbox.mend()
        assert sandbox.harmed
        monkeypatch.setattr(startup, "prove", lambda *a, **b: tried.append(1) or prove(*a, **b))
        sandbox.mend()
        assert tried
        assert not sandbox.harmed
        with sandbox.start(package(FILES)) as session:
            assert session.ask(RUN)[0].outcomes[0].gave == {"out": 2.0}


def test_a_level_is_tried_again_where_its_processes_were_killed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """While it is proven: the fork server, and the trial process. An attack that works counts."""
    prove, tried = startup.prove, []

    def disturbed(server: Any, level: str, limits: Limits, *, kernel: bool = False) -> str:
        tried.append(level)
        if len(tried) == 1:
            kill(server._process.pid)
        found = prove(server, level, limits, kernel=kernel)
        if len(tried) == 2:
            assert found == ""
            server.close()
            return f"{trial.NO_ANSWER} (it said nothing)"
        return found

    monkeypatch.setattr(startup, "prove", disturbed)
    with Sandbox(LIMITS, level="seccomp-strict"):
        assert len(tried) == 3
    tried.clear()
    monkeypatch.setattr(startup, "prove", lambda *args, **_: tried.append(args[0]) or "it leaks")
    with pytest.raises(IsolationUnavailable, match="it leaks"):
        Sandbox(LIMITS, level="seccomp-strict")
    assert len(tried) == 1
    for server in tried:
        server.close()


def test_a_refused_level_crosses_to_the_main_process() -> None:
    """A worker that can't start says why in the process that prints it."""
    told = pickle.loads(pickle.dumps(IsolationUnavailable("all of it", "the why")))
    assert (str(told), told.reason) == ("all of it", "the why")


ONE_ID = """
import sys
sys.path.insert(0, sys.argv[2])
from conftest_sandbox import LIMITS, call, package
from grader.sandbox import Batch, Sandbox
with Sandbox(LIMITS, level=sys.argv[1]) as sandbox:
    with sandbox.start(package({"layers.py": "def f(x):\\n    return x + 1\\n"})) as session:
        print(session.ask(Batch([call("layers:f", 1.0)]))[0].outcomes[0].gave)
"""


@pytest.mark.parametrize("level", ["landlock+seccomp", "seccomp-strict"])
def test_the_levels_hold_for_root_of_a_namespace_with_one_id(level: str) -> None:
    """There is no other user to become, and the trial attacks are turned away all the same."""
    wrapper = ["unshare", "--user", "--map-root-user"]
    try:
        subprocess.run([*wrapper, "true"], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("no user namespace can be made here")
    command = [*wrapper, sys.executable, "-c", ONE_ID, level, str(Path(__file__).parent)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.stdout == "{'out': 2.0}\n", ran.stderr
