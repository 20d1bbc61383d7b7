"""``grader mark`` as a command: its address, its end, and what it says where it can't begin."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from grader.classroom import marks_table
from grader.cli import USAGE, main

sys.path.insert(0, str(Path(__file__).parents[1] / "web"))

import written_class


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A class of two with written answers."""
    written_class.make(tmp_path / "grades", 2)
    return tmp_path / "grades"


def test_it_serves_until_it_is_interrupted(folder: Path, assignment_folder: Path) -> None:
    """The address is all of stdout; Ctrl-C ends it with 0, and the class's files are written."""
    command = [sys.executable, "-m", "grader", "mark", str(folder), "-a", str(assignment_folder)]
    desk = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    assert desk.stdout is not None
    address = desk.stdout.readline().strip()
    assert address.startswith("http://127.0.0.1:")
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(address.partition("?")[0])
    assert refused.value.code == 403
    desk.send_signal(signal.SIGINT)
    out, said = desk.communicate(timeout=60)
    assert (desk.returncode, out) == (0, "")
    assert "Traceback" not in said
    assert (folder / marks_table.CSV).is_file()
    assert (folder / "class.html").is_file()


def test_a_port_that_is_taken_is_told(
    folder: Path, assignment_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the option that chooses another."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        arguments = ["mark", str(folder), "-a", str(assignment_folder), "-q", "--port", port]
        assert main(arguments) == USAGE
    assert "choose another with --port" in capsys.readouterr().err


def test_without_its_extra_it_says_how_to_install_it(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line, before anything is opened."""
    for name in [name for name in sys.modules if name.startswith("grader.web")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    assert main(["mark", str(folder)]) == USAGE
    said = capsys.readouterr().err
    assert "pip install 'assignment-grader[web]'" in said
    assert said.count("\n") == 1


def test_a_folder_without_results_is_told(
    tmp_path: Path, assignment_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """As other commands do."""
    assert main(["mark", str(tmp_path), "-a", str(assignment_folder)]) == USAGE
    assert "holds no results" in capsys.readouterr().err
