"""The page about clusters, its job script and its description for Kubernetes, run in parts.

Neither SLURM nor Kubernetes is here: `sbatch` is a stand-in that runs the script, and the commands
of the pods are run as processes.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

SBATCH = """#!/bin/bash
setsid bash "$1" >> "$(dirname "$0")/job.log" 2>&1 &
cp "$1" "$(dirname "$0")/job.sh"
echo "Submitted batch job $!"
"""
SCANCEL = """#!/bin/bash
kill -- "-$1" 2> /dev/null
true
"""
Start = Callable[..., subprocess.Popen[bytes]]


@pytest.fixture
def work(toy_course: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the toy assignment, its key, and two submissions."""
    shutil.copytree(toy_course, tmp_path / "work" / "assignment")
    key = toy_course.parent / "reference_outputs"
    shutil.copytree(key, tmp_path / "work" / "reference_outputs")
    for name in ("ada", "bo"):
        folder = tmp_path / "work" / "submissions" / name
        shutil.copytree(toy_course / "scales", folder / "scales")
    monkeypatch.chdir(tmp_path / "work")
    scripts = Path(sys.executable).parent
    monkeypatch.setenv("PATH", f"{scripts}{os.pathsep}{os.environ['PATH']}")
    return tmp_path / "work"


@pytest.fixture
def page(root: Path) -> str:
    return (root / "docs" / "cluster.md").read_text("utf-8")


def commands(page: str, heading: str) -> list[list[str]]:
    """Return the words of each command below a heading of the page."""
    part = re.split(r"(?m)^## ", page)
    text = next(one for one in part if one.startswith(heading) or (not heading and one == part[0]))
    blocks = re.findall(r"(?ms)^```sh$(.*?)^```$", text)
    return [shlex.split(line) for block in blocks for line in block.splitlines() if line]


@pytest.fixture
def start() -> Iterator[Start]:
    """Start processes that are ended in the end."""
    started: list[subprocess.Popen[bytes]] = []

    def start(words: list[str], **settings: Any) -> subprocess.Popen[bytes]:
        started.append(subprocess.Popen(words, **settings))
        return started[-1]

    yield start
    for process in reversed(started):
        process.terminate()
        process.wait()


def scores(work: Path) -> list[float]:
    found = sorted((work / "grades" / "submissions").glob("*/result.json"))
    return [json.loads(path.read_text())["score"] for path in found]


def test_the_first_command_marks_on_this_machine(page: str, work: Path) -> None:
    """It is typed as it stands on the page."""
    (_, grade) = commands(page, "")
    assert grade[:2] == ["grader", "grade"]
    subprocess.run(grade, check=True)
    assert len(scores(work)) == 2
    assert min(scores(work)) > 0


def test_a_cluster_by_hand_talks_by_tls(
    page: str, work: Path, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Certificate, settings, scheduler, workers and grade as on the page; the key is sent.

    Who has no certificate gets no answer.
    """
    (work / "tls").mkdir()
    for words in commands(page, "TLS"):
        subprocess.run(words, check=True, capture_output=True)
    (settings,) = re.findall(r"(?ms)^```yaml$(.*?)^```$", page)
    (work / "tls" / "grader.yaml").write_text(settings.replace("tls/", f"{work}/tls/"))
    (work / "shared").mkdir()
    scheduler, worker = commands(page, "Start one by hand")[:2]
    (grade,) = commands(page, "Start one by hand")[2:]
    secured = {**os.environ, "DASK_CONFIG": str(work / "tls")}
    start([*scheduler, "--port", "0", "--host", "127.0.0.1"], env=secured)
    file = work / "shared" / "scheduler.json"
    while not (file.exists() and file.read_text().endswith("}")):
        pass
    assert json.loads(file.read_text())["address"].startswith("tls://")
    start([*worker[:-1], "1", "--local-directory", "dask"], env=secured)
    done = subprocess.run(grade, env=os.environ, capture_output=True, text=True)
    assert done.returncode == 2
    assert "dask has no certificate on this machine" in done.stderr
    assert "Traceback" not in done.stderr
    subprocess.run(grade, env=secured, check=True)
    assert min(scores(work)) > 0
    assert not list((work / "dask").rglob("key.bin"))


def test_the_job_script_marks_by_a_batch_system(
    page: str, work: Path, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each job that it hands to ``sbatch`` is a worker, and is cancelled in the end."""
    tools = tmp_path / "tools"
    tools.mkdir()
    for name, text in (("sbatch", SBATCH), ("scancel", SCANCEL)):
        (tools / name).write_text(text)
        (tools / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tools}{os.pathsep}{os.environ['PATH']}")
    (_, words) = commands(page, "SLURM")
    assert words[:2] == ["python", "docs/cluster_jobs.py"]
    words[:2] = [sys.executable, str(root / "docs" / "cluster_jobs.py")]
    words[words.index("20")] = "2"
    words[words.index("/shared/key")] = str(work / "reference_outputs")
    refused = subprocess.run(words, capture_output=True, text=True)
    assert refused.returncode == 1
    assert "--plain" in refused.stderr
    at = words.index("--")
    more = ["--plain", "--scratch", str(tmp_path / "scratch"), "--interface", "lo"]
    subprocess.run([*words[:at], *more, *words[at:]], check=True)
    assert min(scores(work)) > 0
    script = (tools / "job.sh").read_text()
    assert "#SBATCH -p cpu" in script
    assert "#SBATCH -t 04:00:00" in script
    assert "--nthreads 1" in script


def test_every_batch_system_takes_the_options(root: Path) -> None:
    """The script of each is made of them; nothing is submitted."""
    script = [sys.executable, str(root / "docs" / "cluster_jobs.py"), "--print"]
    for system in ("slurm", "pbs", "lsf", "sge"):
        options = [
            "--system",
            system,
            "--queue",
            "cpu",
            "--account",
            "cs",
            "--before",
            "echo hello",
        ]
        done = subprocess.run([*script, *options], capture_output=True, text=True, check=True)
        assert "echo hello\n" in done.stdout
        assert "distributed.cli.dask_worker" in done.stdout
        assert " cpu" in done.stdout


def test_the_pods_of_the_description_mark(root: Path, page: str, work: Path, start: Start) -> None:
    """Their commands, as processes: the names, paths and ports of a pod put in."""
    text = (root / "docs" / "cluster_kubernetes.yaml").read_text()
    spec = yaml.safe_load(text)["spec"]
    (worker,) = spec["worker"]["spec"]["containers"]
    (scheduler,) = spec["scheduler"]["spec"]["containers"]
    for one in (worker, scheduler):
        assert {env["name"]: env["value"] for env in one["env"]} == {"DASK_CONFIG": "/tls"}
        mounts = {mount["name"] for mount in one["volumeMounts"]}
        kind = "worker" if one is worker else "scheduler"
        assert mounts == {volume["name"] for volume in spec[kind]["spec"]["volumes"]}
    (work / "tls").mkdir()
    for words in commands(page, "TLS"):
        subprocess.run(words, check=True, capture_output=True)
    (settings,) = re.findall(r"(?ms)^```yaml$(.*?)^```$", page)
    (work / "tls" / "grader.yaml").write_text(settings.replace("tls/", f"{work}/tls/"))
    env = {**os.environ, "DASK_CONFIG": str(work / "tls")}
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    at = ["--host", "127.0.0.1", "--port", port]
    start([*scheduler["command"], *scheduler["args"], *at], env=env)
    args = [arg.replace("$(DASK_WORKER_NAME)", "pod-1") for arg in worker["args"]]
    address = f"tls://127.0.0.1:{port}"  # the operator tells it by this variable
    start(
        [*worker["command"], *args, "--local-directory", "dask"],
        env={**env, "DASK_SCHEDULER_ADDRESS": address},
    )
    grade = next(words for words in commands(page, "Kubernetes") if words[0] == "grader")
    assert grade[-1] == worker["volumeMounts"][0]["mountPath"] == "/key"
    grade[-1] = str(work / "reference_outputs")
    grade[grade.index("tls://localhost:8786")] = address
    subprocess.run(grade, env=env, check=True)
    assert min(scores(work)) > 0
