"""How submissions are given to the workers of a cluster, with a scheduler that the tests play."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from grader.classroom import cluster, scheduler
from grader.classroom.cluster import ClusterPool
from grader.classroom.cluster_hand import ClusterOptions
from grader.classroom.pool import Unmarked
from grader.classroom.scheduler import SchedulerGone, private
from grader.classroom.worker import Marked, Settings
from grader.classroom.worker_setup import packed_result
from grader.cli import main
from grader.key import load, sources
from grader.model.problem import Problem
from grader.submissions import Place

READY = json.dumps({"refused": "", "level": "process"})


@dataclass
class Task:
    """A task that a worker was given; it is over when the test says so."""

    name: str
    worker: str
    then: Callable[[Task], None]
    arguments: tuple[Any, ...]
    status: str = "pending"
    value: Any = None

    def over(self, value: Any, status: str = "finished") -> None:
        self.status, self.value = status, value
        self.then(self)

    def result(self, timeout: float) -> Any:
        if isinstance(self.value, Exception):
            raise self.value
        return self.value

    def exception(self, timeout: float) -> Any:
        return self.value


@dataclass
class Played:
    """A scheduler whose workers, tasks and absences a test decides."""

    there: list[str] = field(default_factory=lambda: ["tls://one:1"])
    tasks: list[Task] = field(default_factory=list)
    gone: bool = False
    connected: int = 0
    address: str = "tls://scheduler:1"
    where: str = "tls://scheduler:1"
    local: bool = False

    @property
    def client(self) -> Any:
        return SimpleNamespace(scheduler=SimpleNamespace(address=self.address))

    def connect(self) -> None:
        if self.gone:
            raise SchedulerGone
        self.connected += 1

    def workers(self) -> list[str]:
        if self.gone:
            raise SchedulerGone
        return list(self.there)

    def submit(self, worker: str, then: Any, task: str, *arguments: Any) -> Task:
        if self.gone:
            raise SchedulerGone
        self.tasks.append(Task(task, worker, then, arguments))
        return self.tasks[-1]

    def wait(self, futures: Any, seconds: float) -> None:
        pass

    def close(self) -> None:
        pass

    def of(self, name: str) -> list[Task]:
        return [task for task in self.tasks if task.name == name]


class Run:
    """A cluster whose scheduler is played, the submissions given to it, and what it said."""

    def __init__(self, course: Path, played: Played, key: str) -> None:
        self.played, self.said = played, list[str]()
        self.course = course
        key_folder = course.parent / "reference_outputs"
        worker: Any = SimpleNamespace(
            assignment=sources.manifest(course),
            key=load(key_folder),
            sandbox=SimpleNamespace(level="process"),
            mark=lambda place: Marked(answer(place.name)),
        )
        settings = Settings(course, key_folder, kinds=("code",))
        options = ClusterOptions("tls://scheduler:1", key)
        self.cluster = ClusterPool(settings, worker, options, self.said.append)

    def results(self) -> list[Marked | Unmarked]:
        return list(self.cluster.results(0.0))

    def give(self, name: str) -> None:
        self.cluster.give(Unmarked(Place(name, self.course)))


def answer(name: str = "") -> Any:
    return {"submission": name, "source": "", "score": 1.0}


@pytest.fixture
def played(monkeypatch: pytest.MonkeyPatch) -> Played:
    """A scheduler for :class:`ClusterPool`, of one worker; dask isn't needed."""
    made = Played()
    monkeypatch.setattr(cluster, "Scheduler", lambda where, count: made)
    monkeypatch.setattr(cluster, "LOOK", 0.0)
    tasks = SimpleNamespace(begin="begin", mark="mark", forget="forget")
    monkeypatch.setitem(sys.modules, "grader.classroom.cluster_worker", tasks)
    monkeypatch.setattr(sys.modules["grader.classroom"], "cluster_worker", tasks, raising=False)
    return made


@pytest.fixture
def run(toy_course: Path, played: Played) -> Run:
    """A run whose worker has started."""
    made = Run(toy_course, played, "/mnt/key")
    made.results()
    played.of("begin")[0].over(READY)
    made.results()
    assert made.cluster.free
    return made


def test_a_worker_has_one_submission_at_a_time(run: Run) -> None:
    """It is free again when its result is there, under the name that it never had."""
    run.give("ada")
    assert not run.cluster.free
    (task,) = run.played.of("mark")
    assert b"ada" not in task.arguments[1]
    task.over(packed_result(Marked(answer())))
    (found,) = run.results()
    assert isinstance(found, Marked)
    assert found.result["submission"] == "ada"
    assert run.cluster.free
    assert not run.cluster.busy


def test_a_lost_worker_costs_its_submission_a_try(run: Run) -> None:
    """The third one gives it up, with a reason; another submission has tries of its own."""
    run.played.there = [f"tls://{number}:1" for number in range(3)]
    run.results()
    for begun in run.played.of("begin")[1:]:
        begun.over(READY)
    run.results()
    run.give("ada")
    for number in range(3):
        task = run.played.of("mark")[number]
        run.played.there.remove(task.worker)
        found = run.results()
        assert bool(found) == (number == 2)
        task.over(packed_result(Marked(answer())))  # too late: it is another's by now
        assert not run.results()
    (lost,) = found
    assert isinstance(lost, Unmarked)
    assert lost.place.name == "ada"
    assert "ended, 3 times" in lost.reason
    run.played.there = ["tls://new:1"]
    run.results()
    run.played.of("begin")[-1].over(READY)
    run.results()
    run.give("bo")
    run.played.of("mark")[-1].over(packed_result(Marked(answer())))
    assert [one.result["submission"] for one in run.results() if isinstance(one, Marked)] == ["bo"]


def test_a_worker_started_anew_under_its_address_is_noticed(run: Run) -> None:
    """It says that it holds nothing; that is a lost worker, which is started again."""
    run.give("ada")
    for _ in range(3):
        run.played.of("mark")[-1].over(b"")
        lost = run.results()
        if not lost:
            run.played.of("begin")[-1].over(READY)
            run.results()
    assert isinstance(lost[0], Unmarked)
    assert len(run.played.of("begin")) == 4


def test_a_task_that_raises_costs_a_try_too(run: Run) -> None:
    """Whatever it is: the reason has it in a line."""
    run.give("ada")
    for _ in range(3):
        run.played.of("mark")[-1].over(RuntimeError("of\nits own"), "error")
        lost = run.results()
        if not lost:
            run.played.of("begin")[-1].over(READY)
            run.results()
    assert isinstance(lost[0], Unmarked)
    assert "RuntimeError: of" in lost[0].reason


def test_a_refused_worker_is_told_and_left_out(
    toy_course: Path, played: Played, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The others mark. Where nobody is left, the run ends with all reasons."""
    played.there = ["tls://one:1", "tls://two:1"]
    run = Run(toy_course, played, "/mnt/key")
    run.results()
    first, second = played.of("begin")
    first.over(json.dumps({"refused": "it is too weak", "level": "none"}))
    run.results()
    assert run.said == ["a worker isn't used: it is too weak (tls://one:1)"]
    second.over(ModuleNotFoundError("No module named 'grader'"), "error")
    assert not run.results()
    monkeypatch.setattr(cluster, "GRACE", 0.0)
    with pytest.raises(Problem, match=r"it is too weak; it can't run the grader \(ModuleNotFound"):
        run.results()
    assert not played.of("mark")


def test_a_scheduler_that_comes_back_gets_all_again(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What ran is given anew, and no try is counted; where it stays away, the run ends."""
    for _ in range(4):
        if not run.played.of("mark"):
            run.give("ada")
        run.played.of("mark")[-1].over(None, "cancelled")
        run.results()
        run.results()
        run.played.of("begin")[-1].over(READY)
        run.results()
    assert run.cluster.busy == ["ada"]
    assert run.played.connected == 4
    run.played.gone = True
    run.results()
    monkeypatch.setattr(cluster, "PATIENCE", 0.0)
    with pytest.raises(Problem, match="the same command goes on from there"):
        run.results()


def test_what_has_come_is_kept_where_the_scheduler_stays_away(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A result that came in the same moment is yielded before the run ends."""
    monkeypatch.setattr(cluster, "PATIENCE", 0.0)
    run.give("ada")
    run.played.of("mark")[0].over(packed_result(Marked(answer())))
    run.played.gone = True
    monkeypatch.setattr(cluster, "LOOK", 1000.0)
    take = ClusterPool._take

    def take_and_give(self: ClusterPool, *what: Any) -> None:
        take(self, *what)
        run.give("bo")

    monkeypatch.setattr(ClusterPool, "_take", take_and_give)
    found = run.cluster.results(0.0)
    assert next(found).result["submission"] == "ada"  # type: ignore[union-attr]
    with pytest.raises(Problem, match="goes on from there"):
        next(found)


def test_what_cannot_be_read_is_told_here(run: Run, tmp_path: Path) -> None:
    """No worker is asked for it."""
    run.cluster.give(Unmarked(Place("empty", tmp_path)))
    (found,) = run.results()
    assert isinstance(found, Marked)
    assert found.result["submission"] == "empty"
    assert not run.played.of("mark")


def test_after_an_interrupt_nothing_is_begun(run: Run) -> None:
    """A submission whose worker was lost is left for the next run."""
    run.give("ada")
    run.played.there = []
    run.results()
    run.cluster.stop()
    assert not run.cluster.busy


def test_the_key_is_sent_where_nobody_reads_along(toy_course: Path, played: Played) -> None:
    """Neither to a scheduler nor to a worker by plain TCP; by TLS it comes along."""
    played.address = "tcp://scheduler:1"
    with pytest.raises(Problem, match="set up TLS"):
        Run(toy_course, played, "send")
    Run(toy_course, played, "/mnt/key")
    played.address, played.there = "tls://scheduler:1", ["tcp://one:1", "tls://two:1"]
    run = Run(toy_course, played, "send")
    run.results()
    assert [task.worker for task in played.of("begin")] == ["tls://two:1"]
    assert "isn't encrypted" in run.said[0]
    assert not private("tcp://10.0.0.1:8786")
    assert private("tcp://127.0.0.1:8786")


def test_few_workers_start_at_one_time(toy_course: Path, played: Played) -> None:
    """Each is sent the course's files: a hundred would fill the scheduler."""
    played.there = [f"tls://{number}:1" for number in range(100)]
    run = Run(toy_course, played, "/mnt/key")
    run.results()
    assert len(played.of("begin")) == cluster.STARTING
    played.tasks[0].over(READY)
    run.results()
    assert len(played.of("begin")) == cluster.STARTING + 1


def test_waiting_for_workers_is_said_once(toy_course: Path, played: Played) -> None:
    """A queue may take hours; the run neither spins nor ends."""
    played.there = []
    run = Run(toy_course, played, "/mnt/key")
    run.results()
    run.results()
    assert run.said == ["no worker has joined the cluster yet: waiting for one"]


def test_the_options_are_held_together(
    toy_course: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """How the key gets to a cluster has to be said; without the extra, which one is missing."""
    grade = ["grade", str(toy_course), "-a", str(toy_course), "--allow-unsandboxed"]
    for words, said in (
        (["--cluster", "tls://a:1"], "--cluster-key send"),
        (["--cluster-key", "send"], "say --cluster, too"),
    ):
        assert main([*grade, *words]) == 2
        assert said in capsys.readouterr().err
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(Problem, match=r"pip install 'assignment-grader\[cluster\]'"):
        scheduler.Scheduler("local")
