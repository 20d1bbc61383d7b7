"""Submissions of one or two files, asked in a real sandbox."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import pytest
from conftest_sandbox import LIMITS, call, package

from grader.model.programs import Outcome, Run
from grader.sandbox import Batch, IsolationUnavailable, Sandbox


def _open(level: str | None) -> Sandbox:
    try:
        return Sandbox(LIMITS, level=level, allow_unsandboxed=True)
    except IsolationUnavailable as refused:
        pytest.skip(str(refused))


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    """The strongest level that this machine has."""
    with _open(None) as found:
        yield found


@pytest.fixture(
    scope="session",
    params=["namespaces+landlock+seccomp", "landlock+seccomp", "seccomp-strict", "process", "none"],
)
def any_level(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    """Each level in turn."""
    with _open(request.param) as found:
        yield found


Ask = Callable[..., list[Outcome]]


@pytest.fixture
def ask(sandbox: Sandbox) -> Ask:
    """Ask runs of one submission; return each run's first outcome."""

    def ask(files: Mapping[str, str | bytes], *runs: Run, **kwargs: Any) -> list[Outcome]:
        with sandbox.start(package(files, **kwargs)) as session:
            return [reply.outcomes[0] for reply in session.ask(Batch(runs))]

    return ask


@pytest.fixture
def returned(ask: Ask) -> Callable[..., Any]:
    """What ``layers.f`` of this text returns for the given arguments."""

    def returned(text: str, *values: Any, **kwargs: Any) -> Any:
        outcome = ask({"layers.py": text}, call("layers:f", *values), **kwargs)[0]
        assert outcome.failed is None, outcome.failed
        return outcome.gave["out"]

    return returned


@pytest.fixture
def failed(ask: Ask) -> Callable[..., Any]:
    """Why ``layers.f`` of this text gave nothing."""

    def failed(text: str, *values: Any, **kwargs: Any) -> Any:
        outcome = ask({"layers.py": text}, call("layers:f", *values), **kwargs)[0]
        assert outcome.failed is not None, outcome.gave
        return outcome.failed

    return failed


@pytest.fixture
def x() -> np.ndarray:
    return np.arange(6.0).reshape(2, 3)
