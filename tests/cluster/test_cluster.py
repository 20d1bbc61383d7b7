"""A class on a cluster: the same results, whatever becomes of its workers and its scheduler."""

from __future__ import annotations

import json
import os
import shutil
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from dask_processes import Dask, Grade, kill, pids, results

from grader.classroom import cluster as coordinator
from grader.classroom.gradebook import Gradebook
from grader.cli import main

After = Callable[[int, Callable[[coordinator.ClusterPool], None]], None]


@pytest.fixture
def key(root: Path) -> Path:
    """The key's folder, which workers on this machine can read."""
    return root / "reference_outputs"


@pytest.fixture
def after(monkeypatch: pytest.MonkeyPatch) -> After:
    """Do something once, when a run has had so many results, and a worker is at the next."""
    take = coordinator.ClusterPool._take

    def after(count: int, deed: Callable[[coordinator.ClusterPool], None]) -> None:
        had = [0]

        def taking(self: coordinator.ClusterPool, *answer: Any) -> None:
            before = len(self._over)
            take(self, *answer)
            had[0] += len(self._over) - before
            if had[0] >= count and any(hand.job for hand in self._hands.values()):
                had[0] = -1000
                deed(self)

        monkeypatch.setattr(coordinator.ClusterPool, "_take", taking)

    return after


def statuses(output: Path) -> dict[str, str]:
    with Gradebook(output) as gradebook:
        return {result["submission"]: result["status"] for result in gradebook.all()}


def test_a_local_cluster_gives_what_processes_here_give(
    grade: Grade, here: Path, tmp_path: Path
) -> None:
    """The same bytes of each result but for its times, and of each notebook given back."""
    assert grade("--cluster", "local", "-j", "2", "--annotate") == 0
    assert results(tmp_path / "grades") == results(here)
    assert len(results(here)) == 10
    books = sorted(here.glob("submissions/*/*.ipynb"))
    assert books
    for book in books:
        there = tmp_path / "grades" / book.relative_to(here)
        assert there.read_bytes() == book.read_bytes()
        assert there.with_suffix(".html").read_bytes() == book.with_suffix(".html").read_bytes()
    first = json.loads(next(iter(results(tmp_path / "grades").values())))
    assert first["submission"] == "ada"
    assert "ada" in first["source"]


def test_a_whole_notebook_in_a_kernel_is_marked_there(
    grade: Grade, klass: Path, tmp_path: Path
) -> None:
    """``--engine kernel`` on a worker: what it gives on this machine."""
    one = tmp_path / "one"
    shutil.copytree(klass / "ada", one / "ada")
    asked = ("--only", "training", "--train", "short", "--engine", "kernel")
    assert grade(*asked, of=one, to="here") == 0
    assert grade(*asked, "--cluster", "local", of=one) == 0
    assert results(tmp_path / "grades") == results(tmp_path / "here")
    assert statuses(tmp_path / "grades") == {"ada": "graded"}


def test_a_worker_killed_in_the_middle_costs_nothing(
    grade: Grade, cluster: Any, key: Path, here: Path, tmp_path: Path, after: After
) -> None:
    """Its submission goes to another; all results are those of a run that nobody disturbed."""
    address, killed = cluster.scheduler_address, list[int]()
    processes = pids(address)

    def one(run: coordinator.ClusterPool) -> None:
        killed.append(processes[next(a for a, hand in run._hands.items() if hand.job)])
        kill(killed[0])

    after(3, one)
    assert grade("--cluster", address, "--cluster-key", key) == 0
    assert results(tmp_path / "grades") == results(here)
    assert killed
    assert killed[0] not in pids(address).values()


def test_what_kills_three_workers_is_not_graded(
    grade: Grade, cluster: Any, key: Path, here: Path, klass: Path, tmp_path: Path
) -> None:
    """Its result names the reason; nobody else's is another one."""
    mixed = Path(shutil.copytree(klass, tmp_path / "class"))
    shutil.copytree(klass / "ada", mixed / "zoe")
    for path in (mixed / "zoe").rglob("optim.py"):
        path.write_text(path.read_text() + "\n# ends its worker\n")
    address = cluster.scheduler_address
    assert grade("--cluster", address, "--cluster-key", key, of=mixed) == 3
    found = results(tmp_path / "grades")
    lost = json.loads(found.pop("zoe"))
    told = {name: json.loads(text) for name, text in results(here).items()}
    assert {name: json.loads(text)["questions"] for name, text in found.items()} == {
        name: result["questions"] for name, result in told.items()
    }
    assert lost["status"] == "not_graded"
    assert "ended, 3 times" in json.dumps(lost["questions"])


@pytest.mark.parametrize("named", ["address", "file"])
def test_a_scheduler_restarted_in_the_middle_costs_nothing(
    grade: Grade,
    dask: Dask,
    key: Path,
    here: Path,
    tmp_path: Path,
    after: After,
    named: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The run waits for it, and goes on; by its address, and by the file that it writes."""

    def restart(run: coordinator.ClusterPool) -> None:
        dask.kill_scheduler()
        dask.start()

    after(3, restart)
    where = dask.address if named == "address" else dask.file
    assert grade("--cluster", where, "--cluster-key", key) == 0
    assert results(tmp_path / "grades") == results(here)
    said = capsys.readouterr().err
    assert "answers again" in said
    assert "Traceback" not in said


def test_the_same_command_goes_on_where_a_scheduler_stays_away(
    grade: Grade,
    dask: Dask,
    key: Path,
    here: Path,
    tmp_path: Path,
    after: After,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The run ends with a word on it; what was marked is kept, and not marked again."""
    after(3, lambda run: dask.kill_scheduler())
    monkeypatch.setattr(coordinator, "PATIENCE", 0.0)
    words = ("--cluster", dask.address, "--cluster-key", key)
    assert grade(*words) == 2
    assert "the same command goes on from there" in capsys.readouterr().err
    kept = statuses(tmp_path / "grades")
    assert 3 <= len(kept) < 10
    monkeypatch.undo()
    dask.start()
    given = list[str]()
    give = coordinator.ClusterPool.give

    def giving(self: coordinator.ClusterPool, job: Any) -> None:
        given.append(job.place.name)
        give(self, job)

    monkeypatch.setattr(coordinator.ClusterPool, "give", giving)
    assert grade(*words) == 0
    assert sorted([*given, *kept]) == sorted(results(here))
    assert results(tmp_path / "grades") == results(here)


def test_an_interrupt_finishes_what_runs(
    grade: Grade, cluster: Any, key: Path, here: Path, tmp_path: Path, after: After
) -> None:
    """Nothing new is begun; the same command marks the rest."""
    after(3, lambda run: os.kill(os.getpid(), signal.SIGINT))
    words = ("--cluster", cluster.scheduler_address, "--cluster-key", key)
    assert grade(*words) == 130
    kept = statuses(tmp_path / "grades")
    assert 3 <= len(kept) < 10
    assert set(kept.values()) == {"graded"}
    assert grade(*words) == 0
    assert results(tmp_path / "grades") == results(here)


def test_the_key_goes_where_the_instructor_says(
    grade: Grade, cluster: Any, key: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without a word nothing is sent; a folder has to hold the very key; what is sent is private.

    And it doesn't stay there after the run.
    """
    where = ("--cluster", cluster.scheduler_address)
    assert grade(*where) == 2
    assert "--cluster-key send" in capsys.readouterr().err
    other = Path(shutil.copytree(key, tmp_path / "other"))
    (other / "key.json").write_bytes((other / "key.json").read_bytes() + b"\n")
    for folder, said in ((tmp_path / "nowhere", "nowhere"), (other, "isn't the one of this run")):
        assert grade(*where, "--cluster-key", folder) == 2
        assert said in capsys.readouterr().err
    for given in ("send", key):
        found = _kept_by_workers(cluster, lambda given=given: grade(*where, "--cluster-key", given))
        assert found.during == ({0o700} if given == "send" else set())
        assert found.afterwards == 0
        shutil.rmtree(tmp_path / "grades")


class _kept_by_workers:
    """Keys below the folders of workers during a run, by the mode of their folder; and after it."""

    def __init__(self, cluster: Any, run: Callable[[], int]) -> None:
        folders = [Path(worker.local_directory) for worker in cluster.workers.values()]
        self.during: set[int] = set()
        take = coordinator.ClusterPool._take

        def taking(own: coordinator.ClusterPool, *answer: Any) -> None:
            for path in self._keys(folders):
                self.during.add(path.parents[1].stat().st_mode & 0o777)
            take(own, *answer)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(coordinator.ClusterPool, "_take", taking)
            assert run() == 0
        self.afterwards = len(self._keys(folders))

    @staticmethod
    def _keys(folders: list[Path]) -> list[Path]:
        return [path for folder in folders for path in folder.rglob("key.bin")]


def test_workers_that_confine_too_weakly_mark_nothing(
    grade: Grade,
    local: Callable[..., Any],
    key: Path,
    here: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The other one takes all; where there is no other, the run says so and what to do."""
    one = local(weak="0").scheduler_address
    assert grade("--cluster", one, "--cluster-key", key) == 0
    said = capsys.readouterr().err
    assert "a worker isn't used: it confines code at seccomp-strict" in said
    assert results(tmp_path / "grades") == results(here)
    both = local(weak="0,1").scheduler_address
    assert grade("--cluster", both, "--cluster-key", key, to="none") == 2
    assert "no worker of the cluster can be used" in capsys.readouterr().err


#: Attacks that need to know nothing of the arena but where to leave a trace.
HOSTILE = (
    *("breaking/kill_parent", "breaking/exits", "breaking/closes_all", "breaking/segfault"),
    *("breaking/frame_flood", "breaking/loop", "breaking/shell", "forging/own_frame"),
    *("forging/result_file", "forging/pickle_runs", "forging/huge_header", "pages/exception_text"),
)


def test_hostile_submissions_gain_nothing_and_end_no_worker(
    grade: Grade,
    cluster: Any,
    key: Path,
    hostile: Path,
    zero: dict[str, tuple[str, ...]],
    tmp_path: Path,
) -> None:
    """What they lie about earns nothing, as here; the workers' processes are those of before."""
    address = cluster.scheduler_address
    before = pids(address)
    assert grade("--only", "code", "--cluster", address, "--cluster-key", key, of=hostile) == 0
    assert pids(address) == before
    assert not (tmp_path / "trace").exists()
    for name, text in results(tmp_path / "grades").items():
        points = {question["id"]: question["score"] for question in json.loads(text)["questions"]}
        assert {id: points[id] for id in zero.get(name, ())} == dict.fromkeys(zero.get(name, ()), 0)
        if name == "honest":
            assert sum(points.values()) == json.loads(text)["max_score"]


@pytest.fixture
def zero() -> dict[str, tuple[str, ...]]:
    """What each of the hostile ones must not get points for."""
    from cases import cases

    return {case.name: case.zero for case in cases() if case.id in HOSTILE}


@pytest.fixture
def hostile(assignment_folder: Path, tmp_path: Path) -> Path:
    """A class of hostile submissions of the corpus, and an honest one."""
    from cases import cases

    from grader.key import sources

    reference = sources.package(assignment_folder / "cs682")
    target = {"trace": str(tmp_path / "trace")}
    files = {case.name: case.files(reference, target) for case in cases() if case.id in HOSTILE}
    files["honest"] = {path: data.decode() for path, data in reference.items()}
    assert len(files) == len(HOSTILE) + 1
    for name, texts in files.items():
        for path, text in texts.items():
            place = tmp_path / "hostile" / name / "cs682" / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text)
    return tmp_path / "hostile"


def test_where_nobody_answers_is_said(
    grade: Grade, key: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file that isn't there, and an address where nothing listens: in a line."""
    for where, said in (
        (tmp_path / "none.json", "is no file that a scheduler wrote"),
        ("tcp://127.0.0.1:1", "no scheduler answers at tcp://127.0.0.1:1 "),
    ):
        assert grade("--cluster", where, "--cluster-key", key) == 2
        assert said in capsys.readouterr().err
    assert main(["grade", "x", "--cluster-key", "send"]) == 2
