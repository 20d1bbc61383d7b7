"""``grader doctor``: what this machine can do."""

from collections.abc import Callable
from pathlib import Path

import pytest
from conftest_cli import Said

from grader.sandbox.diagnostics import Level, Mechanism, Survey
from grader.sandbox.protocol.levels import LEVELS

WEAK = Survey(
    "process",
    "seccomp-strict: another kernel",
    (Mechanism("Landlock", False, "needs Linux 5.13 or newer"),),
    (
        Level("seccomp-strict", False, "another kernel", 0.0, 0.0),
        Level("process", True, "", 12.0, 3.5),
    ),
)


def test_levels_versions_and_data_are_told(
    grader: Callable[..., Said], assignment_folder: Path, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """Every level, with its times or why not; numpy's version; where the data is looked for."""
    monkeypatch.setenv("CIFAR10_DIR", str(tmp_path))
    said = grader("doctor", "-a", assignment_folder)
    assert said.code == 0
    assert said.out.startswith("Isolation: ")
    assert all(f"\n  {level} " in said.out for level in LEVELS)
    import numpy

    assert f"{numpy.__version__}\n" in said.out
    assert f"CIFAR-10: not in {tmp_path}" in said.out


@pytest.fixture
def weak(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine on which nothing confines code."""
    monkeypatch.setattr("grader.sandbox.survey", lambda: WEAK)


@pytest.mark.usefixtures("weak")
def test_a_machine_that_holds_nothing_back_says_so(
    grader: Callable[..., Said], toy: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The level, that it is for one's own work, and what the next one would take."""
    said = grader("doctor", "-a", toy)
    assert "Isolation: process\n  It holds nothing back" in said.out
    assert "The next level would take: seccomp-strict: another kernel" in said.out
    assert "no: needs Linux 5.13" in said.out
    assert "Data" not in said.out  # the toy assignment has none
    monkeypatch.chdir(tmp_path)
    assert grader("doctor", "-q").err == ""  # nor does it need an assignment


@pytest.mark.usefixtures("weak")
def test_data_that_is_there_or_half_there_is_told(
    grader: Callable[..., Said], toy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder with all files, one with some, and the user's cache where none is named."""
    with (toy / "assignment.toml").open("a") as manifest:
        manifest.write(
            '[data]\ntitle = "Digits"\nvariable = "DIGITS"\ncache = "d"\nfiles = ["a", "b"]\n'
        )
    monkeypatch.delenv("DIGITS", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "a").touch()
    assert f"Digits: {tmp_path / 'd'} lacks b" in grader("doctor", "-a", toy).out
    (tmp_path / "d" / "b").touch()
    assert f"Digits: in {tmp_path / 'd'}\n" in grader("doctor", "-a", toy).out
