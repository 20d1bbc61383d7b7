"""Show that a process which checks a student's work ends with the one that asked it.

``python tests/selfcheck/ends_with_parent.py`` has a child run into an endless loop at the isolation
level none, kills its parent, and waits until the child is gone; exits with 1 if it stays. It is for
systems on which nothing ties a child to its parent: macOS and Windows.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time

PARENT = """
import numpy as np
from grader.model.programs import Program, Run
from grader.sandbox import Batch, Limits, Package, Sandbox
files = {"layers.py": b"def f(x):\\n    while True: pass\\n"}
limits = Limits(question_cpu_seconds=600, submission_cpu_seconds=600)
program = Program((["call", "f", "layers:f", [{"$": "x"}], {}],), {"out": {"@": "f"}})
with Sandbox(limits, level="none", allow_unsandboxed=True) as sandbox:
    with sandbox.start(Package("cs682", files, {}, {})) as session:
        print(session._process.child._process.pid, flush=True)
        session.ask(Batch([Run("loop", program, [{"x": np.ones(3)}])]))
"""
_SECONDS = 60


def alive(pid: int) -> bool:
    """Say whether a process of that number runs."""
    if sys.platform == "win32":
        command = ["tasklist", "/FI", f"PID eq {pid}"]
        told = subprocess.run(command, capture_output=True, text=True, check=True)
        return str(pid) in told.stdout
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def main() -> int:
    with subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        assert alive(child), "the child didn't start"
        time.sleep(2)  # until it loops
        parent.kill()
    until = time.monotonic() + _SECONDS
    while alive(child) and time.monotonic() < until:
        time.sleep(0.2)
    print(f"process {child}: {'still there' if alive(child) else 'has ended'}")
    return int(alive(child))


if __name__ == "__main__":
    sys.exit(main())
