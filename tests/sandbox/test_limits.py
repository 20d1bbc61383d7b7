"""Loops, deaths, floods and sleeps cost the run that did it, and no other."""

from __future__ import annotations

import textwrap
from typing import Any

import numpy as np
import pytest
from conftest_sandbox import LIMITS, call, package

from grader.sandbox import Batch, Fault, Limits, Sandbox, WallBudget
from grader.sandbox.protocol import frames
from grader.sandbox.session import Session

RIGHT = "def right(x):\n    return x + 1\n"


def stages(sandbox: Sandbox, text: str, *targets: str) -> list[str | None]:
    source = textwrap.dedent(text) + RIGHT
    runs = [call(f"layers:{target}", 1.0) for target in targets]
    with sandbox.start(package({"layers.py": source})) as session:
        outs = [reply.outcomes[0] for reply in session.ask(Batch(runs))]
    return [out.failed.stage if out.failed else None for out in outs]


@pytest.mark.parametrize(
    ("body", "stage"),
    [
        ("while True: pass", "timed_out"),
        ("9**9**9", "timed_out"),
        ("sum(iter(int, 1))", "timed_out"),
        ("os._exit(0)", "died"),
        ("os._exit(70)", "died"),
        ("faulthandler._read_null()", "died"),
        ("sys.setrecursionlimit(10**8); deep()", ("died", "out_of_memory", "timed_out")),
        ("os.write(4, b'forged' * 10)", "died"),
        ("os.close(4)", "died"),
        ("os.read(3, 1 << 20)", "timed_out"),
        (
            "exec('while True:\\n try:\\n  while True: pass\\n except BaseException: pass')",
            "timed_out",
        ),
    ],
)
def test_a_lost_run_costs_that_run_only(sandbox: Any, body: str, stage: str) -> None:
    """Before and after it, the same submission's right function is right."""
    lines = textwrap.indent(body, "    ")
    text = f"""
import faulthandler, os, sys

def deep():
    deep()

def f(x):
{lines}

"""
    wanted = (stage,) if isinstance(stage, str) else stage
    found = stages(sandbox, text, "right", "f", "right")
    assert found[0] is None
    assert found[1] in wanted
    assert found[2] is None


def test_the_same_call_is_not_waited_for_twice(sandbox: Any) -> None:
    """What has passed its limit answers ``timed_out`` at once when it is asked again."""
    text = "def f(x):\n    while True: pass\n" + RIGHT
    runs = [call("layers:f", 1.0), call("layers:f", 2.0), call("layers:right", 1.0)]
    with sandbox.start(package({"layers.py": text})) as session:
        first = session.ask(Batch(runs))
        second = session.ask(Batch(runs))
    outs = [reply.outcomes[0] for reply in (*first, *second)]
    assert [out.failed and out.failed.stage for out in outs] == ["timed_out", "timed_out", None] * 2
    skipped = [bool(out.failed and "wasn't run again" in out.failed.text) for out in outs]
    assert skipped == [False, True, False, True, True, False]


def test_all_examples_of_a_lost_run_say_why(sandbox: Any) -> None:
    """One outcome for each example, though none was answered."""
    run = call("layers:f", 1.0)
    many = type(run)("r", run.program, [*run.examples] * 3)
    with sandbox.start(
        package({"layers.py": "import os\n\ndef f(x):\n    os._exit(3)\n"})
    ) as session:
        reply = session.ask(Batch([many]))[0]
    assert [out.failed.stage for out in reply.outcomes] == ["died"] * 3
    assert "exit status 3" in reply.outcomes[0].failed.text


def test_after_the_submissions_time_the_rest_answers_at_once() -> None:
    """Different functions that loop stop at the limit of the whole."""
    limits = Limits(question_cpu_seconds=0.2, submission_cpu_seconds=0.5)
    text = "".join(f"def f{i}(x):\n    while True: pass\n\n" for i in range(8)) + RIGHT
    runs = [call(f"layers:f{i}", 1.0) for i in range(8)] + [call("layers:right", 1.0)]
    patient = WallBudget(Limits(submission_cpu_seconds=600))
    files = package({"layers.py": text})
    with Sandbox(limits) as sandbox, sandbox.start(files, budget=patient) as session:
        outs = [reply.outcomes[0] for reply in session.ask(Batch(runs))]
    assert [out.failed.stage for out in outs] == ["timed_out"] * 9
    assert "0.5 s" in outs[-1].failed.text  # it would have answered, had it been asked


def test_a_process_that_ends_between_questions_is_replaced(sandbox: Any) -> None:
    """The next question isn't blamed for the process that ended after its last answer."""
    text = """
import os

class Late:
    def __del__(self):
        os._exit(1)

def f(x):
    return Late()  # goes when its outcome has been packed and the next message is awaited
"""
    with sandbox.start(package({"layers.py": text + RIGHT})) as session:
        session.ask(Batch([call("layers:f", 1.0)]))
        runs = [call("layers:right", 1.0)]
        outs = [session.ask(Batch(runs))[0].outcomes[0] for _ in range(3)]
    assert outs[-1].gave == {"out": 2.0}


def test_forged_outcomes_answer_nothing_but_themselves(sandbox: Any) -> None:
    """A frame written by the submission's own hand is taken, and is wrong or no answer."""
    text = """
import os, struct

def f(x):
    os.write(4, struct.pack("<III", 14, 2, 0) + b"[]")
    while True: pass
"""
    with sandbox.start(package({"layers.py": text})) as session:
        out = session.ask(Batch([call("layers:f", 1.0)]))[0].outcomes[0]
    assert not out.gave
    assert out.failed.stage == "died"


def test_memory_is_bounded_and_given_back(sandbox: Any) -> None:
    """Half of the limit is to be had, twice of it isn't, and the process lives on."""
    text = "import numpy as np\n\ndef f(x):\n    return np.ones(int(x) << 17).sum()\n" + RIGHT
    runs = [call("layers:f", mb) for mb in (100, 600, 100)]
    with sandbox.start(package({"layers.py": text})) as session:
        outs = [reply.outcomes[0] for reply in session.ask(Batch(runs))]
    assert [out.failed and out.failed.stage for out in outs] == [None, "out_of_memory", None]
    assert 100 < session.usage.max_rss_mb < 300


def test_a_reply_beyond_the_bounds_is_not_taken(sandbox: Any) -> None:
    """A header that announces too much ends the run before anything is allocated."""
    text = """
import os, struct

def f(x):
    os.write(4, struct.pack("<III", 14, 0xFFFFFFFF, 0xFFFFFFFF))
    while True: pass
"""
    with sandbox.start(package({"layers.py": text})) as session:
        out = session.ask(Batch([call("layers:f", 1.0)]))[0].outcomes[0]
    assert out.failed.stage == "died"
    assert "more than is allowed" in out.failed.text


def test_arrays_too_large_to_compare_do_not_cross(ask: Any) -> None:
    """A gigantic view and a long list become names; the grader allocates nothing for them."""
    text = """
import numpy as np

def f(x):
    return [np.broadcast_to(1.0, (10**5, 10**5)), list(range(10**6))]
"""
    out = ask({"layers.py": text}, call("layers:f", 1.0))[0]
    assert [item.type for item in out.gave["out"]] == ["an array too large to compare", "list"]


class Sluggish:
    """A child that never answers; its clocks say what the test wants."""

    def __init__(self, cpu: float, waiting: float) -> None:
        self.cpu, self.waiting = cpu, waiting
        self.asked = 0

    def send(self, *messages: bytes) -> None:
        self.asked += len(messages)

    def receive(self, seconds: float) -> frames.Frame | None:
        if self.asked == 1:
            self.asked += 1
            return frames.Frame(frames.READY, b"{}", b"")
        return None

    def cpu_seconds(self) -> float:
        self.cpu *= 1.0
        return self.cpu

    def waiting_seconds(self) -> float:
        return self.waiting() if callable(self.waiting) else self.waiting

    def close(self) -> Any:
        from grader.sandbox.errors import ChildExit

        return ChildExit(-9, 0.0, 0)


def session_of(child: Any, limits: Limits) -> Session:
    import os

    return Session(lambda printed: child(), limits, package({}), os.memfd_create("printed"))


def test_a_sleeping_function_times_out(ask: Any) -> None:
    """Waiting for what never comes is the submission's own doing, not the machine's."""
    limits = Limits(question_cpu_seconds=0.04)
    text = "import time\n\ndef f(x):\n    time.sleep(60)\n"
    with Sandbox(limits) as sandbox, sandbox.start(package({"layers.py": text})) as session:
        out = session.ask(Batch([call("layers:f", 1.0)]))[0].outcomes[0]
    assert out.failed.stage == "timed_out"


def test_a_run_that_gets_no_processor_twice_is_the_graders_fault() -> None:
    """Ready to run but without CPU time through two wall limits: a Fault, not a verdict."""
    import time

    born = []

    def starved() -> Sluggish:
        born.append(1)
        return Sluggish(0.0, time.monotonic)  # type: ignore[arg-type]

    session = session_of(starved, Limits(question_cpu_seconds=0.01))
    with session, pytest.raises(Fault, match="fewer workers"):
        session.ask(Batch([call("layers:f", 1.0)]))
    assert len(born) == 2


class Stale(Sluggish):
    """A child that sends an answer before it is asked, and the right one only if it is *honest*."""

    def __init__(self, honest: bool) -> None:
        super().__init__(0.0, 0.0)
        self.honest, self.ticket = honest, 0

    def send(self, *messages: bytes) -> None:
        super().send(*messages)
        kind, text, _ = frames.HEAD.unpack_from(messages[0])
        if kind == frames.TICKET:
            self.ticket = int(messages[0][frames.HEAD.size : frames.HEAD.size + text])

    def receive(self, seconds: float) -> frames.Frame | None:
        if self.asked < 3:
            return super().receive(seconds) if seconds else None
        text = b'[{"gave": {"out": 2.0}, "failed": null, "notes": []}]'
        return frames.Frame(frames.OUTCOMES, text, b"", self.ticket if self.honest else 0)


@pytest.mark.parametrize("honest", [True, False])
def test_an_answer_to_nothing_asked_is_not_taken(honest: bool) -> None:
    """What an earlier question left in the pipe costs a new process, once, and no question."""
    born = []

    def child() -> Stale:
        born.append(1)
        return Stale(honest and len(born) > 1)

    with session_of(child, LIMITS) as session:
        outcome = session.ask(Batch([call("layers:f", 1.0)]))[0].outcomes[0]
    assert len(born) == 2
    assert outcome.gave == ({"out": 2.0} if honest else {})
    assert outcome.failed is None or outcome.failed.stage == "died"


def test_a_child_that_does_not_start_is_the_graders_fault() -> None:
    """Without a greeting nothing is sent and nobody is blamed."""

    class Mute(Sluggish):
        def receive(self, seconds: float) -> None:
            return None

    with pytest.raises(Fault, match="didn't start"):
        session_of(lambda: Mute(0.0, 0.0), LIMITS)


def test_usage_and_prints_add_up_over_processes(sandbox: Any) -> None:
    """After close, CPU, wall time, memory and what was printed tell of all processes."""
    text = "import os\nprint('hi')\n\ndef f(x):\n    os._exit(0)\n" + RIGHT
    runs = [call("layers:f", 1.0), call("layers:right", np.ones(3))]
    with sandbox.start(package({"layers.py": text})) as session:
        session.ask(Batch(runs))
    assert session.printed == b"hi\nhi\n"
    assert session.usage.cpu_seconds > 0
    assert session.usage.wall_seconds > 0
    assert session.usage.max_rss_mb > 5
    session.close()


def test_what_an_earlier_process_printed_cannot_be_read(any_level: Sandbox) -> None:
    """It would be a memory from one process of a submission to its next."""
    text = """
import os
def f(x):
    print("REMEMBERED", flush=True)
    os._exit(1)
def g(x):
    for fd in (1, 2):
        try:
            os.pread(fd, 100, 0)
            return 1.0
        except OSError:
            pass
    return 0.0
"""
    runs = [call("layers:f", 1.0, id="one"), call("layers:g", 1.0, id="two")]
    with any_level.start(package({"layers.py": text})) as session:
        died, looked = (reply.outcomes[0] for reply in session.ask(Batch(runs)))
        assert b"REMEMBERED" in session.printed
    assert died.failed is not None
    assert looked.gave == {"out": 0.0}
