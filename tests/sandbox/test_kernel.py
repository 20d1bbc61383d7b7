"""A whole notebook in a confined Jupyter kernel: what its cells can do, and what they can't."""

from __future__ import annotations

import os
import select
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest_sandbox import package

from grader.model.programs import Failure, Outcome, Program, Run
from grader.sandbox import Batch, Entry, IsolationUnavailable, Limits, ProcessGone, Sandbox, Session
from grader.sandbox.host import trial
from grader.sandbox.protocol.layout import ANSWER, CELL, REACH, SETUP
from grader.sandbox.protocol.levels import LEVELS

LIMITS = Limits(question_cpu_seconds=2.0, submission_cpu_seconds=20.0, memory_mb=512, output_kb=16)
SETUP_CELL = """\
import matplotlib.pyplot as plt
import numpy as np
from net_package.net import Net
%matplotlib inline
%load_ext autoreload
%autoreload 2
"""
NET = """\
import numpy as np

class Net:
    def __init__(self, first=0.0):
        self.params = {"W1": np.full(2, first)}

    def loss(self, X, y=None):
        return X + self.params["W1"][0]
"""
DATA = {"X_train": np.arange(6.0), "y_train": np.arange(6), "X_val": np.zeros(1)}
GIVE = Run(
    "data",
    Program((["name", "data", {"$": "d"}], ["keep", "there", True]), {"there": {"@": "there"}}),
    [{"d": DATA}],
)
SCORES = Run(
    "scores",
    Program(
        (
            ["model", "model", ["model"], "loss"],
            ["call", "scores", "@model.loss", [{"$": "X"}]],
        ),
        {"scores": {"@": "scores"}},
    ),
    [{"X": np.arange(3.0)}],
)


@pytest.fixture(scope="module")
def strongest() -> Iterator[Sandbox]:
    """A sandbox that has kernels."""
    with Sandbox(LIMITS) as sandbox:
        pytest.importorskip("ipykernel", reason="needs the [dev] extra's kernel")
        if sandbox.level != LEVELS[-1]:
            pytest.skip(f"kernels need {LEVELS[-1]}, and this machine has {sandbox.level}")
        yield sandbox


class Notebook:
    """A running notebook of which each answer is a question, numbered from 0."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def reach(self, number: int, seconds: float = 1.0, first: int = 0) -> Outcome:
        """Run as far as the end of an answer; return how it ended."""
        names = ["X_train", "y_train", "X_val", "y_val"]
        how = [f"q{number}", seconds, "data", first, names, 231, "loss"]
        run = Run("reach", Program((["reach", "cut", *how],), {"cut": {"@": "cut"}}), [{}])
        return self._ask(run)

    def scores(self) -> list[float]:
        """Return what the model gives that the answer has left."""
        outcome = self._ask(SCORES)
        assert outcome.failed is None, outcome.failed
        return list(outcome.gave["scores"])

    def _ask(self, run: Run) -> Outcome:
        return self.session.ask(Batch([run]))[0].outcomes[0]


Play = Callable[..., Any]


@pytest.fixture
def play(strongest: Sandbox) -> Play:
    """Start a notebook of these answers; *cells* stand before the first."""

    @contextmanager
    def play(*answers: str, cells: tuple[str, ...] = (), **limits: Any) -> Iterator[Notebook]:
        entries = [Entry(REACH, "# the data", ""), Entry(SETUP, SETUP_CELL, "setup")]
        entries += [Entry(CELL, cell, "another cell") for cell in cells]
        for number, answer in enumerate(answers):
            entries += [Entry(ANSWER, answer, f"cell {number}"), Entry(REACH, "#", f"q{number}")]
        book = package({"net.py": NET}, name="net_package", kernel_cells=tuple(entries))
        with strongest.kernel(book, Limits(**{**vars(LIMITS), **limits})) as session:
            assert session.ask(Batch([GIVE]))[0].outcomes[0].failed is None
            yield Notebook(session)

    return play


def test_a_notebook_runs_from_top_to_bottom(play: Play) -> None:
    """Cells see what earlier ones left, and each answer's model is judged before the next runs."""
    with play(
        "model = Net(start)", "model = Net(model.params['W1'][0] + 1)", cells=("start = 3.0",)
    ) as notebook:
        assert notebook.reach(0) == Outcome({"cut": False})
        assert notebook.scores() == [3.0, 4.0, 5.0]
        assert notebook.reach(1) == Outcome({"cut": False})
        assert notebook.scores() == [4.0, 5.0, 6.0]


def test_a_question_that_nobody_asks_for_is_passed(play: Play) -> None:
    """The kernel runs through its cells, and stops at the one that is asked for."""
    with play("model = Net(1.0)\n1 / 0", "model = Net(model.params['W1'][0] + 1)") as notebook:
        assert notebook.reach(1) == Outcome({"cut": False})
        assert notebook.scores() == [2.0, 3.0, 4.0]


#: Cells that do something else besides leaving a model, of their own number.
CHATTY = (
    "%%time\nmodel = Net(NUMBER)",
    "!rm -rf /\nfiles = !ls\n%pip install torch\nmodel = Net(NUMBER)",
    "get_ipython().run_cell('1 / 0')\nmodel = Net(NUMBER)",
    "figure, (above, below) = plt.subplots(2, 1)\nabove.plot([1])\nplt.show()\nmodel = Net(NUMBER)",
    "from IPython.display import display, clear_output\ndisplay(1)\nmodel = Net(NUMBER)\nmodel",
    "model = Net(NUMBER)\nexit()",
    "model = Net(NUMBER)\nimport sys\nsys.exit(3)",
    "model = Net(NUMBER)\ninput('name? ')",
    "print('x' * 50_000_000)\nmodel = Net(NUMBER)",
    "model = Net(NUMBER)\n'x' * 5_000_000",
    "import asyncio\nawait asyncio.sleep(0)\nmodel = Net(NUMBER)",
    "np.savez('model.npz', W1=NUMBER)\nmodel = Net(np.load('model.npz')['W1'])",
    "import threading\nthread = threading.Thread(target=lambda: None)\nthread.start()\n"
    "thread.join()\nmodel = Net(NUMBER)",
    "Net_ = Net\nnp = Net = data = get_ipython = None\nmodel = Net_(NUMBER)",
)


def test_a_model_is_found_whatever_else_a_cell_does(play: Play) -> None:
    """Shells, plots, exits, prints and errors leave the model, and the notebook, as they were."""
    last = "assert len(data['X_train']) == 6\nmodel = Net(np.float64(1))"
    numbered = [cell.replace("NUMBER", str(number)) for number, cell in enumerate(CHATTY)]
    with play(*numbered, last) as notebook:
        for number, cell in enumerate(CHATTY):
            notebook.reach(number)
            assert notebook.scores() == [number, number + 1, number + 2], cell
        assert notebook.reach(len(CHATTY)) == Outcome({"cut": False})
        assert notebook.scores() == [1.0, 2.0, 3.0]


def test_an_error_names_the_cell_and_its_line(play: Play) -> None:
    """A student reads which cell raised, and where."""
    with play("x = 1\nx.nothing", "model = (") as notebook:
        failed = notebook.reach(0).failed
        assert failed == Failure("raised", "cut", "AttributeError", failed.text, "cell 0", 2)
        failed = notebook.reach(1).failed
        assert (failed.type, failed.file) == ("SyntaxError", "cell 1")


def test_the_first_images_validate_where_they_are_asked_for(play: Play) -> None:
    """A question about few images gets them as validation images too; the next one doesn't."""
    cell = "model = Net(float(len(data['X_val'])))"
    with play(cell, cell) as notebook:
        notebook.reach(0, first=4)
        assert notebook.scores() == [4.0, 5.0, 6.0]
        notebook.reach(1)
        assert notebook.scores() == [1.0, 2.0, 3.0]


def test_a_search_is_cut_and_the_rest_of_the_notebook_runs(play: Play) -> None:
    """A loop ends at the limit, whatever it catches; so does one before the answer."""
    loop = """\
def search():
    model = Net(5.0)
    while True:
        try:
            sum(range(10_000))
        except Exception:
            pass
"""
    with play(f"{loop}search()", "model = Net()", cells=("while True: pass",)) as notebook:
        assert notebook.reach(0, seconds=0.3) == Outcome({"cut": True})
        assert notebook.scores() == [5.0, 6.0, 7.0]
        assert notebook.reach(1) == Outcome({"cut": False})
        assert notebook.scores() == [0.0, 1.0, 2.0]


def test_an_earlier_model_is_no_answer_to_a_later_question(play: Play) -> None:
    """An answer that fails at once leaves nothing; one may train further what is there."""
    with play("model = Net(1.0)", "1 / 0", "model.params['W1'] += 1") as notebook:
        notebook.reach(0)
        assert notebook.scores() == [1.0, 2.0, 3.0]
        assert notebook.reach(1).failed.type == "ZeroDivisionError"
        assert notebook._ask(SCORES).failed.stage == "missing"
        notebook.reach(2)
        assert notebook.scores() == [2.0, 3.0, 4.0]


def test_memory_and_space_and_threads_are_bounded(play: Play) -> None:
    """Too large an array, too many files or threads cost the cell that makes them."""
    large = "np.ones(1 << 28)"
    files = "for n in range(4): np.save(f'{n}.npy', np.ones(1 << 22))"
    threads = """\
import threading
threading.stack_size(1 << 15)
end = threading.Event()
try:
    for _ in range(5000):
        threading.Thread(target=end.wait).start()
finally:
    end.set()
"""
    with play(large, files, threads, "model = Net()") as notebook:
        assert notebook.reach(0).failed.type == "MemoryError"
        assert notebook.reach(1).failed.type == "OSError"
        assert notebook.reach(2).failed.type == "RuntimeError"
        assert notebook.reach(3) == Outcome({"cut": False})
        assert notebook.scores() == [0.0, 1.0, 2.0]


@pytest.mark.parametrize(
    ("cell", "stage"),
    [
        ("import os\nos._exit(0)", "died"),
        ("import time\ntime.sleep(1000)", "timed_out"),
        (
            "import signal\nsignal.signal(signal.SIGPROF, signal.SIG_IGN)\nwhile True: pass",
            "timed_out",
        ),
    ],
)
def test_a_lost_kernel_keeps_what_was_judged(play: Play, cell: str, stage: str) -> None:
    """What no limit inside can stop ends the kernel: it can't be asked any more."""
    short = {"question_cpu_seconds": 0.4}
    with play("model = Net()", cell, "model = Net()", **short) as notebook:
        notebook.reach(0)
        assert notebook.scores() == [0.0, 1.0, 2.0]
        assert notebook.reach(1, seconds=0.2).failed.stage == stage
        with pytest.raises(ProcessGone):
            notebook.reach(2)


def test_nothing_survives_the_end(play: Play) -> None:
    """Neither a kernel that is busy in another thread, nor its client, nor their files."""
    cell = """\
import threading

def forever():
    while True:
        pass

threading.Thread(target=forever).start()
open("left", "w").close()
model = Net()
"""
    with play(cell) as notebook:
        notebook.reach(0)
        kernel = notebook.session._process.child._pid_here
        (client,) = Path(f"/proc/{kernel}/task/{kernel}/children").read_text().split()
        running = [os.pidfd_open(int(pid)) for pid in (kernel, client)]
        assert select.select(running, [], [], 0)[0] == []
    for process in running:
        assert select.select([process], [], [], 10)[0] == [process]
        os.close(process)
    with play("import os\nmodel = Net(float('left' in os.listdir('.')))") as notebook:
        notebook.reach(0)
        assert notebook.scores() == [0.0, 1.0, 2.0]


# --- Attacks -------------------------------------------------------------------------------------

#: What a cell may not do. Each is harmless, and works outside of the sandbox.
ATTACKS = {
    "network": "import socket\nsocket.create_connection(('127.0.0.1', {port}), 2).close()",
    "datagram": "import socket\nsocket.socket(socket.AF_INET, socket.SOCK_DGRAM).close()",
    "unix socket": "import socket\nsocket.socket(socket.AF_UNIX).connect({socket!r})",
    "abstract socket": "import socket\nsocket.socket(socket.AF_UNIX).connect({abstract!r})",
    "key": "assert open({key!r}, 'rb').read()",
    "another submission": "assert open({submission!r}).read()",
    "home folder": "import os\nos.listdir({home!r})",
    "grader's environment": "assert open('/proc/{pid}/environ', 'rb').read() is not None",
    "grader's memory": "open('/proc/{pid}/mem', 'rb').close()",
    "its own process's maps": "assert open('/proc/self/maps').read()",
    "signal": "import os\nos.kill({pid}, 0)",
    "signal its parent": "import os\nos.kill(os.getppid(), 0)",
    "fork": "import os\npid = os.fork()\nif not pid: os._exit(0)\nos.waitpid(pid, 0)",
    "program": "import subprocess\nsubprocess.run(['/bin/true'], check=True)",
    "write": "open({trace!r}, 'w').close()",
    "limits": "import resource\nresource.setrlimit(resource.RLIMIT_NOFILE, (32, 32))",
    "another library": "import pytest\npytest.approx(1)",
    "another library's files": "import os\nos.listdir({library!r})",
}


@pytest.fixture
def places(tmp_path: Path, root: Path) -> Iterator[dict[str, Any]]:
    """What the attacks are aimed at, all of it there and open to everyone."""
    submission, trace = tmp_path / "other.py", tmp_path / "trace"
    submission.write_text("secret = 1")
    abstract = f"\0grader-test-{os.getpid()}"
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.socket(socket.AF_UNIX) as named,
        socket.socket(socket.AF_UNIX) as unnamed,
    ):
        named.bind(str(tmp_path / "socket"))
        unnamed.bind(abstract)
        for listening in (named, unnamed):
            listening.listen()
        yield {
            "port": server.getsockname()[1],
            "socket": str(tmp_path / "socket"),
            "abstract": abstract,
            "key": str(next((root / "reference_outputs").rglob("*.json"))),
            "submission": str(submission),
            "home": str(Path.home()),
            "pid": os.getpid(),
            "trace": str(trace),
            "library": str(Path(pytest.__file__).parent),
        }


def test_a_cell_reaches_nothing_outside(play: Play, places: dict[str, Any]) -> None:
    """No network, no file, no process, no program: each attempt raises, and the kernel goes on."""
    with play(*(attack.format(**places) for attack in ATTACKS.values())) as notebook:
        worked = [
            name for number, name in enumerate(ATTACKS) if notebook.reach(number).failed is None
        ]
    assert worked == []
    assert not Path(places["trace"]).exists()


@pytest.mark.parametrize("name", sorted(ATTACKS))
def test_the_attacks_are_real(places: dict[str, Any], name: str) -> None:
    """Each works in a process that nothing confines."""
    if name == "grader's memory" and os.geteuid() != 0:
        pytest.skip("needs the right to trace")
    code = ATTACKS[name].format(**places)
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_trial_attacks_are_turned_away(strongest: Sandbox) -> None:
    """The attacks that are tried before any kernel is believed."""
    server = strongest._for_kernel()
    try:
        assert trial.prove(server, strongest.level, LIMITS, kernel=True) == ""
        assert "open a unix socket" in trial.prove(server, strongest.level, LIMITS)
    finally:
        server.close()


@pytest.mark.parametrize("level", ["landlock+seccomp", "process"])
def test_weaker_levels_have_no_kernel(level: str) -> None:
    """They say which level is wanted, and what to do."""
    with (
        Sandbox(LIMITS, level=level, allow_unsandboxed=True) as sandbox,
        pytest.raises(
            IsolationUnavailable, match=r"namespaces\+landlock\+seccomp .* --engine cells"
        ),
    ):
        sandbox.try_kernel()


def test_without_a_kernel_installed_that_is_said(strongest: Sandbox, monkeypatch: Any) -> None:
    """ipykernel is an extra."""
    monkeypatch.setattr("grader.sandbox.sandbox.find_spec", lambda name: None)
    with pytest.raises(IsolationUnavailable, match="ipykernel isn't installed"):
        strongest.try_kernel()
