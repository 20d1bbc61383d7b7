"""The student's own function beside a message, cut from the text that was handed in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from grader.marking.explaining.source import MOST_CHARACTERS, MOST_LINES, Sources, shows
from grader.model.assignment import Limits
from grader.model.checks import AnsweredRun, Check
from grader.model.programs import Program, Run
from grader.sandbox import Package, Sandbox

Beside = Callable[..., Any]

TEXT = '''import numpy as np


def helper(x):
    return x / 0


def scale(x):
    """Docstring."""
    y = 2 * x
    return helper(y)


class Net:
    def __init__(self):
        self.size = 3

    def loss(self, x):
        return x
'''


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """A sandbox of the weakest level: what is told is the same on all."""
    with Sandbox(Limits(), level="process", allow_unsandboxed=True) as found:
        yield found


@pytest.fixture
def beside(sandbox: Sandbox) -> Beside:
    """What is shown beside a failure of a call in this text."""

    def beside(text: str | bytes, call: str, file: str = "", line: int = 0) -> Any:
        data = text.encode() if isinstance(text, str) else text
        cls, _, method = call.partition(".")
        steps: tuple[list[Any], ...] = (["call", "f", f"steps:{cls}", [], {}],)
        if method:
            steps += (["call", "g", f"@f.{method}", [], {}],)
        check = Check("c", "q", "C", "hidden", "r", "match", ("out",), 1.0, call)
        sheet = AnsweredRun(Run("r", Program(steps, {}), [{}]), [])
        package = Package("scales", {"steps.py": data}, {}, {})
        with sandbox.start(package) as session:
            return Sources(session).beside(check, sheet, {"file": file, "line": line})

    return beside


def test_the_function_that_a_check_calls_is_shown(beside: Beside) -> None:
    """Where nothing raised, it is the function asked, whole, with the number of its first line."""
    found = beside(TEXT, "scale")
    assert (found["file"], found["name"], found["first"], found["line"]) == (
        "steps.py",
        "scale",
        8,
        None,
    )
    assert found["lines"] == TEXT.splitlines()[7:11]


def test_the_function_with_the_line_that_raised_comes_first(beside: Beside) -> None:
    """An exception in a helper shows the helper, and says which line it was."""
    found = beside(TEXT, "scale", "steps.py", 5)
    assert (found["name"], found["first"], found["line"]) == ("helper", 4, 5)


@pytest.mark.parametrize(("call", "first"), [("Net.loss", 18), ("Net", 15)])
def test_a_class_shows_the_method_asked(beside: Beside, call: str, first: int) -> None:
    """A network's loss is shown for its checks, its ``__init__`` for those of first weights."""
    assert beside(TEXT, call)["first"] == first


def test_a_file_that_does_not_parse_shows_the_lines_around(beside: Beside) -> None:
    """Without any function there is still the line that Python named."""
    found = beside("import numpy\nx = (1,\ny = 2\n", "scale", "steps.py", 2)
    assert (found["name"], found["first"], found["line"]) == ("", 1, 2)
    assert found["lines"] == ["import numpy", "x = (1,", "y = 2", ""]


def test_a_long_function_is_cut_around_the_line_that_raised(beside: Beside) -> None:
    """Of a function of a thousand lines as many are shown as a page bears, the line among them."""
    text = "def scale(x):\n" + "    x = x + 1\n" * 1000 + "    return x\n"
    found = beside(text, "scale", "steps.py", 500)
    assert len(found["lines"]) == MOST_LINES
    assert found["first"] <= 500 < found["first"] + MOST_LINES


def test_a_line_that_did_not_raise_is_shown_in_its_function(sandbox: Sandbox) -> None:
    """A long function is cut about it, with the file's numbers, and no line has raised."""
    text = "def other():\n    pass\n\n\ndef scale(x):\n"
    text += "".join(f"    x = x + {n}\n" for n in range(6, 507)) + "    return x\n"
    package = Package("scales", {"steps.py": text.encode()}, {}, {})
    with sandbox.start(package) as session:
        found = Sources(session).around("steps.py", 300)
        assert Sources(session).around("absent.py", 3) is None
    assert found is not None
    assert (found["name"], found["line"]) == ("scale", None)
    assert len(found["lines"]) == MOST_LINES
    assert found["lines"][300 - found["first"]] == "    x = x + 300"
    assert shows(found, "steps.py", 300)
    assert not shows(found, "steps.py", 100)
    assert not shows(found, "other.py", 300)
    assert not shows(None, "steps.py", 300)


def test_what_cannot_be_seen_is_taken_out(beside: Beside) -> None:
    """Control and direction characters, long lines and broken bytes reach no page as they are."""
    text = b"def scale(x):\n\treturn '\x1b[31m\xff\xe2\x80\xae" + b"a" * 1000 + b"'\n"
    found = beside(text.replace(b"\xff", b""), "scale")
    line = found["lines"][1]
    assert len(line) <= MOST_CHARACTERS
    assert not {"\x1b", "\u202e", "\t"} & set(line)


def test_names_and_numbers_of_a_hostile_process_show_nothing_of_its_own(beside: Beside) -> None:
    """A name that stands in no text isn't shown, and lines are those that were handed in."""
    text = (
        "import linecache, types\n"
        "def scale(x):\n    return x\n"
        "globals()['se' + 'cret'] = types.FunctionType(\n"
        "    scale.__code__.replace(co_firstlineno=1 << 30), {})\n"
        "linecache.cache[__file__] = (1, None, ['hidden'] * 99, __file__)\n"
        "del scale\n"
    )
    assert beside(text, "scale", "steps.py", 3)["lines"] == [*text.splitlines()[:7], ""]
    assert beside(text, "scale") is None
    assert beside(text, "scale", "steps.py", (1 << 30) + 1) is None


def test_text_of_the_course_is_not_shown(beside: Beside) -> None:
    """A line in a file that isn't the student's leads to the function that was called."""
    assert beside(TEXT, "scale", "help.py", 2)["name"] == "scale"
