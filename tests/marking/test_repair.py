"""A line is told where one small change makes all right, and where that is the only such line."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from grader.authoring import building
from grader.key import load, sources
from grader.marking.code_questions import CodeExaminer
from grader.marking.examiner import HandIn
from grader.marking.explaining.source import MOST_LINES
from grader.marking.marker import Marker
from grader.marking.trying import Goal, Trying
from grader.model.assignment import ExplainingLimits
from grader.model.checks import AnsweredRun, Check
from grader.model.edits import EDIT_KINDS
from grader.model.evidence import ExplanationFacts
from grader.model.programs import Outcome, Program, Run
from grader.model.steps import Call
from grader.model.verdicts import QuestionResult
from grader.sandbox import Batch, Package, Sandbox
from grader.submissions import Submission
from grader.wording import repairs

MarkFiles = Callable[..., Mapping[str, QuestionResult]]
Edit = tuple[str, str]

OUT = "        out = gamma * xhat + beta\n"
BRACKET = OUT.replace("xhat + beta", "(xhat + beta)")
MEAN_VAR = "mean, var = x.mean(axis=0), x.var(axis=0)"
DW = "    dw = x.reshape(len(x), -1).T @ dout"
DB = "    db = dout.sum(axis=0)\n"
SPREAD = "    db = np.sum(dout) * np.ones(w.shape[1])\n"
FIRST_LAYER = '        _, grads["W1"], grads["b1"] = affine_relu_backward(dhidden, hidden_cache)\n'
ONCE_MORE = '        grads["b2"] = np.sum(dhidden, axis=0)[: len(grads["b2"])]\n'
DX = "    dx = (dxhat - sums) / std\n"


class Course:
    """Marks some questions of the reference with edits of its files, each (old, new)."""

    def __init__(self, root: Path, folder: Path, sandbox: Sandbox, seconds: float) -> None:
        manifest = sources.manifest(folder)
        self.assignment = replace(manifest, explaining=ExplainingLimits(cpu_seconds=seconds))
        self.files = sources.package(folder / manifest.package)
        # Without its folder it has no misconceptions and no terms, which would speak first.
        key = replace(load(root / building.OUTPUTS), folder=None)
        self._code = [question for question in manifest.questions if question.kind == "code"]
        course = Package(manifest.package, self.files, key.given, manifest.given)
        self.examiner = CodeExaminer(self.assignment, key, sandbox, self._code, course)
        self._marker = Marker(self.assignment, key, sandbox)

    def mark(
        self, asked: tuple[str, ...], file: str, *edits: Edit, above: str = ""
    ) -> Mapping[str, QuestionResult]:
        text = self.files[file].decode()
        for old, new in edits:
            assert text.count(old) == 1, old
            text = text.replace(old, new)
        taken = {path: self.files[path] for path in self.assignment.files.taken}
        taken[file] = (above + text).encode()
        hand_in = Submission("s", "s", self.assignment.package, taken, {}, "sha256:0")
        done: dict[str, QuestionResult] = {}
        wanted = [question for question in self._code if question.id in asked]
        packed = HandIn(hand_in, self._marker.package(hand_in), {})
        self.examiner.examine(wanted, packed, done)
        assert not self.examiner.faults
        self.text = taken[file].decode().split("\n")
        return done


@pytest.fixture(scope="module")
def course(root: Path, assignment_folder: Path) -> Iterator[Course]:
    with Sandbox(sources.manifest(assignment_folder).limits) as sandbox:
        yield Course(root, assignment_folder, sandbox, 5.0)


def told(result: QuestionResult) -> list[ExplanationFacts]:
    """Return what repairs told of a question's checks, each once."""
    found = [facts for check in result.checks for facts in check.evidence.get("explanations", ())]
    own = [facts for facts in found if facts["mechanism"] == "repair"]
    return [facts for n, facts in enumerate(own) if facts not in own[:n]]


PLANTED: dict[str, tuple[str, str, Edit, str, str]] = {
    "a bracket": (
        "batchnorm-forward",
        "layers.py",
        (OUT, BRACKET),
        "out = gamma * (xhat + beta)",
        "bracket",
    ),
    "another function": (
        "batchnorm-forward",
        "layers.py",
        (MEAN_VAR, "mean, var = x.mean(axis=0), x.std(axis=0)"),
        "x.std(axis=0)",
        "function",
    ),
    "an axis": (
        "affine-backward",
        "layers.py",
        (DB, SPREAD),
        "np.sum(dout)",
        "axis",
    ),
    "= for +=": (
        "affine-backward",
        "layers.py",
        (
            DW,
            "    dw = np.zeros_like(w)\n    for i in range(len(x)):\n"
            "        dw = np.outer(x[i].reshape(-1), dout[i])",
        ),
        "        dw = np.outer",
        "assignment",
    ),
    "a method of a class": (
        "two-layer-net",
        "classifiers/fc_net.py",
        (FIRST_LAYER, FIRST_LAYER + ONCE_MORE),
        ONCE_MORE.rstrip("\n"),
        "line",
    ),
}


@pytest.mark.parametrize("planted", PLANTED.values(), ids=list(PLANTED))
def test_the_line_and_the_kind_of_a_mistake_are_told(
    course: Course, planted: tuple[str, str, Edit, str, str]
) -> None:
    """The line is that of the mistake; the sentence names the file and holds no code."""
    question, file, edit, line, kind = planted
    result = course.mark((question,), file, edit)[question]
    found = told(result)
    assert found
    for facts in found:
        assert line in course.text[facts["line"] - 1]
        assert (facts["file"], facts["edit"]) == (file, kind)
        assert facts["text"].startswith(f"Look at line {facts['line']} of {file}")
    assert any(facts["text"] in check.message for facts in found for check in result.checks)


def test_the_line_that_is_told_is_among_those_shown(course: Course) -> None:
    """In a function of more lines than are shown, too, with the numbers that they have."""
    edit = (DB, "    # as the notes have it\n" * 2 * MOST_LINES + SPREAD)
    result = course.mark(("affine-backward",), "layers.py", edit)["affine-backward"]
    found = told(result)
    assert found
    for check in result.checks:
        for facts in check.evidence.get("explanations", ()):
            source = check.evidence["source"]
            assert len(source["lines"]) == MOST_LINES
            line = source["lines"][facts["line"] - source["first"]]
            assert line == course.text[facts["line"] - 1]
            assert "np.sum(dout)" in line


def test_mistakes_of_two_outputs_are_told_apart(course: Course) -> None:
    """No single change makes all right: each output has its own line."""
    edits = [
        (DW, f"{DW} / len(x)"),
        (DB, DB.replace("axis=0)", "axis=0) * 3")),
    ]
    found = told(course.mark(("affine-backward",), "layers.py", *edits)["affine-backward"])
    assert {tuple(facts["outputs"]) for facts in found} == {("dw",), ("db",)}
    for facts in found:
        assert f"{facts['outputs'][0]} = " in course.text[facts["line"] - 1]


def test_nothing_is_told_where_two_lines_could_be_changed(course: Course) -> None:
    """A factor that is missing on one line of a product can be made up for on the next."""
    edit = (DX, "    half = (dxhat - sums) / 2\n    dx = half / std\n")
    assert not told(course.mark(("layernorm-backward",), "layers.py", edit)["layernorm-backward"])


def test_what_a_wrong_forward_pass_leaves_wrong_is_not_blamed_on_the_backward_pass(
    course: Course,
) -> None:
    """No line of the backward pass is told while the forward pass before it fails."""
    edit = ("    std = np.sqrt(x.var(axis=1,", "    std = beta.sqrt(x.var(axis=1,")
    asked = ("layernorm-forward", "layernorm-backward")
    assert not told(course.mark(asked, "layers.py", edit)["layernorm-backward"])


def test_no_line_is_told_for_a_change_on_several(course: Course) -> None:
    """Both reductions of layer normalization are over the wrong axis."""
    edits = [
        ("    std = np.sqrt(x.var(axis=1,", "    std = np.sqrt(x.var(axis=0,"),
        ("    xhat = (x - x.mean(axis=1,", "    xhat = (x - x.mean(axis=0,"),
    ]
    assert not told(course.mark(("layernorm-forward",), "layers.py", *edits)["layernorm-forward"])


def test_nothing_is_told_where_no_single_change_serves(course: Course) -> None:
    """Two mistakes in one output."""
    edits = [
        (MEAN_VAR, "mean, var = x.mean(axis=0), x.var(axis=0, ddof=1)"),
        (OUT, BRACKET),
    ]
    found = told(course.mark(("batchnorm-forward",), "layers.py", *edits)["batchnorm-forward"])
    assert not any("out" in facts["outputs"] for facts in found)


def test_a_helper_of_the_files_own_is_searched(course: Course) -> None:
    """The function that is asked calls another one, in which the mistake is."""
    helper = "def rectified(x):\n    return np.maximum(x, 1)\n\n\n"
    edit = ("    out = np.maximum(x, 0)\n", "    out = rectified(x)\n")
    found = told(course.mark(("relu-forward",), "layers.py", edit, above=helper)["relu-forward"])
    assert {facts["line"] for facts in found} == {2}


def test_equal_functions_are_told_their_own_lines(course: Course) -> None:
    """The second of two, which stands elsewhere in its file, isn't searched again."""
    edit = (DB, SPREAD)
    (first,) = told(course.mark(("affine-backward",), "layers.py", edit)["affine-backward"])
    asked: list[str] = []
    own = Trying.tried

    def counted(self: Trying, goal: Goal, target: str, *rest: Any) -> Any:
        asked.append(target)
        return own(self, goal, target, *rest)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Trying, "tried", counted)
        above = "# A comment more.\n" * 3
        (second,) = told(
            course.mark(("affine-backward",), "layers.py", edit, above=above)["affine-backward"]
        )
    assert not asked
    assert second["line"] == first["line"] + 3


def test_without_seconds_there_is_no_search(root: Path, assignment_folder: Path) -> None:
    """The manifest's 0 turns it off."""
    with Sandbox(sources.manifest(assignment_folder).limits) as sandbox:
        course = Course(root, assignment_folder, sandbox, 0.0)
        edit = (DB, SPREAD)
        assert not told(course.mark(("affine-backward",), "layers.py", edit)["affine-backward"])


LIES = """
import grader.sandbox.guest.editable as editable
editable.Editable.place = lambda self, edit: ({line}, 0)
"""


@pytest.mark.parametrize("line", [-1, 0, 10**9])
def test_a_line_that_is_not_there_is_not_told(course: Course, line: int) -> None:
    """A process may say anything of its lines."""
    edit = (DB, SPREAD)
    lies = LIES.format(line=line)
    found = told(
        course.mark(("affine-backward",), "layers.py", edit, above=lies)["affine-backward"]
    )
    assert all(1 <= facts["line"] <= len(course.text) for facts in found)


class Liar:
    """A process that says of each edit that it makes all right, and that there are more."""

    def __init__(self) -> None:
        self.messages, self.cpu_seconds, self.used_share = 0, 0.0, 0.0

    def ask(self, batch: Batch, seconds: float | None = None) -> list[Any]:
        self.messages += 1
        column = np.arange(3)
        columns = dict.fromkeys(("numbers", "lines", "kinds", "several"), column)
        answer = {"gave": {"out": np.zeros(2)}, **columns}
        told = {"found": [answer], "next": self.messages, "tier": self.messages}
        outcome = Outcome({"trials": told})
        return [SimpleNamespace(outcomes=[outcome] * len(run.examples)) for run in batch.runs]

    def text(self, path: str) -> bytes | None:
        return b"x = 1"


def test_a_process_that_always_has_more_is_left_in_the_end() -> None:
    """However little time each of its messages takes."""
    call = Call("f", "layers:f", [{"$": "x"}])
    run = Run("r", Program((call,), {"out": {"@": "f"}}), [{"x": np.zeros(2)}])
    check = Check("c", "q", "", "hidden", "r", "match", ("out",), 1.0, call="f")
    goal = Goal(check, AnsweredRun(run, [{"out": np.ones(2)}]), 0)
    liar = Liar()
    assert len(list(Trying(liar, {}).tried(goal, "layers:f", 5.0, 10))) < 1_000


def test_every_kind_of_edit_has_words() -> None:
    """And the sentence of one kind, of two and of more is one sentence."""
    assert set(repairs.KINDS) == set(EDIT_KINDS)
    for kinds in (["axis"], ["axis", "sign"], ["axis", "sign", "term"]):
        said = repairs.sentence("layers.py", 3, kinds, ["dx", "dw"])  # type: ignore[arg-type]
        assert said.endswith("dx and dw are right on every example.")
        assert ("sign" in said) == (len(kinds) == 2)
