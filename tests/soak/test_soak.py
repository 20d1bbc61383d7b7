"""Two thousand submissions, a tenth of them hostile, through one sandbox.

Takes a minute or two, so it runs only when asked for: ``GRADER_SOAK=2000 pytest tests/soak``.
"""

from __future__ import annotations

import os
import random
from pathlib import Path

import numpy as np
import pytest

from grader.model.programs import Program, Run
from grader.sandbox import Batch, Limits, Package, Sandbox

COUNT = int(os.environ.get("GRADER_SOAK", "0"))
LIMITS = Limits(question_cpu_seconds=0.1, submission_cpu_seconds=1.0, memory_mb=128, output_kb=16)

HONEST = """
import numpy as np
print("loading layers")

def affine_forward(x, w, b):
    return x.reshape(len(x), -1) @ w + b, (x, w, b)

def affine_backward(dout, cache):
    x, w, b = cache
    flat = x.reshape(len(x), -1)
    return (dout @ w.T).reshape(x.shape), flat.T @ dout, dout.sum(0)
"""
HOSTILE = (
    "while True: pass",
    "os._exit(0)",
    "np.ones(10**9)",
    "[print('x' * 10**4) for _ in range(10**3)]",
    "os.fork()",
    "open('/tmp/grader-soak', 'w')",
    "os.write(4, b'\\xff' * 100)",
    "os.close(3)",
    "sys.setrecursionlimit(10**9); exec('def g(): g()\\ng()')",
    "signal.signal(signal.SIGXCPU, signal.SIG_IGN); 9**9**9",
    "__import__('faulthandler')._read_null()",
    "[np.ones(10**5) for _ in range(10**6)]",
)
STEPS = (
    ["call", "f", "layers:affine_forward", [{"$": "x"}, {"$": "w"}, {"$": "b"}], {}],
    ["call", "g", "layers:affine_backward", [{"$": "dout"}, {"@": "f", "item": 1}], {}],
)
GIVE = {"out": {"@": "f", "item": 0}, "dw": {"@": "g", "item": 1}}


def _batch() -> Batch:
    draw = np.random.default_rng(0).normal
    shapes = {"x": (4, 2, 3), "w": (6, 5), "b": (5,), "dout": (4, 5)}
    examples = [{name: draw(size=shape) for name, shape in shapes.items()} for _ in range(10)]
    return Batch([Run("affine", Program(STEPS, GIVE), examples)])


def _package(attack: str | None) -> Package:
    text = "import os, signal, sys\n" + HONEST
    if attack:
        place = "    x, w, b = cache\n"
        text = text.replace(place, f"{place}    {attack}\n")
    return Package("cs682", {"layers.py": text.encode()}, {}, {})


def _state(zygote: int) -> tuple[int, int, str]:
    processes = Path(f"/proc/{zygote}/task/{zygote}/children").read_text()
    fds = [len(list(Path(f"/proc/{pid}/fd").iterdir())) for pid in ("self", zygote)]
    return fds[0], fds[1], processes


def _pages(pid: int | str) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1])


@pytest.mark.skipif(not COUNT, reason="set GRADER_SOAK to the number of submissions")
def test_a_long_class_leaves_the_grader_as_it_was() -> None:
    """Descriptors and processes are the same at the end, memory flat, honest answers right."""
    order = random.Random(0)
    batch = _batch()
    with Sandbox(LIMITS, level=os.environ.get("GRADER_LEVEL"), allow_unsandboxed=True) as sandbox:
        assert sandbox._nursery is not None
        zygote = sandbox._nursery._process.pid

        def mark(attack: str | None) -> bytes:
            with sandbox.start(_package(attack)) as session:
                reply = session.ask(batch)[0]
                assert len(reply.outcomes) == 10
                return reply.text

        right = mark(None)
        for attack in HOSTILE:
            mark(attack)
        state, memory = _state(zygote), (_pages("self"), _pages(zygote))
        for _ in range(COUNT):
            attack = order.choice(HOSTILE) if order.random() < 0.1 else None
            text = mark(attack)
            assert attack or text == right
        assert _state(zygote) == state
        grown = [_pages("self") - memory[0], _pages(zygote) - memory[1]]
        assert grown[0] < 500, "the grader grew"  # 2 MB, over thousands of submissions
        assert grown[1] < 100, "the zygote grew"
    assert not Path("/tmp/grader-soak").exists()
