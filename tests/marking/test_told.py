"""Of a hidden example nothing is told that a student's code could write its inputs into."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.key import Key
from grader.marking.judging import Judging
from grader.marking.marker import Marker
from grader.marking.told import MOST_PLACES, Places, calls_told, hidden, magnitude
from grader.model.evidence import ExceptionFacts
from grader.model.verdicts import SubmissionResult, Verdict
from grader.sandbox import Package, Sandbox

Mark = Callable[[dict[str, str]], SubmissionResult]

#: Public examples are rounded to three digits, or are the notebook's own: all others are hidden.
SCALE = '''
import numpy as np

def _say(x):
    """What is to be carried out: the digits of an input."""
    return "TAINT" + str(int(abs(float(np.ravel(x)[0])) * 1e15) % 10**12)

def _hidden(x):
    return any(float(f"{v:.3g}") != v for v in np.ravel(x))

def scale_forward(x, a):
    if WHEN:
        HOW
    return x * a, (x, a)

def scale_backward(dout, cache):
    x, a = cache
    return dout * a, (dout * x).sum(axis=0)
'''
#: Each way out, as a statement; the last ones have no text but a form that holds digits.
WAYS = {
    "an exception's text": "raise ValueError(_say(x))",
    "that of one that isn't written": "raise NotImplementedError(_say(x))",
    "that of one out of memory": "raise MemoryError(_say(x))",
    "a class's name": "raise type(_say(x), (Exception,), {})()",
    "a file's name": "exec(compile('raise ValueError', '/submission/scales/' + _say(x), 'exec'))",
    "a line": "exec(compile('\\n' * int(_say(x)[5:10]) + 'raise ValueError', "
    "'/submission/scales/scale.py', 'exec'))",
    "a refusal": "__import__('numpy').loadtxt(_say(x))",
    "a missing module": "__import__(_say(x)).zeros(3)",
    "a word for where it comes from": "__import__('sys').modules["
    "'grader.sandbox.guest.recognized'].cause = lambda *_: _say(x)\n        raise ValueError",
    "a file that isn't there": "__import__('sys').modules['grader.sandbox.guest.recognized'].cause"
    " = lambda *_: 'no_file'\n        "
    "exec(compile('raise ValueError', '/submission/scales/' + _say(x), 'exec'))",
    "an attribute": "getattr(np, _say(x))",
    "a key": "{}[_say(x)]",
    "a print": "print(_say(x)); return x * a + 1, (x, a)",
    "a type": "return type(_say(x), (), {})(), (x, a)",
    "a shape": "return np.zeros((int(_say(x)[5:10]), 1)), (x, a)",
    "the size of an error": "return x * a * (1 + float('1e-5') + abs(x.flat[0]) * 1e-4), (x, a)",
}


def text(result: SubmissionResult) -> str:
    """Return all of a result but the texts of the functions that were handed in."""
    found = result.to_json()
    for question in found["questions"]:
        for check in question["checks"]:
            check["evidence"] = {k: v for k, v in check["evidence"].items() if k != "source"}
    return json.dumps(found)


@pytest.fixture
def inputs(marker: Marker) -> list[float]:
    """The inputs of the hidden examples."""
    key: Key = marker.key
    sheet = key.sheets["scale-forward.values"]
    return [float(v) for example in sheet.run.examples for v in example["x"].flat]


@pytest.mark.parametrize("way", WAYS)
def test_no_digit_of_a_hidden_input_comes_out(mark: Mark, inputs: list[float], way: str) -> None:
    """At no stage, in no field."""
    how = WAYS[way]
    result = mark({"scale.py": SCALE.replace("WHEN", "_hidden(x)").replace("HOW", how)})
    (check,) = [c for q in result.questions for c in q.checks if c.id == "scale-forward.values"]
    assert (check.status, check.evidence["example"]) == ("failed", "hidden")
    said = text(result)
    assert "TAINT" not in said
    digits = [str(int(abs(v) * 1e15) % 10**12) for v in inputs]
    # Five are enough to be no accident, and are what a shape or a line would carry.
    numbers = set(re.findall(r"\d{5,}", said.replace(result.key, "").replace(result.started, "")))
    assert not numbers & {part for d in digits for part in (d, d[:5])}
    error = check.evidence.get("error")
    assert error is None or error == magnitude(error)


@pytest.mark.parametrize("way", ["an exception's text", "a key"])
def test_what_a_public_example_raises_is_told(mark: Mark, way: str) -> None:
    """The control: where public ones fail, a student reads what was raised."""
    result = mark({"scale.py": SCALE.replace("WHEN", "True").replace("HOW", WAYS[way])})
    assert "TAINT" in text(result)


def test_the_instructor_can_hear_it(mark: Mark, marker: Marker) -> None:
    """What was raised on hidden examples is kept beside the result, for the last submission."""
    how = WAYS["an exception's text"]
    mark({"scale.py": SCALE.replace("WHEN", "_hidden(x)").replace("HOW", how)})
    assert "TAINT" in marker.code.overheard["scale-forward.values"]
    mark({})
    assert not marker.code.overheard


#: Raises at a line that the hidden input chooses, behind a forward pass that fails.
POINTING = (
    SCALE.replace("WHEN", "_hidden(x)")
    .replace("HOW", "return x * a + 1, (x, a)")
    .replace(
        "    x, a = cache\n",
        "    n = int(abs(float(np.ravel(dout)[0])) * 1e9) % 20\n"
        "    where = '/submission/scales/scale.py'\n"
        "    exec(compile('\\n' * n + 'raise ValueError', where, 'exec'))\n    x, a = cache\n",
    )
)


def test_a_question_tells_two_lines_however_often_it_is_marked(
    marker: Marker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The ways in which a question is marked count the lines that are told together."""
    asked: list[Places] = []
    place = Places.place

    def counted(self: Places, exception: ExceptionFacts) -> ExceptionFacts:
        asked.append(self)
        return place(self, exception)

    monkeypatch.setattr(Places, "place", counted)
    course, judging = marker.assignment, Judging(marker.key)
    (question,) = [q for q in course.questions if q.id == "scale-backward"]
    files = {"scale.py": POINTING.encode()}
    package = Package(course.package, files, marker.key.given, course.given)
    with (
        Sandbox(course.limits, level="process", allow_unsandboxed=True) as sandbox,
        sandbox.start(package) as session,
    ):
        for count in (1, 2):  # the second time, of another submission
            judging.begin()
            judging.mark(question, session)
            judging.mark(question, session)
            assert len({id(places) for places in asked}) == count
    assert len(asked) == 4


class Files:
    """A submission of one file of three lines."""

    def text(self, path: str) -> bytes | None:
        return b"a\nb\nc" if path == "layers.py" else None


@given(st.lists(st.tuples(st.sampled_from(["layers.py", "other.py", ""]), st.integers(-1, 9))))
def test_lines_are_such_as_there_are(places: list[tuple[str, int]]) -> None:
    """Of a file that was handed in, within it, and no more than two of them."""
    known = Places(Files())
    told = [
        hidden(Verdict("raised", "", {"exception": {"type": "E", "file": f, "line": n}}), known)
        for f, n in places
    ]
    lines = {e["exception"].get("line") for e in told} - {None}
    assert lines <= {1, 2, 3}
    assert len(lines) <= MOST_PLACES
    assert {e["exception"].get("file") for e in told} <= {None, "layers.py"}
    assert {e["exception"]["text"] for e in told} <= {""}


def test_a_callers_line_is_one_of_the_two() -> None:
    """The line that called is told beside the innermost one, counts with it, and has to exist."""

    def told(known: Places, line: int, caller: int) -> ExceptionFacts:
        exception: ExceptionFacts = {"type": "E", "file": "layers.py", "line": line}
        exception["caller"] = {"file": "layers.py", "line": caller}
        return hidden(Verdict("raised", "", {"exception": exception}), known)["exception"]

    known = Places(Files())
    both = told(known, 1, 2)
    assert (both["line"], both["caller"]["line"]) == (1, 2)
    assert "line" not in told(known, 3, 2)
    assert told(known, 2, 1)["line"] == 2
    assert "caller" not in told(Places(Files()), 1, 9)
    one = Places(Files())
    told(one, 1, 9)
    assert told(one, 2, 3).keys() & {"line", "caller"} == {"line"}


@given(st.floats())
def test_an_error_has_one_of_a_few_sizes(error: float) -> None:
    """Powers of ten, whatever number came."""
    assert magnitude(error) in {0.0, *(10.0**n for n in range(-12, 1))}


@pytest.mark.parametrize(
    ("count", "told"), [(4, 4), (1234, 1000), (1780, 2000), (999999999, 1000000)]
)
def test_calls_are_counted_to_one_digit(count: int, told: int) -> None:
    """What a process counts is its own: the other digits would be a way out."""
    assert calls_told(count) == told
