"""Code is taken apart by a process that may hang, die or lie; what it says is checked strictly."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from grader.sandbox import Limits, Sandbox, code_reading
from grader.sandbox.code_reading import Lied, parsed
from grader.sandbox.errors import ChildEnded, ChildExit
from grader.sandbox.protocol import frames

SOURCE = '''import numpy as np

def first(x):
    """What it does."""
    return np.sum(x, axis=0)  # a comment


class Net:
    size = 3

    def loss(self, größe):
        return größe["w1"] + 1e-8
'''


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """What hand-ins are read in."""
    with Sandbox(Limits()) as made:
        yield made


def test_functions_are_told_with_their_tokens(sandbox: Sandbox) -> None:
    """Methods by dotted names, the rest without one; no comment, no documentation."""
    (read,) = sandbox.read_code([SOURCE])
    found = {function.name: function for function in read.functions}
    assert list(found) == ["first", "Net.loss", ""]
    first = found["first"]
    assert (first.first, first.last) == (3, 5)
    words = [
        "def",
        "first",
        "(",
        "x",
        ")",
        ":",
        "np",
        ".",
        "sum",
        "(",
        "x",
        ",",
        "axis",
        "=",
        "0",
        ")",
    ]
    assert [text for text in first.texts if text and text != "return"] == words
    kinds = dict(zip(first.texts, first.kinds, strict=True))
    assert [kinds[text] for text in ("def", "x", ".", "sum", "0", "")] == list("knoadl")
    assert set(first.lines) == {3, 5}
    hashed = [text for text in found["Net.loss"].texts if text.startswith("#")]
    assert len(set(hashed)) == 1, "a name that isn't ASCII crosses as a hash of it"


@pytest.mark.parametrize("level", ["landlock+seccomp", "seccomp-strict", "none"])
def test_code_is_read_at_every_level(level: str) -> None:
    """Where no file can be opened, too: all that it needs is there before."""
    with Sandbox(Limits(), level=level, allow_unsandboxed=level == "none") as made:
        (read,) = made.read_code([SOURCE])
    assert len(read.functions) == 3


def test_a_mistake_of_syntax_costs_its_function(sandbox: Sandbox) -> None:
    """Or its method; the others of the file are read, at their lines."""
    broken = SOURCE.replace("größe):", "größe:")
    (read,) = sandbox.read_code([broken])
    found = {function.name: function for function in read.functions if function.name}
    assert [name for name, one in found.items() if one.syntax] == ["Net.loss"]
    assert (found["first"].first, found["first"].last) == (3, 5)
    assert found["first"].kinds


def test_a_notebooks_own_lines_are_no_mistake(sandbox: Sandbox) -> None:
    """Magics and shell lines stand among Python; a sign for the rest at a line's begin is one."""
    (read,) = sandbox.read_code(["%matplotlib inline\n!ls\nx = 1\n"])
    (rest,) = read.functions
    assert "x" in rest.texts
    (read,) = sandbox.read_code(["y = (a\n% b)\n"])
    assert "%" in read.functions[0].texts


@pytest.mark.parametrize(
    "source",
    [
        "(" * 50_000,
        "x = " + "-" * 90_000 + "1",
        "def f(:\n" * 20_000,
        "a\x00b",
        "x = '''",
        "\ud800",
        "if True:\n" + "\n".join(" " * i + "if x:" for i in range(1, 400)),
        "f" + "(x)" * 60_000,
    ],
)
def test_a_hostile_text_costs_itself(source: str, sandbox: Sandbox) -> None:
    """Whatever becomes of it, the texts before and behind it are read."""
    one, _, other = sandbox.read_code([SOURCE, source, SOURCE])
    assert len(one.functions) == len(other.functions) == 3


def test_what_is_too_large_is_not_read(sandbox: Sandbox) -> None:
    """Each text, and all of them together."""
    large, small = sandbox.read_code(["x = 1\n" * 40_000, SOURCE])
    assert (large.reason, small.reason) == ("large", "")
    (many,) = sandbox.read_code(["x\n" * 90_000])
    assert many.reason == "unconverted"


def answer(**changed: Any) -> bytes:
    """Return a right answer of one function, with something changed."""
    entry = {
        "name": "f",
        "first": 1,
        "last": 2,
        "syntax": False,
        "kinds": "nol",
        "places": [0, 1, 2],
        "lines": [1, 1, 2],
        **changed,
    }
    texts = changed.get("texts", ["x", "=", ""])
    function = [entry[k] for k in ("name", "first", "last", "syntax", "kinds", "places", "lines")]
    return json.dumps({"texts": texts, "functions": [function]}).encode()


def test_a_right_answer_is_taken() -> None:
    """What follows is wrong by one thing each."""
    (function,) = parsed(answer(), 3)
    assert (function.name, function.texts, function.lines) == ("f", ("x", "=", ""), (1, 1, 2))


@pytest.mark.parametrize(
    "lie",
    [
        b"",
        b"[]",
        b"{}",
        b"[" * 100_000,
        b'{"texts": [], "functions": [[]]}',
        b'{"texts": [], "functions": [], "more": 1}',
        answer(name="\u202egnp"),
        answer(name="x" * 61),
        answer(name=3),
        answer(texts=["x", "\u00e9", ""]),
        answer(texts=["x", ["="], ""]),
        answer(kinds="nox"),
        answer(kinds="no"),
        answer(syntax=1),
        answer(first=-1),
        answer(first=3),
        answer(last=99),
        answer(last=True),
        answer(places=[0, 1, 3]),
        answer(places=[0, 1, -1]),
        answer(places=[0, 1, 1.0]),
        answer(places=[0, 1, 10**30]),
        answer(lines=[1, 2, 1]),
        answer(lines=[1, 1, 9]),
        answer(lines="112"),
    ],
)
def test_a_lie_is_refused(lie: bytes) -> None:
    """Every field is held against its form, its bounds and the others."""
    with pytest.raises(Lied):
        parsed(lie, 3)


class Child:
    """A process that greets, sends frames, and ends."""

    def __init__(self, *answers: bytes) -> None:
        self._decoder = frames.Decoder()
        for one in (frames.frame(frames.READY, b"{}"), *answers):
            self._decoder.feed(one)

    def send(self, *messages: bytes) -> None:
        pass

    def receive(self, seconds: float) -> frames.Frame | None:
        if found := self._decoder.next():
            return found
        raise ChildEnded

    def cpu_seconds(self) -> float:
        return 0.0

    def waiting_seconds(self) -> float:
        return 0.0

    def close(self) -> ChildExit:
        return ChildExit(1, 0.0, 0, by_grader=False)


def test_a_lying_process_costs_what_it_lies_of() -> None:
    """One that dies, one that sends a frame of another kind, and one that sends too much, too."""
    right = frames.frame(frames.TOKENS, answer())
    lying = frames.frame(frames.TOKENS, answer(last=99))
    large = frames.frame(frames.TOKENS, b" " * (code_reading.BOUNDS.answer + 1))
    html = frames.frame(frames.CONVERTED, b"<p></p>")
    children = iter([Child(right, lying, large, html), Child(right)])
    read = code_reading.read_code(children.__next__, ["x =\n\n"] * 5)
    assert [one.reason for one in read] == ["", "died", "large", "died", ""]
    assert [len(one.functions) for one in read] == [1, 0, 0, 0, 1]
