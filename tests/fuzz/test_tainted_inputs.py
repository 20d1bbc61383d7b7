"""Search: a way in which something of a hidden input comes back to a student."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from budget import CASES, tried

from grader.authoring import building
from grader.cli import main
from grader.marking import told

#: Public examples are rounded or are the notebook's own. The mark is put together when it runs:
#: what stands in the text of a file may be shown.
HEAD = """
import numpy as np

def _say(x):
    return "TAI" + "NT" + str(int(abs(float(np.ravel(x)[0])) * 1e15) % 10**12)

def _hidden(x):
    return any(float(f"{v:.3g}") != v for v in np.ravel(x))

def scale_backward(dout, cache):
    x, a = cache
    return dout * a, (dout * x).sum(axis=0)
"""
#: What carries it out, with TEXT for the text.
CHANNELS = (
    "raise ValueError(TEXT)",
    "raise NotImplementedError(TEXT)",
    "raise MemoryError(TEXT)",
    "raise SystemExit(TEXT)",
    "raise KeyboardInterrupt(TEXT)",
    "raise AssertionError(TEXT)",
    "raise OSError(2, TEXT, TEXT)",
    "raise UnicodeDecodeError('utf-8', TEXT.encode(), 0, 1, TEXT)",
    "raise SyntaxError(TEXT, (TEXT, 7, 7, TEXT))",
    "raise ExceptionGroup(TEXT, [ValueError(TEXT)])",
    "raise type(TEXT, (Exception,), {'__module__': TEXT})(TEXT)",
    "try:\n            {}[TEXT]\n        except KeyError as e:\n"
    "            raise ValueError(TEXT) from e",
    "e = ValueError(); e.add_note(TEXT); raise e",
    "__import__('warnings').warn(TEXT); return x * a + 1, (x, a)",
    "print(TEXT); return x * a + 1, (x, a)",
    "__import__('sys').stderr.write(TEXT); return x * a + 1, (x, a)",
    "__import__(TEXT)",
    "__import__(TEXT + '.more').x",
    "np.loadtxt(TEXT)",
    "getattr(np, TEXT)",
    "{}[TEXT]",
    "globals()[TEXT]",
    "exec(TEXT + ' = (')",
    "exec(compile('raise ValueError', '/submission/scales/' + TEXT + '.py', 'exec'))",
    "exec(compile('def ' + TEXT + '(): raise ValueError', 'scale.py', 'exec'), globals()); "
    "globals()[TEXT]()",
    "return {TEXT: x}, (x, a)",
    "return [TEXT, x], (x, a)",
    "return TEXT, (x, a)",
    "return type(TEXT, (), {})(), (x, a)",
    "return type(TEXT, (np.ndarray,), {})((2,)), (x, a)",
    "return np.array([TEXT]), (x, a)",
    "return np.zeros(2, [(TEXT, 'f8')]), (x, a)",
    "return np.zeros((7, 10**6 - 7 + int(TEXT[5:]) % 10**6)), (x, a)",
    "return x * a, (x, TEXT)",
    "scale_forward.__name__ = scale_forward.__qualname__ = TEXT; raise ValueError",
    "x.setflags(write=True); x[:] = int(TEXT[5:]); return x * a, (x, a)",
    "def hook(*_):\n            raise ValueError(TEXT)\n        __import__('sys').setprofile(hook)",
    "global __file__; __file__ = TEXT; raise ValueError",
    "__import__('sys').modules[__name__].__name__ = TEXT; raise ValueError",
)
Grade = Callable[[list[str]], str]


def source(channel: str) -> str:
    body = channel.replace("TEXT", "_say(x)")
    head = f"{HEAD}\ndef scale_forward(x, a):\n    if _hidden(x):\n        {body}\n"
    return head + "    return x * a, (x, a)\n"


@pytest.fixture
def grade(toy_course: Path, tmp_path: Path) -> Grade:
    """Grade a class of these channels; return all that any file of the run says."""

    def run(channels: list[str]) -> str:
        for number, channel in enumerate(channels):
            package = tmp_path / "class" / f"s{number}" / "scales"
            package.mkdir(parents=True)
            (package / "scale.py").write_text(source(channel))
            (package / "steps.py").write_bytes((toy_course / "scales" / "steps.py").read_bytes())
        out = tmp_path / "grades"
        words = ["grade", tmp_path / "class", "--as", "class", "-a", toy_course, "-o", out, "-q"]
        options = ["--annotate", "--isolation", "process", "--allow-unsandboxed"]
        assert main([*map(str, words), *options]) in (0, 3)
        with sqlite3.connect(out / "gradebook.sqlite") as book:
            told_by_book = "\n".join(book.iterdump())
        book.close()
        texts = [
            p.read_text("utf-8")
            for p in out.rglob("*")
            if p.suffix in (".json", ".html", ".csv", ".log")
        ]
        return "\n".join([*texts, told_by_book])

    return run


def leaks(text: str, key_of: Path) -> set[str]:
    """Return what of the hidden inputs stands in *text*: the mark, or a number's digits."""
    from grader.key import load

    sheet = load(key_of.parent / building.OUTPUTS).sheets["scale-forward.values"]
    values = [abs(float(v)) for example in sheet.run.examples for v in example["x"].flat]
    digits = {str(int(v * 1e15) % 10**12) for v in values} | {repr(v)[2:15] for v in values}
    # Shorter ones could be there by chance.
    found = {d for d in digits if len(d) >= 11 and d in text}
    return found | ({"the mark"} if "TAINT" in text else set())


def test_no_channel_carries_a_hidden_input(
    grade: Grade, toy_course: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Into no file of the run: results, pages, tables, the gradebook."""
    dice = random.Random(0)
    channels = list(CHANNELS) if CASES else dice.sample(CHANNELS, 14)
    tried["channels for a hidden input"] += len(channels)
    assert leaks(grade(channels), toy_course) == set()
    said = capsys.readouterr()
    assert "TAINT" not in said.out + said.err


def test_the_search_finds_a_field_that_leaks(
    grade: Grade, toy_course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Were an exception's text told of a hidden example, it would be seen."""
    place = told.Places.place
    monkeypatch.setattr(
        told.Places, "place", lambda self, found: {**place(self, found), "file": found.get("text")}
    )
    assert leaks(grade(["raise ValueError(TEXT)"]), toy_course)


def test_the_search_finds_a_public_example_that_is_told(grade: Grade, toy_course: Path) -> None:
    """The control: where every example fails, what a public one raised is on the page."""
    assert "TAINT" in grade(["pass\n    raise ValueError(TEXT)"])
