"""What the fork server preloads for its children changes nothing but the time that it takes."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from conftest_sandbox import LIMITS, call, package

from grader.sandbox import Batch, Sandbox

TEXT = "def f(x):\n    return x * 2\n"
GIVEN = {"layers.py": "def f(x):\n    raise NotImplementedError\n\ndef loss():\n    return 1\n"}
#: Reaches into what its process got from the zygote, before anything is asked of it.
SPOILS = (
    """
import gc, sys
preloaded = sys.modules["grader.sandbox.guest.preloaded"].PRELOADED
for run in preloaded._runs.values():
    run["examples"].clear()
preloaded._code.clear()
"""
    + TEXT
)


@pytest.fixture
def batch() -> Batch:
    return Batch([call("layers:f", np.arange(6.0).reshape(2, 3)), call("layers:f", 3.5, id="b")])


@pytest.fixture
def preloading(batch: Batch) -> Iterator[Sandbox]:
    """A sandbox of its own that has preloaded the batch."""
    with Sandbox(LIMITS, level="process", allow_unsandboxed=True) as sandbox:
        course = package({}, given=GIVEN, given_names={"layers": ("loss",)})
        sandbox.preload([batch], course)
        yield sandbox


def answers(sandbox: Sandbox, batch: Batch, text: str = TEXT) -> list[tuple[bytes, bytes]]:
    with sandbox.start(package({"layers.py": text})) as session:
        return [(reply.text, bytes(reply.data)) for reply in session.ask(batch)]


def test_a_preloaded_run_is_answered_as_one_that_is_sent(
    any_level: Sandbox, preloading: Sandbox, batch: Batch
) -> None:
    """Bytes are equal with and without preloading, and at each level after it."""
    sent = answers(any_level, batch)
    any_level.preload([batch], package({}))
    assert answers(any_level, batch) == answers(preloading, batch) == sent


def test_a_preloaded_run_is_asked_for_by_its_name(batch: Batch) -> None:
    """What is preloaded isn't sent again; what isn't is sent whole, in the same message."""
    names = list(batch.preloadable())
    known: list[list[bytes]] = [[], names, names[:1]]
    whole, both, one = (b"".join(batch.message([0, 1], some)) for some in known)
    assert len(both) < len(one) < len(whole)
    assert names[1] in both
    assert names[1] not in one
    once = Batch(batch.runs, once=True)
    assert b"".join(once.message([0, 1], names)) == whole


def test_a_run_that_is_not_preloaded_is_sent(preloading: Sandbox) -> None:
    """Another run of the same function is answered beside the preloaded ones."""
    other = Batch([call("layers:f", 2.0), call("layers:f", 3.5, id="b")])
    with preloading.start(package({"layers.py": TEXT})) as session:
        assert [reply.outcomes[0].gave["out"] for reply in session.ask(other)] == [4.0, 7.0]


def test_a_session_that_was_open_goes_on(batch: Batch) -> None:
    """A process from before the preloading has nothing of it and is sent what it is asked."""
    with (
        Sandbox(LIMITS, level="process", allow_unsandboxed=True) as sandbox,
        sandbox.start(package({"layers.py": TEXT})) as session,
    ):
        sandbox.preload([batch], package({}))
        assert session.ask(batch)[1].outcomes[0].gave["out"] == 7.0


def test_a_child_spoils_its_own_copy_alone(preloading: Sandbox, batch: Batch) -> None:
    """Who empties what was preloaded gets no answers; the next one gets them all."""
    right = answers(preloading, batch)
    assert answers(preloading, batch, SPOILS) != right
    assert answers(preloading, batch) == right


def test_preloaded_course_code_is_taken_for_its_own_text_only(preloading: Sandbox) -> None:
    """The preloaded code serves the text that it was made of; another text is compiled afresh."""
    run = Batch([call("layers:loss")])
    other = {"layers.py": GIVEN["layers.py"].replace("return 1", "return 2")}
    found = []
    for given in (GIVEN, other):
        files = package({"layers.py": TEXT}, given=given, given_names={"layers": ("loss",)})
        with preloading.start(files) as session:
            found.append(session.ask(run)[0].outcomes[0].gave["out"])
    assert found == [1, 2]
