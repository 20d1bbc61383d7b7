"""Cells of a notebook in a child: what they may do, what it costs, and what is left after them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from conftest_sandbox import package

from grader.model.programs import Outcome, Program, Run
from grader.sandbox import Batch, Limits, Package, Sandbox, Session

LIMITS = Limits(question_cpu_seconds=3.0, submission_cpu_seconds=20.0, memory_mb=512, output_kb=16)
SETUP = """\
import matplotlib.pyplot as plt
import numpy as np
from net import Net
%matplotlib inline

def rel_error(a, b):
    return abs(a - b)
"""
NET = """\
import numpy as np

class Net:
    def __init__(self):
        self.params = {"W1": np.zeros(2)}

    def loss(self, X, y=None):
        return X + self.params["W1"][0]
"""
FOUND: dict[str, Any] = {"model": {"@": "model"}}


def book(**kwargs: Any) -> Package:
    return package({"net.py": NET}, notebook=True, name="net_package", **kwargs)


def cells(*sources: str, seconds: float = 1.0) -> Run:
    """Return a run of the setup and these cells; the outputs are named after their numbers."""
    steps: list[list[Any]] = [
        ["setup", "setup", SETUP.replace("from net ", "from net_package.net "), "setup"]
    ]
    for number, source in enumerate(sources):
        steps.append(["cell", f"c{number}", source, f"cell {number}", 7, seconds])
    give = {f"c{number}": {"@": f"c{number}"} for number in range(len(sources))}
    return Run("cells", Program(tuple(steps), give), [{}])


SCORES = Run(
    "scores",
    Program(
        (
            ["model", "model", ["best_model", "solver", "model"], "loss"],
            ["call", "scores", "@model.loss", [{"$": "X"}]],
            ["histories", "histories", ["solver"], ["loss_history"]],
        ),
        {"scores": {"@": "scores"}, "histories": {"@": "histories"}},
    ),
    [{"X": np.arange(3.0)}],
)

Play = Callable[..., list[Outcome]]


@pytest.fixture
def play(sandbox: Sandbox) -> Play:
    """Run cells, then ask for the model's scores; return both outcomes."""

    def play(*sources: str, seconds: float = 1.0) -> list[Outcome]:
        with sandbox.start(book(), limits=LIMITS) as session:
            return asked(session, *sources, seconds=seconds)

    return play


def asked(session: Session, *sources: str, seconds: float = 1.0) -> list[Outcome]:
    first = session.ask(Batch([cells(*sources, seconds=seconds)]))[0].outcomes[0]
    return [first, session.ask(Batch([SCORES]))[0].outcomes[0]]


def judged(outcome: Outcome) -> list[float]:
    assert outcome.failed is None, outcome.failed
    return list(outcome.gave["scores"])


@pytest.mark.parametrize(
    "cell",
    [
        "%matplotlib inline\nmodel = Net()",
        "%%time\nmodel = Net()",
        "%time model = Net()",
        "%timeit -n 1 pass\nmodel = Net()",
        "!rm -rf /\nfiles = !ls\nmodel = Net()",
        "?Net\nmodel = Net()",
        "%cd /tmp\n%load_ext autoreload\nmodel = Net()",
        "get_ipython().run_line_magic('autoreload', '2')\nmodel = Net()",
        "display(1)\nmodel = Net()\nmodel",
        "figure, (above, below) = plt.subplots(2, 1)\nabove.plot([1])\nplt.show()\nmodel = Net()",
        "f, axes = plt.subplots(2, 3)\naxes[0, 1].imshow(1)\nfor a in axes.flat: a.axis('off')\n"
        "model = Net()",
        "n, bins, patches = plt.hist([1])\nline, = plt.plot([1])\nmodel = Net()",
        "from IPython.display import clear_output\nclear_output()\nmodel = Net()",
        "from tqdm.notebook import tqdm\nfor i in tqdm(range(2)): model = Net()",
        "class Solver: pass\nsolver = Solver()\nsolver.model = Net()",
        "model = Net()\nraise ValueError('after training')",
        "model = Net()\nexit()",
        "model = Net()\nimport sys\nsys.exit(3)",
        "print('x' * 50_000_000)\nmodel = Net()",
        "model = Net\nmodel = model()",
    ],
)
def test_a_model_is_found_whatever_else_a_cell_does(play: Play, cell: str) -> None:
    """Magics, plots, prints, exits and errors after training leave the model to be judged."""
    _, scores = play(cell)
    assert judged(scores) == [0.0, 1.0, 2.0]


@pytest.mark.parametrize(
    ("cell", "kind"),
    [
        ("exit()", "SystemExit"),
        ("input('name? ')", "EOFError"),
        ("import subprocess\nsubprocess.run(['ls'])", "ImportError"),
        ("import os\nos.system('ls')\nos.fork()", "PermissionError"),
        ("open('/tmp/x', 'w')", "PermissionError"),
        ("model = Net(", "SyntaxError"),
    ],
)
def test_what_a_cell_may_not_do_costs_that_cell(play: Play, cell: str, kind: str) -> None:
    """The next cell of the same process still runs."""
    first, scores = play(cell, "model = Net()")
    assert first.failed is not None
    assert first.failed.type == kind
    assert judged(scores) == [0.0, 1.0, 2.0]


def test_an_error_names_the_cell_and_its_line(play: Play) -> None:
    """A student reads which cell raised, and where."""
    first, _ = play("%matplotlib inline\nx = 1\nx.nothing")
    assert first.failed is not None
    assert (first.failed.file, first.failed.line) == ("cell 0", 3)


def test_given_names_are_put_back_before_each_cell(play: Play) -> None:
    """Rebinding numpy, the checks or a class of the course's costs the cell that does it."""
    first, scores = play(
        "np = rel_error = Net = get_ipython = None",
        "model = Net()\nassert rel_error(1, 2) == 1\nmodel.params['W1'] = np.ones(2)",
    )
    assert first.failed is None
    assert judged(scores) == [1.0, 2.0, 3.0]


def test_a_search_is_cut_and_the_best_so_far_is_judged(play: Play) -> None:
    """A loop over many trials ends at the limit, whatever it catches, with what it has."""
    cell = """\
best_model = None
while True:
    try:
        best_model = best_model or Net()
        best_model.params["W1"] = np.full(2, 5.0)
        sum(range(10_000))
    except Exception:
        pass
"""
    first, scores = play(cell, seconds=0.3)
    assert first.gave["c0"] is True
    assert judged(scores) == [5.0, 6.0, 7.0]


def test_a_search_in_a_function_is_cut_with_its_variables(play: Play) -> None:
    """What the running function holds counts when nothing was returned yet."""
    cell = """\
def search():
    best_model = Net()
    while True:
        sum(range(10_000))
best_model = search()
"""
    _, scores = play(cell, seconds=0.3)
    assert judged(scores) == [0.0, 1.0, 2.0]


@pytest.mark.parametrize(
    ("cell", "stage"),
    [
        (
            "import signal\nsignal.signal(signal.SIGPROF, signal.SIG_IGN)\nwhile True: pass",
            "timed_out",
        ),
        ("import signal\nsignal.setitimer(signal.ITIMER_PROF, 0)\nwhile True: pass", "timed_out"),
        ("import os\nos._exit(0)", "died"),
    ],
)
def test_a_lost_process_is_replaced(sandbox: Sandbox, cell: str, stage: str) -> None:
    """What no limit inside the process can stop costs its own run; the next is in a fresh one."""
    with sandbox.start(book(), limits=LIMITS) as session:
        lost, none = asked(session, "model = Net()", cell, seconds=0.2)
        assert lost.failed is not None
        assert lost.failed.stage == stage
        assert none.failed is not None
        if stage == "died":
            first, scores = asked(session, "model = Net()")
            assert first.failed is None
            assert judged(scores) == [0.0, 1.0, 2.0]


def test_draws_are_seeded_before_each_cell(play: Play) -> None:
    """Two cells, and two runs, draw the same."""
    draw = "model = Net()\nmodel.params['W1'] = np.random.rand(2)"
    _, first = play(draw)
    _, again = play("np.random.rand(100)", draw)
    assert judged(first) == judged(again)


def test_without_a_model_the_step_says_which_names_were_looked_for(play: Play) -> None:
    """A class, a stand-in or nothing at all is no model."""
    _, scores = play("model = Net\nsolver = plt.figure()\nbest_model = None")
    assert scores.failed is not None
    assert scores.failed.stage == "missing"
    assert "best_model or solver or model" in scores.failed.text


def test_histories_are_thinned(play: Play) -> None:
    """A long history comes as at most two hundred of its values; what is no number, not at all."""
    _, scores = play(
        "class S: pass\nsolver = S()\nsolver.model = Net()\n"
        "solver.loss_history = [np.float64(i) for i in range(10_000)]"
    )
    losses = scores.gave["histories"]["loss_history"]
    assert len(losses) == 200
    assert (losses[0], losses[-1]) == (0.0, 9999.0)


def test_every_level_runs_cells(any_level: Sandbox) -> None:
    """From namespaces to none, a notebook's cells give the same."""
    with any_level.start(book(), limits=LIMITS) as session:
        _, scores = asked(session, "%matplotlib inline\nmodel = Net()\n!ls")
        assert judged(scores) == [0.0, 1.0, 2.0]
