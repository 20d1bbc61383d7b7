"""What confinement costs: start a submission's process, twenty calls, end; level by level.

The levels take turns within one run, so that whatever else the machine does falls on all of them.
Prints milliseconds of wall time: the median, the least, and what is added to the bare fork.

    python benchmarks/confinement.py [ROUNDS]
"""

from __future__ import annotations

import sys
import time
from contextlib import ExitStack
from statistics import median

import numpy as np

from grader.model.programs import Program, Run
from grader.sandbox import Batch, IsolationUnavailable, Limits, Package, Sandbox

BARE = "process"
LEVELS = (BARE, "seccomp-strict", "landlock+seccomp", "namespaces+landlock+seccomp")
TEXT = b"import numpy as np\n\ndef f(x, w):\n    return x @ w\n"


def batch() -> Batch:
    """Return twenty calls of a small product."""
    rng = np.random.default_rng(0)
    step = ["call", "f", "layers:f", [{"$": "x"}, {"$": "w"}], {}]
    inputs = [{"x": rng.normal(size=(8, 16)), "w": rng.normal(size=(16, 4))} for _ in range(20)]
    return Batch([Run("f", Program((step,), {"out": {"@": "f"}}), inputs)])


def main() -> None:
    """Measure and print."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    calls, package = batch(), Package("cs682", {"layers.py": TEXT}, {}, {})
    times: dict[str, list[float]] = {}
    with ExitStack() as stack:
        sandboxes = []
        for level in LEVELS:
            try:
                sandbox = Sandbox(Limits(), level=level, allow_unsandboxed=level == BARE)
            except IsolationUnavailable as refused:
                print(f"{level}: {refused.reason}", file=sys.stderr)
                continue
            sandboxes.append(stack.enter_context(sandbox))
            times[level] = []
        for number in range(rounds + 5):
            for sandbox in sandboxes:
                began = time.perf_counter()
                with sandbox.start(package) as session:
                    outcomes = session.ask(calls)[0].outcomes
                took = time.perf_counter() - began
                if outcomes[-1].failed:
                    sys.exit(f"{sandbox.level}: {outcomes[-1].failed}")
                if number >= 5:  # the first ones warm up
                    times[sandbox.level].append(took * 1e3)
    print(f"{'level':<28} {'median':>7} {'least':>7} {'added':>7} {'added to least':>15}")
    bare = times[BARE]
    for level, found in times.items():
        added, least = median(found) - median(bare), min(found) - min(bare)
        print(f"{level:<28} {median(found):7.2f} {min(found):7.2f} {added:7.2f} {least:15.2f}")


if __name__ == "__main__":
    main()
