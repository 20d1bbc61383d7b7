"""What is shown of a failure comes from a process that holds nothing hidden."""

from __future__ import annotations

from grader.model.programs import Program, Run
from grader.sandbox import Batch, Limits, Package, Sandbox

LOOKS = b"""
import sys

def f(x):
    preloaded = sys.modules["grader.sandbox.guest.preloaded"].PRELOADED
    return len([e for run in preloaded._runs.values() for e in run["examples"]])
"""


def run(value: float, id: str = "r") -> Run:
    """Return a run that calls ``layers:f`` of *value*."""
    return Run(
        id,
        Program((["call", "f", "layers:f", [{"$": "x"}], {}],), {"n": {"@": "f"}}),
        [{"x": value}],
    )


def test_a_bare_process_finds_no_run_that_it_was_not_asked() -> None:
    """Preloaded runs can be found in an ordinary process, and in no bare one."""
    package = Package("cs682", {"layers.py": LOOKS}, {}, {})
    with Sandbox(Limits(), level="process", allow_unsandboxed=True) as sandbox:
        sandbox.preload([Batch([run(0.25, "hidden")])], Package("cs682", {}, {}, {}))
        found = {}
        for bare in (False, True):
            with sandbox.start(package, bare=bare) as session:
                found[bare] = session.ask(Batch([run(1.0)]))[0].outcomes[0].gave["n"]
    assert found == {False: 1, True: 0}
