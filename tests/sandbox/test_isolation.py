"""Levels: which are to be had, what they hold, and that asking for more than there is fails."""

from __future__ import annotations

import textwrap
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from conftest_sandbox import LIMITS, call, package

from grader.sandbox import Batch, IsolationUnavailable, Limits, Sandbox, survey
from grader.sandbox.confinement import attacks, confine
from grader.sandbox.host import startup, trial
from grader.sandbox.protocol.levels import CONFINED, LEVELS


def answer(sandbox: Sandbox, text: str, *values: Any) -> Any:
    subject = package({"layers.py": textwrap.dedent(text)})
    with sandbox.start(subject) as session:
        outcome = session.ask(Batch([call("layers:f", *values)]))[0].outcomes[0]
    assert outcome.failed is None, outcome.failed
    return outcome.gave["out"]


def test_every_level_gives_the_same_answers(any_level: Sandbox) -> None:
    """Random draws, linear algebra, late imports: bit for bit what this process computes."""
    text = """
        import numpy as np

        def f(x):
            import statistics, decimal
            from numpy.testing import assert_allclose
            np.random.seed(3)
            mean = statistics.mean([1.0, 2.0])
            return [x @ x.T, np.random.randn(4), np.linalg.inv(x @ x.T), mean]
    """
    x = np.linspace(-1, 1, 12).reshape(3, 4) ** 3
    state = np.random.get_state()
    np.random.seed(3)
    draws = np.random.randn(4)
    np.random.set_state(state)
    found = answer(any_level, text, x + np.eye(3, 4))
    assert np.array_equal(found[1], draws)
    assert np.allclose(found[2] @ found[0], np.eye(3))
    assert found[3] == 1.5


def test_every_level_stops_a_loop_and_goes_on(any_level: Sandbox) -> None:
    """The deadline, the replacement and the exit code work wherever the child comes from."""
    text = """import os
def f(x):
    while True: pass
def g(x):
    os._exit(4)
def h(x):
    return x
"""
    runs = [call(f"layers:{name}", 1.0) for name in "fgh"]
    with any_level.start(package({"layers.py": text})) as session:
        outs = [reply.outcomes[0] for reply in session.ask(Batch(runs))]
    assert [out.failed and out.failed.stage for out in outs] == ["timed_out", "died", None]
    assert "exit status 4" in outs[1].failed.text


def test_confined_levels_turn_every_attack_away(any_level: Sandbox) -> None:
    """The trial attacks at each confined level, once more."""
    if any_level.level not in CONFINED:
        pytest.skip("this level holds nothing back")
    assert trial.prove(any_level._server, any_level.level, LIMITS) == ""


def test_without_confinement_every_attack_gets_through() -> None:
    """The attacks are real: at level ``process`` (as root, or one's own process) they work."""
    import os

    if os.geteuid() != 0:
        pytest.skip("an unprivileged child can't do all of them")
    with Sandbox(LIMITS, level="process", allow_unsandboxed=True) as sandbox:
        worked = trial.prove(sandbox._server, "process", LIMITS)
    assert set(attacks.ATTACKS) <= set(worked.split(", "))
    assert "a file was left" in worked


@pytest.mark.parametrize("level", ["process", "none"])
def test_levels_that_hold_nothing_back_must_be_allowed(level: str) -> None:
    """Without allow_unsandboxed they are refused, with the way out."""
    with pytest.raises(IsolationUnavailable, match="--allow-unsandboxed"):
        Sandbox(LIMITS, level=level)
    with Sandbox(LIMITS, level=level, allow_unsandboxed=True) as sandbox:
        assert sandbox.level == level


def test_an_unknown_level_is_refused_and_the_known_are_named() -> None:
    """A misspelt level never means a weaker one."""
    with pytest.raises(IsolationUnavailable, match=r"seccomp-strict"):
        Sandbox(LIMITS, level="seccomp")


def test_where_attacks_get_through_a_level_is_not_believed(monkeypatch: Any) -> None:
    """An attack that works, a silent child: no level is left, and the reason is named."""

    def through(server: Any, level: str, limits: Limits, *, kernel: bool) -> str:
        return "read a planted file"

    monkeypatch.setattr(trial, "prove", through)
    with pytest.raises(IsolationUnavailable, match="read a planted file"):
        Sandbox(LIMITS)
    with Sandbox(LIMITS, allow_unsandboxed=True) as sandbox:
        assert sandbox.level == "process"


def test_a_kernel_without_landlock_gets_the_strict_filter(monkeypatch: Any) -> None:
    """The next level that holds is taken; Landlock's own levels say what is wanting."""
    from grader.sandbox.confinement import landlock

    monkeypatch.setattr(landlock, "version", lambda: 0)
    with Sandbox(LIMITS) as sandbox:
        assert sandbox.level == "seccomp-strict"
    with pytest.raises(IsolationUnavailable, match=r"Landlock"):
        Sandbox(LIMITS, level="landlock+seccomp")


def test_without_bubblewrap_the_next_level_is_taken(monkeypatch: Any) -> None:
    """bubblewrap isn't needed for a level that holds."""
    monkeypatch.setenv("PATH", "/nonexistent")
    with Sandbox(LIMITS) as sandbox:
        assert sandbox.level == "landlock+seccomp"
    with pytest.raises(IsolationUnavailable, match="bubblewrap"):
        Sandbox(LIMITS, level="namespaces+landlock+seccomp")


def test_where_nothing_can_be_forked_there_is_a_fresh_process(monkeypatch: Any) -> None:
    """With every mechanism switched off (macOS, Windows) only ``none`` is left, if allowed."""
    monkeypatch.setattr(startup, "forks", lambda: False)
    with pytest.raises(IsolationUnavailable, match="Linux"):
        Sandbox(LIMITS)
    with Sandbox(LIMITS, allow_unsandboxed=True) as sandbox:
        assert sandbox.level == "none"
        assert answer(sandbox, "def f(x):\n    return x\n", 2.5) == 2.5


SECRETS = """
import gc, os, sys

def f(marks):
    found = []
    for mark in marks:
        if any(mark in str(value) for value in os.environ.values()):
            found.append("environment")
    for name in ("grader.marking", "grader.key", "hypothesis", "multiprocessing"):
        if name in sys.modules:
            found.append(name)
    for fd in range(256):
        try:
            os.fstat(fd)
        except OSError:
            continue
        if fd > LAST:
            found.append(f"descriptor {fd}")
    found += [part for part in sys.argv if part.startswith("/")]
    return [found, os.getcwd() == "/"]
"""


def test_a_child_starts_with_nothing_of_the_graders(any_level: Sandbox, monkeypatch: Any) -> None:
    """No environment, no descriptors beyond five, no other room's modules.

    At level ``none`` two more are the relay's, by which the child ends with its parent.
    """
    monkeypatch.setenv("GRADER_TEST_SECRET", "hunter2")
    last = 7 if any_level.level == "none" else 4
    found, at_the_root = answer(any_level, SECRETS.replace("LAST", str(last)), ["hunter2"])
    assert found == []
    if any_level.level != "none":
        assert at_the_root


def test_nothing_of_one_submission_reaches_the_next(any_level: Sandbox) -> None:
    """Patches, globals, modules and files of an earlier process are gone."""
    leave = """
        import builtins, numpy as np, sys
        builtins.left = np.left = sys.left = 1
        def f(x):
            try:
                open("/tmp/grader-left", "w").close()
            except OSError:
                pass
            return x
    """
    look = """
        import builtins, numpy as np, sys
        def f(x):
            return [hasattr(place, "left") for place in (builtins, np, sys)]
    """
    answer(any_level, leave, 1.0)
    assert answer(any_level, look, 1.0) == [False] * 3
    from pathlib import Path

    left = Path("/tmp/grader-left")
    assert not (left.exists() and any_level.level in CONFINED)
    left.unlink(missing_ok=True)


def test_the_survey_tells_every_level_and_mechanism() -> None:
    """The facts for `grader doctor`: the strongest level, times, and reasons where not."""
    found = survey()
    assert [level.name for level in found.levels] == list(reversed(LEVELS))
    held = [level for level in found.levels if level.holds]
    assert found.level == held[0].name
    assert all(level.submission_ms > 0 for level in held)
    assert all(level.detail for level in found.levels if not level.holds)
    assert {"Landlock", "seccomp", "bubblewrap"} <= {m.name for m in found.mechanisms}


def test_a_library_that_another_user_cannot_reach_is_imported_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An environment in a closed folder, as tox makes it, is as one without a library."""
    closed = tmp_path / "closed" / "numpy" / "__init__.py"
    closed.parent.mkdir(parents=True)
    closed.parents[1].chmod(0o700)
    monkeypatch.setattr(confine, "other_user", lambda: 12345)
    monkeypatch.setattr(confine.os, "__file__", "/os.py")  # wherever this Python lies
    for origin, seen in (("/numpy.py", True), (str(closed), False)):
        spec = SimpleNamespace(origin=origin)
        monkeypatch.setattr(confine, "find_spec", lambda name, spec=spec: spec)
        assert confine.sees_library() == seen
    monkeypatch.setattr(confine, "other_user", lambda: None)
    assert confine.sees_library()
