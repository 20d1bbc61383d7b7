"""The reference session: the reference's functions, called from a student's process."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
from conftest_sandbox import call, package

from grader.model.checks import Replaceable
from grader.model.programs import Outcome
from grader.model.trees import Malformed
from grader.sandbox import (
    Batch,
    Bounds,
    Fault,
    ReferenceSession,
    Sandbox,
    Session,
    Spent,
    Terms,
    Withheld,
)
from grader.sandbox.guest.reference import answerer

REFERENCE = """
import numpy as np

def forward(x, param):
    param["count"] = param.get("count", 0) + 1
    return 2 * x, (x, "the reference's own")

def backward(dout, cache):
    x, text = cache
    assert text == "the reference's own"
    return dout * x

def secret():
    return 42.0
"""
PARTS = (Replaceable("layers:forward", handle=1), Replaceable("layers:backward"))
STUDENT = {"layers.py": "def forward(x, param): raise ValueError\n"}

#: What a process does that speaks to the reference_session by itself.
RAW = """
def _ask(target, *args):
    from grader.sandbox.guest import worker
    from grader.sandbox.guest.reference import proxies
    return proxies.proxy(str(target), worker._consult)(*args)

"""

Asks = Callable[..., Outcome]


@pytest.fixture
def asks(sandbox: Sandbox) -> Asks:
    """Call ``nets.f`` of a text that imports the layers, with the reference in their place."""

    def asks(
        text: str, *values: Any, parts: Sequence[Replaceable] = PARTS, terms: Terms | None = None
    ) -> Outcome:
        files = {**STUDENT, "nets.py": "from .layers import *\n" + text}
        replaced = {"layers": ("forward", "backward")}
        with (
            sandbox.reference_session(package({"layers.py": REFERENCE}), parts, terms) as found,
            sandbox.start(package(files, replaced=replaced), found) as session,
        ):
            return session.ask(Batch([call("nets:f", *values)]))[0].outcomes[0]

    return asks


def test_a_pair_is_answered_and_the_cache_stays_away(asks: Asks) -> None:
    """Forward and backward work together; the cache is a handle that says nothing."""
    text = """
def f(x):
    out, cache = forward(x, {})
    return out, backward(out, cache), "own" in repr(cache), hasattr(cache, "__iter__")
"""
    out, dx, shown, iterates = asks(text, np.arange(3.0)).gave["out"]
    assert out.tolist() == [0.0, 2.0, 4.0]
    assert dx.tolist() == [0.0, 2.0, 8.0]
    assert shown is False
    assert iterates is False


def test_a_dict_is_updated_as_the_reference_updates_it(asks: Asks) -> None:
    """State that a function keeps in a dict comes back into the student's own dict."""
    text = "def f(x):\n    p = {}\n    forward(x, p)\n    forward(x, p)\n    return p\n"
    assert asks(text, np.ones(2)).gave["out"] == {"count": 2}


def test_what_comes_back_may_be_written_into(asks: Asks) -> None:
    """Arrays of the reference's are as writable as a function's own."""
    text = "def f(x):\n    out, _ = forward(x, {})\n    out += 1\n    return out\n"
    assert asks(text, np.ones(2)).gave["out"].tolist() == [3.0, 3.0]


def test_an_exception_of_the_references_is_the_callers(asks: Asks) -> None:
    """A wrong call raises at the student's own line, with no path of the course's."""
    failed = asks("def f(x):\n    return backward(x, 3)\n", np.ones(2)).failed
    assert failed is not None
    assert (failed.stage, failed.type, failed.file, failed.line) == (
        "raised",
        "TypeError",
        "nets.py",
        3,
    )


@pytest.mark.parametrize(
    "text",
    [
        "def f(x):\n    return _ask('layers:secret')\n",
        "def f(x):\n    return _ask('layers:forward.__globals__')\n",
        "def f(x):\n    return _ask('os:system', 'true')\n",
        "def f(x):\n    return _ask(['layers:forward'])\n",
    ],
)
def test_nothing_else_is_answered(asks: Asks, text: str) -> None:
    """A student's process that speaks to the reference_session itself gets no other function."""
    failed = asks(RAW + text, np.ones(2)).failed
    assert failed is not None
    assert failed.stage == "raised"


def test_a_made_up_handle_gives_nothing(asks: Asks) -> None:
    """Numbers that the reference never handed out stand for nothing."""
    text = "def f(x):\n    _, cache = forward(x, {})\n    return backward(x, type(cache)(7))\n"
    failed = asks(text, np.ones(2)).failed
    assert failed is not None
    assert failed.type == "KeyError"


@pytest.mark.parametrize("bounds", [Bounds(calls=5), Bounds(bytes=300)])
def test_calls_are_counted(asks: Asks, bounds: Bounds) -> None:
    """A submission that calls without end is refused after its share."""
    text = "def f(x):\n    for _ in range(9): out, _ = forward(x, {})\n    return out\n"
    failed = asks(text, np.ones(2), terms=Terms(bounds)).failed
    assert failed is not None
    assert "too often" in failed.text


def test_a_large_argument_is_refused(asks: Asks) -> None:
    """Arguments have a bound in bytes."""
    text, bounds = "def f(x):\n    return forward(x, {})\n", Bounds(call_bytes=1000)
    failed = asks(text, np.ones(500), terms=Terms(bounds)).failed
    assert failed is not None
    assert "too large" in failed.text


@pytest.mark.parametrize(("bound", "value"), [("_MAX_KEPT", 3), ("_MAX_KEPT_BYTES", 2400)])
def test_what_was_kept_first_is_forgotten_first(
    monkeypatch: pytest.MonkeyPatch, bound: str, value: int
) -> None:
    """A training leaves a cache for each layer and step: the last ones only are asked for."""
    monkeypatch.setattr(answerer, bound, value)
    functions = {"forward": lambda x: (0, {"cache": [np.zeros(100)]}), "backward": lambda cache: 1}
    answering = answerer.Answerer(functions.__getitem__)

    def asked(target: str, *args: Any) -> Any:
        call = {"target": target, "args": args, "kwargs": {}}
        return json.loads(
            answering.answer(json.dumps({"handle": 1, "call": call}).encode(), b"")[0]
        )

    kept = [asked("forward", ["tree", i])["items"][1] for i in range(4)]
    assert asked("backward", kept[0])["error"][0] == "KeyError"
    assert [asked("backward", handle)["value"] for handle in kept[1:]] == [["tree", 1]] * 3


def test_the_same_call_keeps_the_same_thing_once() -> None:
    """A call that is made again has the number that it had, and no other call has that."""
    functions = {"forward": lambda x: (0, x)}
    numbers = []
    for x in (1, 2, 1):
        answering = answerer.Answerer(functions.__getitem__)
        call = {"target": "forward", "args": [["tree", x]], "kwargs": {}}
        text = json.dumps({"handle": 1, "call": call}).encode()
        first, again = (json.loads(answering.answer(text, b"")[0])["items"][1] for _ in range(2))
        assert first == again
        numbers.append(first)
    assert numbers[0] == numbers[2] != numbers[1]


def test_a_reference_that_ends_is_an_answer_too(sandbox: Sandbox) -> None:
    """Where the reference's process is lost, the call raises and the grader goes on."""
    files = {**STUDENT, "nets.py": "from .layers import *\ndef f(x): return forward(x, {})\n"}
    ending = "import os\ndef forward(x, p): os._exit(1)\n"
    with (
        sandbox.reference_session(package({"layers.py": ending}), PARTS) as found,
        sandbox.start(package(files, replaced={"layers": ("forward",)}), found) as session,
    ):
        first, second = session.ask(Batch([call("nets:f", np.ones(2)) for _ in range(2)]))
    for reply in (first, second):
        assert reply.outcomes[0].failed is not None
        assert "took too long or ended" in reply.outcomes[0].failed.text


def test_a_reference_that_does_not_start_is_no_fault_of_the_callers(sandbox: Sandbox) -> None:
    """The run is the grader's failure; what waits for an answer still takes no other for one."""
    files = {**STUDENT, "nets.py": "from .layers import *\ndef f(x): return forward(x, {})[0]\n"}
    reference = sandbox.start(package({"layers.py": REFERENCE}))
    starts = iter([Fault("no process could be started"), reference])

    def start() -> Session:
        found = next(starts)
        if isinstance(found, Fault):
            raise found
        return found

    batch = Batch([call("nets:f", np.ones(2))])
    with (
        ReferenceSession(start, PARTS, Terms()) as reference_session,
        sandbox.start(
            package(files, replaced={"layers": ("forward",)}), reference_session
        ) as session,
    ):
        with pytest.raises(Fault):
            session.ask(batch)
        assert session.ask(batch)[0].outcomes[0].gave["out"].tolist() == [2.0, 2.0]


def test_without_a_reference_a_call_is_garbage(ask: Any) -> None:
    """A process that asks where nobody answers has sent something that is no answer."""
    text = "from grader.sandbox.guest import worker\ndef f(): return worker._consult(b'{}', b'')\n"
    failed = ask({"layers.py": text}, call("layers:f"))[0].failed
    assert failed is not None
    assert failed.stage == "died"


def test_what_one_session_took_the_next_has_no_more(asks: Asks) -> None:
    """Sessions of one submission share CPU and wall time."""
    text, spent = "def f(x):\n    return forward(x, {})[0]\n", Spent()
    assert asks(text, np.ones(2), terms=Terms(Bounds(), spent)).failed is None
    assert min(spent.cpu_seconds, spent.wall_seconds) > 0
    failed = asks(text, np.ones(2), terms=Terms(Bounds(cpu_seconds=0.0), spent)).failed
    assert failed is not None
    assert "its time is used up" in failed.text
    with pytest.raises(Fault, match="for their answers"):
        asks(text, np.ones(2), terms=Terms(Bounds(wall_seconds=spent.wall_seconds), spent))


HIDDEN = np.random.default_rng(5).normal(size=(3, 4))
TRIES = {
    "as it is": HIDDEN,
    "in a dict": {"x": HIDDEN},
    "transposed": HIDDEN.T,
    "turned round": HIDDEN[::-1],
    "in one row": HIDDEN.ravel(),
    "doubled": 2 * HIDDEN,
    "negative": -HIDDEN,
    "in float32": HIDDEN.astype(np.float32),
}


@pytest.mark.parametrize("form", TRIES)
def test_the_reference_refuses_hidden_inputs(asks: Asks, form: str) -> None:
    """A hidden example's, whatever is done to it that keeps its numbers' ratios."""
    given: Any = TRIES[form]
    text = "def f(x):\n    return forward(*((1.0, x) if type(x) is dict else (x, {})))[0]\n"
    terms = Terms(withheld=Withheld([{"x": HIDDEN, "w": np.ones(3)}]))
    failed = asks(text, given, terms=terms).failed
    assert failed is not None
    assert "it does not answer for these inputs" in failed.text
    assert asks(text, given).failed is None


@pytest.mark.parametrize("given", [np.ones(3), np.zeros((3, 4)), HIDDEN + 0.1, HIDDEN[:2]])
def test_any_other_inputs_are_answered(asks: Asks, given: Any) -> None:
    """Also such as every call has, though a hidden example may have them, too."""
    terms = Terms(withheld=Withheld([{"x": HIDDEN, "w": np.ones(3), "b": np.zeros((3, 4))}]))
    text = "def f(x):\n    return forward(x, {})[0]\n"
    assert asks(text, given, terms=terms).failed is None


@pytest.mark.parametrize(
    "call", [{}, {"args": 3, "kwargs": {}}, {"args": [3], "kwargs": {}}, {"args": [], "kwargs": []}]
)
def test_what_is_no_call_is_called_malformed(call: dict[str, Any]) -> None:
    """A message that a student's process made by itself."""
    with pytest.raises(Malformed):
        Withheld([{"x": HIDDEN}]).asked(call, b"")
