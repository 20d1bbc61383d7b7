"""Single edits of a student's function: numbered, tried one after another, in effect for a run."""

from __future__ import annotations

import ast
import gc
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from conftest_sandbox import package

from grader.model.edits import EDIT_KINDS
from grader.model.programs import Outcome, Program, Run
from grader.model.steps import Call, Mend, TryEdits, to_json
from grader.sandbox import Batch, Sandbox
from grader.sandbox.guest.editor import Editor
from grader.sandbox.guest.edits import edits
from grader.sandbox.guest.trials import Trials

LAYERS = """
import numpy as np

def centred(x, eps=1e-5):
    mean = x.mean(axis=1)
    var = x.var(axis=0, ddof=1)
    if len(x) > 100:
        var = var * 2
    return (x - x.mean(axis=0)) / (np.sqrt(var) + eps)

def scale(x):
    return 2 * shifted(x)

def shifted(x):
    return x - 1

def loops(x):
    n = 3
    while n > 0:
        n = n - 1
    return x + n
"""
NETWORK = """
from .layers import scale

TABLE = {"scale": scale}

def through(x):
    return TABLE["scale"](x)
"""
CALL = Call("f", "layers:centred", [{"$": "x"}])
X = np.random.default_rng(0).normal(size=(5, 3))
Ask = Callable[..., list[Outcome]]


def tried(target: str, argument: Any, first: int = 0, most: int = 10_000) -> Run:
    """Return a run that tries the edits of *target*, called with *argument*."""
    call = to_json(Call("f", target, [{"$": "x"}]))
    step = TryEdits("t", target, [call], {"out": {"@": "f"}}, first, most, 10.0)
    return Run("tried", Program((step,), {"t": {"@": "t"}}), [{"x": argument}])


def searched(ask: Ask, target: str) -> list[dict[str, Any]]:
    """Return what all edits of *target* are told to give, part by part."""
    parts, first = [], 0
    while True:
        (outcome,) = ask({"layers.py": LAYERS}, tried(target, X, first))
        parts.append(outcome.gave["t"])
        first = parts[-1]["next"]
        if not first:
            return parts


def under(target: str, number: int, argument: Any, called: str = "") -> Run:
    """Return a run that calls *called* with one edit of *target* in effect."""
    steps = (Mend(target, number), Call("f", called or target, [{"$": "x"}]))
    return Run(f"edit {number}", Program(steps, {"out": {"@": "f"}}), [{"x": argument}])


def leading_to(told: dict[str, Any], right: np.ndarray) -> list[tuple[int, int, str]]:
    """Return number, line and kind of the edits that lead to *right*."""
    return [
        (int(number), int(line), EDIT_KINDS[kind])
        for entry in told["found"]
        if np.shape(entry["gave"]["out"]) == right.shape
        and np.allclose(entry["gave"]["out"], right)
        for number, line, kind in zip(entry["numbers"], entry["lines"], entry["kinds"], strict=True)
    ]


def test_edits_are_named_by_number_line_and_kind(ask: Ask) -> None:
    """The one that takes ddof away is told, and gives the same when it is asked for alone."""
    right = (X - X.mean(0)) / (np.sqrt(X.var(0)) + 1e-5)
    parts = searched(ask, "layers:centred")
    found = [entry for told in parts for entry in leading_to(told, right)]
    assert found
    # ddof gone from one call or from both, which begin on line 5; or its number another.
    assert {(line, kind) for _, line, kind in found} == {(5, "axis"), (6, "axis"), (6, "number")}
    runs = [under("layers:centred", number, X) for number, _, _ in found]
    for outcome in ask({"layers.py": LAYERS}, *runs):
        assert np.allclose(outcome.gave["out"], right)


def test_lines_that_do_not_run_are_left_alone(ask: Ask) -> None:
    """Neither a branch that isn't taken, nor by itself a line whose result nothing uses."""
    lines = {
        (int(line), EDIT_KINDS[kind])
        for told in searched(ask, "layers:centred")
        for entry in told["found"]
        for line, kind in zip(entry["lines"], entry["kinds"], strict=True)
    }
    assert {line for line, _ in lines} == {5, 6, 7, 9}
    assert [kind for line, kind in lines if line == 5] == ["axis"]


def test_a_search_goes_on_where_it_stopped(ask: Ask) -> None:
    """In parts it finds what it finds in one go."""
    whole = searched(ask, "layers:centred")
    numbers: list[int] = []
    first = 0
    while True:
        (part,) = ask({"layers.py": LAYERS}, tried("layers:centred", X, first, 200))
        numbers += [int(n) for entry in part.gave["t"]["found"] for n in entry["numbers"]]
        first = part.gave["t"]["next"]
        if not first:
            break
    assert sorted(numbers) == sorted(
        int(n) for told in whole for entry in told["found"] for n in entry["numbers"]
    )


def test_an_edit_lasts_for_its_run_and_reaches_whoever_holds_the_function(ask: Ask) -> None:
    """A table of another module calls the edited function; the next run calls the student's."""
    files = {"layers.py": LAYERS, "network.py": NETWORK}
    parts = searched(ask, "layers:scale")
    found = [entry for told in parts for entry in leading_to(told, 2 * (X + 1))]
    number, line, _ = found[0]
    assert line == 15  # of the function that it calls
    edited = under("layers:scale", number, X, "network:through")
    plain = Run(
        "plain",
        Program((Call("f", "network:through", [{"$": "x"}]),), {"out": {"@": "f"}}),
        [{"x": X}],
    )
    first, second = ask(files, edited, plain)
    assert np.allclose(first.gave["out"], 2 * (X + 1))
    assert np.allclose(second.gave["out"], 2 * (X - 1))


@pytest.mark.parametrize("number", [-1, 10**6, 2**62])
def test_a_number_that_is_no_edits_changes_nothing(ask: Ask, number: int) -> None:
    """The function answers as it is."""
    (outcome,) = ask({"layers.py": LAYERS}, under("layers:scale", number, X))
    assert np.allclose(outcome.gave["out"], 2 * (X - 1))


def test_an_edit_that_loops_is_cut_and_the_others_are_tried(sandbox: Sandbox) -> None:
    """One call's time bounds an edited one's."""
    with sandbox.start(package({"layers.py": LAYERS})) as session:
        (reply,) = session.ask(Batch([tried("layers:loops", X, most=150)]), 8.0)
    (outcome,) = reply.outcomes
    assert outcome.failed is None
    assert leading_to(outcome.gave["t"], X - 1)


@pytest.mark.parametrize(
    "text",
    [
        "f = len",
        "f = lambda x: x + 1",
        "class f:\n    def __call__(self, x): return x",
        "exec('def f(x): return x + 1')",
        "def g(n):\n    def f(x): return x + n\n    return f\nf = g(1)",
        "import linecache\ndef f(x): return x + 1\nlinecache.cache.clear()",
        "import linecache\ndef f(x): return x + 1\nlinecache.cache[__file__] = (1, 0, ['('], 'f')",
    ],
)
def test_what_has_no_text_has_no_edits(ask: Ask, text: str) -> None:
    """Such a function is asked as ever."""
    outcome, plain = ask({"layers.py": text}, tried("layers:f", X[0]), under("layers:f", 0, X[0]))
    assert outcome.failed is None
    assert not outcome.gave["t"]["found"]
    assert plain.failed is None or "g(1)" not in text


def test_trying_edits_leaves_the_function_as_it_was(sandbox: Sandbox) -> None:
    """The process answers afterwards as it did before."""
    before = Run("plain", Program((CALL,), {"out": {"@": "f"}}), [{"x": X}])
    with sandbox.start(package({"layers.py": LAYERS})) as session:
        first, _, second = session.ask(Batch([before, tried("layers:centred", X), before]))
    assert first.data == second.data


def test_the_tree_is_the_same_after_each_edit() -> None:
    """Each edit is made and undone; what comes of it is Python, or doesn't compile."""
    tree = ast.parse(LAYERS)
    function = next(node for node in tree.body if isinstance(node, ast.FunctionDef))
    before = ast.dump(function, include_attributes=True)
    made = edits(function)
    assert len(made) > 500
    for edit in made:
        edit.make()
        ast.unparse(function)
        edit.undo()
    assert ast.dump(function, include_attributes=True) == before


def test_numbers_are_the_same_in_every_process() -> None:
    """Two lists of one function are equal, edit for edit."""
    lists = []
    for _ in range(2):
        function = next(n for n in ast.parse(LAYERS).body if isinstance(n, ast.FunctionDef))
        listed = []
        for edit in edits(function):
            edit.make()
            listed.append((edit.kind, edit.first, ast.unparse(function)))
            edit.undo()
        lists.append(listed)
    assert lists[0] == lists[1]


LOOP = "t = x * 0\n    for i in range(3):\n        "
OPERATORS = {
    "= for +=": (f"{LOOP}t = x", "3 * x", "assignment"),
    "the variable assigned": ("t = x\n    y = t + 1", "x + 1", "assignment"),
    "where a loop ends": (f"n = 4\n    {LOOP}t += x".replace("3", "n"), "5 * x", "bound"),
    "a line in a loop": (f"{LOOP}t += x\n        t = t + 1", "3 * x + 1", "indentation"),
    "a line after a loop": (f"{LOOP}pass\n    t = t + 1", "x * 0 + 3", "indentation"),
    "a line far above": ("t = x\n    t += 1\n    t *= 2\n    t -= 4", "x * 2 - 6", "order"),
    "a size": ("t = x.sum(axis=0)", "x.sum(axis=0) / len(x)", "size"),
    "a power": ("n = 3\n    t = x * n / n", "x**3", "root"),
    "what a number leaves of 1": ("p = 0.25\n    t = x * 0.9 + p * 0", "x * 0.75", "number"),
    "a sum": ("t = x * 1", "x.sum(axis=0)", "function"),
}


@pytest.mark.parametrize(("text", "right", "kind"), OPERATORS.values(), ids=list(OPERATORS))
def test_each_kind_of_edit_is_among_those_tried(ask: Ask, text: str, right: str, kind: str) -> None:
    """One edit of that kind leads to what is right."""
    source = f"import numpy as np\n\ndef f(x):\n    {text}\n    return t\n"
    wanted = eval(right, {"x": X})
    found, first = set(), 0
    while True:
        (outcome,) = ask({"layers.py": source}, tried("layers:f", X, first))
        found |= {kind for _, _, kind in leading_to(outcome.gave["t"], wanted)}
        first = outcome.gave["t"]["next"]
        if not first:
            break
    assert kind in found


CLASS = """
import numpy as np

class Net:
    def __init__(self, scale):
        self.__scale = scale + 1

    def loss(self, x):
        return self._half(x) * self.__scale

    def _half(self, x):
        return x / 4

def asked(x):
    return Net(2.0).loss(x)
"""


def test_the_methods_of_a_class_are_edited(ask: Ask) -> None:
    """Each on its own line, private names included; the class answers as before afterwards."""
    step = to_json(Call("f", "layers:asked", [{"$": "x"}]))
    lines: set[int] = set()
    first = 0
    while True:
        asked = TryEdits("t", "layers:Net", [step], {"out": {"@": "f"}}, first, 10_000, 10.0)
        run = Run("tried", Program((asked,), {"t": {"@": "t"}}), [{"x": X}])
        (outcome,) = ask({"layers.py": CLASS}, run)
        told = outcome.gave["t"]
        for right in (X * 2.0 / 4, X / 2 * 3, -X * 3 / 4):
            lines |= {line for _, line, _ in leading_to(told, right)}
        first = told["next"]
        if not first:
            break
    assert lines == {6, 9, 12}


def centred(x: np.ndarray, eps: float = 1e-5) -> np.ndarray:
    total = x * 0
    for i in range(2):
        total = total + x * (i + 1)
    mean = total.mean(axis=0, keepdims=True)
    var = ((x - mean) ** 2).mean(axis=0)
    table = {"eps": eps}
    return (x - mean) / np.sqrt(var + table["eps"])


@pytest.fixture
def no_collection() -> Iterator[None]:
    """No garbage is collected: what Hypothesis does then must not be where a time limit strikes."""
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("no_collection")
@np.errstate(all="ignore")
def test_what_is_foreseen_comes_true() -> None:
    """An edit that is passed over raises or gives the same; equal ones give the same."""
    editor = Editor(centred)

    def run() -> Any:
        out = centred(X)
        return (out.tobytes(), {"out": out})

    trials = Trials(editor, run)
    own = run()[0]
    known: dict[Any, Any] = {}
    passed_over = equal = 0
    for number in range(len(editor)):
        if not trials._runs(number):
            continue
        ahead = trials._ahead(number)
        if not ahead.idle and ahead.gives is None:
            continue
        came = trials.came(number)
        if ahead.idle:
            passed_over += 1
            assert came is None or came[0] == own
        else:
            equal += ahead.gives in known
            gave = None if came is None else came[0]
            assert known.setdefault(ahead.gives, gave) == gave
    assert passed_over > 100
    assert equal > 50
