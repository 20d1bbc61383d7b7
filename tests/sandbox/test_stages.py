"""What programs do with a student's functions, and how each way of failing is told."""

from __future__ import annotations

import textwrap
from typing import Any

import numpy as np
import pytest
from conftest_sandbox import call, package

from grader.model.programs import Program, Run
from grader.model.trees import Opaque
from grader.sandbox import Batch

PAIR = """
import numpy as np

def forward(x, w):
    return x * w, (x, w)

def backward(dout, cache):
    x, w = cache
    return dout * w, dout * x
"""
STEPS = (
    ["call", "f", "layers:forward", [{"$": "x"}, {"$": "w"}], {}],
    [
        "call",
        "g",
        "layers:backward",
        [{"$": "dout"}, {"@": "f", "item": 1, "else": {"$": "cache"}}],
    ],
)
GIVE = {"out": {"@": "f", "item": 0}, "dx": {"@": "g", "item": 0}, "dw": {"@": "g", "item": 1}}


def example(x: Any) -> dict[str, Any]:
    return {"x": x, "w": x + 1, "dout": x + 2, "cache": [x, x]}


def test_a_pair_of_functions_shares_its_cache_on_the_students_side(ask: Any, x: Any) -> None:
    """Outputs of both come back, for each example; the cache never crosses."""
    run = Run("r", Program(STEPS, GIVE), [example(x)])
    out = ask({"layers.py": PAIR}, run)[0]
    assert out.failed is None
    assert np.array_equal(out.gave["out"], x * (x + 1))
    assert np.array_equal(out.gave["dx"], (x + 2) * (x + 1))
    assert np.array_equal(out.gave["dw"], (x + 2) * x)


@pytest.mark.parametrize("body", ["raise ValueError", "y = x * w", "return x * w"])
def test_a_backward_whose_forward_failed_is_called_on_the_other_cache(
    ask: Any, x: Any, body: str
) -> None:
    """``else`` is taken when the forward raised, gave nothing, or not a pair."""
    text = PAIR.replace("return x * w, (x, w)", body)
    out = ask({"layers.py": text}, Run("r", Program(STEPS, GIVE), [example(x)]))[0]
    if body != "return x * w":
        assert np.array_equal(out.gave["dw"], (x + 2) * x)
    else:
        assert out.gave["out"] == Opaque("ndarray in place of several values")
    if body == "raise ValueError":
        assert (out.failed.stage, out.failed.target) == ("raised", "layers:forward")
        assert "out" not in out.gave
    if body == "y = x * w":
        assert out.gave["out"] is None


def test_one_value_in_place_of_several_is_told_at_the_call_that_gave_it(ask: Any, x: Any) -> None:
    """The next call isn't made with what an array in place of a pair has for a first item."""
    text = PAIR.replace("return x * w, (x, w)", "return x * w")
    again = ["call", "g", "layers:forward", [{"@": "f", "item": 0}, {"$": "w"}], {}]
    run = Run("r", Program((STEPS[0], again), {"out": {"@": "g"}}), [example(x)])
    out = ask({"layers.py": text}, run)[0]
    assert out.failed.stage == "type"
    assert out.failed.type == ""


def test_every_use_of_an_input_is_a_fresh_copy(ask: Any, x: Any) -> None:
    """A function that writes into its input changes no later call, and a note says so."""
    text = "def f(x):\n    x += 1\n    return x\n\ndef g(x, d):\n    d['n'] = 1\n    return x\n"
    steps = (
        ["call", "a", "layers:f", [{"$": "x"}], {}],
        ["call", "b", "layers:f", [{"$": "x"}], {}],
        ["call", "c", "layers:g", [{"$": "x"}, {"$": "d"}], {}],
    )
    run = Run("r", Program(steps, {n: {"@": n} for n in "abc"}), [{"x": x, "d": {}}] * 2)
    with_notes, without = _outcomes(ask, text, run)
    for out in (with_notes, without):
        assert np.array_equal(out.gave["a"], x + 1)
        assert np.array_equal(out.gave["b"], x + 1)
        assert np.array_equal(out.gave["c"], x)
    assert with_notes.notes == ("changed:x",)
    assert without.notes == ()


def _outcomes(ask: Any, text: str, run: Run) -> Any:
    sandbox = ask.__closure__[0].cell_contents
    with sandbox.start(package({"layers.py": text})) as session:
        return session.ask(Batch([run]))[0].outcomes


def test_reading_an_input_is_not_noted(ask: Any, x: Any) -> None:
    """Code that leaves its inputs alone gets no note, with NaN in them too."""
    run = call("layers:f", np.array([np.nan, 1.0]))
    assert ask({"layers.py": "def f(x):\n    return x * 2\n"}, run)[0].notes == ()


@pytest.mark.parametrize(
    ("body", "stage", "type"),
    [
        ("raise NotImplementedError('soon')", "not_implemented", "NotImplementedError"),
        ("return helper(x)", "not_implemented", "NotImplementedError"),
        ("raise MyError('mine')", "raised", "KeyError"),
        ("raise SystemExit(0)", "raised", "SystemExit"),
        ("raise KeyboardInterrupt", "raised", "KeyboardInterrupt"),
        ("raise Quiet", "raised", "BaseException"),
        ("return f(x)", "raised", "RecursionError"),
        ("return [0] * 10**12", "out_of_memory", "MemoryError"),
        ("return np.ones(10**12)", "out_of_memory", "MemoryError"),
        ("return np.ones(3) @ np.ones(4)", "raised", "ValueError"),
        ("return input()", "raised", "EOFError"),
        ("return x.nothing", "raised", "AttributeError"),
        ("raise Nasty", "raised", "Exception"),
    ],
)
def test_each_way_of_failing_is_told_with_its_builtin_type(
    failed: Any, x: Any, body: str, stage: str, type: str
) -> None:
    """Anything that a call can raise becomes a failure with stage, type, file and line."""
    text = f"""
        import numpy as np
        class MyError(KeyError): pass
        class Quiet(BaseException): pass
        class Nasty(Exception):
            def __str__(self): raise SystemExit
        def helper(x):
            raise NotImplementedError
        def f(x):
            {body}
    """
    failure = failed(textwrap.dedent(text), x)
    assert (failure.stage, failure.type) == (stage, type)
    assert failure.target == "layers:f"
    assert failure.file == "layers.py"
    assert failure.line == (8 if "helper" in body else 10)


def test_a_failing_example_leaves_the_others(ask: Any) -> None:
    """Each example has its own outcome."""
    text = "def f(x):\n    return 1 / x\n"
    run = Run("r", call("layers:f", 1.0).program, [{"a0": v} for v in (1.0, 0, 2.0)])
    first, second, third = _outcomes(ask, text, run)
    assert (first.gave, third.gave) == ({"out": 1.0}, {"out": 0.5})
    assert second.failed.type == "ZeroDivisionError"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("None", None),
        ("object()", Opaque("object")),
        ("(1, 2.5, 'a')", [1, 2.5, Opaque("str")]),
        ("{'a': None, 1: True}", {"a": None, "1": True}),
        ("lambda: 0", Opaque("function")),
        ("10 ** 40", Opaque("an integer beyond 64 bits")),
        ("np.array([None])", Opaque("an array of dtype object")),
    ],
)
def test_what_a_function_returns_comes_back_as_plain_data(
    returned: Any, text: str, expected: Any
) -> None:
    """None stays None, numbers stay numbers, objects become their names."""
    assert returned(f"import numpy as np\n\ndef f():\n    return {text}\n") == expected


def test_draws_are_the_same_for_every_example_and_every_time(returned: Any) -> None:
    """np.random and random start from the same state in each example of each process."""
    text = (
        "import numpy as np, random\n\ndef f():\n    return [np.random.randn(3), random.random()]\n"
    )
    first, second = returned(text), returned(text)
    assert np.array_equal(first[0], second[0])
    assert first[1] == second[1]


NET = """
import numpy as np

class Net:
    def __init__(self, dims, {options}):
        self.options = {given}
        self.reg = 0.0
        self.params = {params}

    def loss(self, X, y=None):
        if y is None:
            return X * list(self.params.values())[0].sum()
        return self.reg, {{name: value * 2 for name, value in self.params.items()}}
"""
NETWORK = Program(
    (
        ["new", "m", "nets:Net", [{"$": "dims"}], {"$": "options"}, [
            {"if": "dropout_keep_ratio", "rename": {"dropout": "dropout_keep_ratio"}},
            {"if": "use_batchnorm", "complement": ["dropout"],
             "flag": {"normalization": ["use_batchnorm", "batchnorm"]}},
        ]],
        ["set", "m", "reg", 0.5],
        ["params", "m", {"$": "params"}],
        ["call", "s", "@m.loss", [{"$": "X"}], {}],
        ["call", "l", "@m.loss", [{"$": "X"}, {"$": "y"}], {}],
    ),
    {
        "scores": {"@": "s"},
        "loss": {"@": "l", "item": 0},
        "grads": {"@": "l", "item": 1},
    },
)  # fmt: skip


def network(ask: Any, options: str, given: str, params: str, **extra: Any) -> Any:
    text = NET.format(options=options, given=given, params=params)
    program = Program(NETWORK.steps, {**NETWORK.give, **extra})
    inputs = {
        "dims": [3],
        "options": {"dropout": 0.75, "normalization": "batchnorm", "dtype": {"dtype": "float64"}},
        "params": {"W1": np.full((2, 3), 1.0), "b1": np.full(3, 2.0), "W2": np.full((3, 2), 3.0)},
        "X": np.ones(2),
        "y": np.zeros(2, int),
    }
    return ask({"nets.py": text}, Run("r", program, [inputs]))[0]


@pytest.mark.parametrize(
    "names",
    ["'W1 b1 W2'.split()", "'W0 b0 W1'.split()", "[('W', 1), ('b', 1), ('W', 2)]"],
)
def test_parameters_are_set_and_gradients_named_in_the_rows_words(ask: Any, names: str) -> None:
    """Names that count from 0, or tuples, are matched by letters, shape and order."""
    options = "dropout=1, normalization=None, dtype=np.float32"
    shapes = "[np.zeros((2, 3), dtype), np.zeros(3), np.zeros((3, 2))]"
    out = network(ask, options, "0", f"dict(zip({names}, {shapes}))")
    assert out.failed is None
    assert np.array_equal(out.gave["scores"], [6.0, 6.0])
    assert out.gave["loss"] == 0.5
    assert {name: value.flat[0] for name, value in out.gave["grads"].items()} == {
        "W1": 2.0,
        "b1": 4.0,
        "W2": 6.0,
    }


@pytest.mark.parametrize(
    ("options", "given", "expected"),
    [
        (
            "dropout=1, normalization=None, dtype=0",
            "[dropout, normalization == 'batchnorm']",
            [0.75, True],
        ),
        ("dropout_keep_ratio=1, normalization=None, dtype=0", "dropout_keep_ratio", 0.75),
        ("dropout=0, use_batchnorm=False, dtype=0", "[dropout, use_batchnorm]", [0.25, True]),
    ],
)
def test_constructors_are_called_in_their_own_spelling(
    ask: Any, options: str, given: str, expected: Any
) -> None:
    """Options go by another year's names, complements and flags."""
    params = "{'W1': 0, 'b1': 0, 'W2': 0}"
    source = NET.format(
        options=options, given=f"lambda: [{given}, dtype is np.float64]", params=params
    )
    steps = (NETWORK.steps[0], ["call", "r", "@m.options", [], {}])
    inputs = {
        "dims": [3],
        "options": {"dropout": 0.75, "normalization": "batchnorm", "dtype": {"dtype": "float64"}},
    }
    out = ask({"nets.py": source}, Run("r", Program(steps, {"got": {"@": "r"}}), [inputs]))[0]
    assert out.gave["got"] == [expected, True]


def test_a_model_without_the_parameters_is_missing_them(ask: Any) -> None:
    """No params, or none that could be W2, is told by name, not by a traceback."""
    options = "dropout=1, normalization=None, dtype=0"
    for params, said in (("None", "named params"), ("{'W1': 0, 'b1': 0}", "W2")):
        out = network(ask, options, "0", params)
        assert out.failed.stage == "missing"
        assert said in out.failed.text


def test_a_step_on_a_model_that_was_not_built_tells_the_first_reason(ask: Any) -> None:
    """Everything after a failed constructor carries the constructor's failure."""
    out = network(ask, "*, wrong", "0", "{}")
    assert out.gave == {}
    assert (out.failed.stage, out.failed.type, out.failed.target) == (
        "raised",
        "TypeError",
        "nets:Net",
    )


def test_code_that_patches_libraries_gains_nothing_and_breaks_nothing(ask: Any, x: Any) -> None:
    """Patched numpy, json and builtins: answers stay what the functions returned."""
    text = """
        import builtins, json, numpy as np, random, sys, os
        for name in ("asarray", "ascontiguousarray", "array_equal", "frombuffer", "shape"):
            setattr(np, name, lambda *a, **k: 1)
        np.random.seed = np.testing = None
        json.dumps = json.loads = json.JSONEncoder = None
        os.write = os.read = sys.stdout = None
        builtins.print = builtins.open = builtins.vars = builtins.repr = None
        np.seterr(all="raise")

        def f(x):
            return x + 1
    """
    runs = [call("layers:f", x), call("layers:f", x)]
    outs = ask({"layers.py": textwrap.dedent(text)}, *runs)
    assert all(np.array_equal(out.gave["out"], x + 1) for out in outs)


def test_error_states_of_one_run_do_not_reach_the_next(ask: Any) -> None:
    """np.seterr and warning filters are put back for each run."""
    text = """
        import numpy as np, warnings
        def f(x):
            np.seterr(all="raise"); warnings.simplefilter("error")
            return x
        def g(x):
            warnings.warn("careful")
            return x / 0
    """
    outs = ask(
        {"layers.py": textwrap.dedent(text)},
        call("layers:f", np.ones(1)),
        call("layers:g", np.ones(1)),
    )
    assert np.isinf(outs[1].gave["out"][0])


def test_prints_never_fail_right_code_and_are_bounded(sandbox: Any, x: Any) -> None:
    """A flood of prints, at import too, is cut; the answer comes."""
    text = """
        import sys
        print("hello", 1.5)
        sys.stderr.write("oops\\n")
        def f(x):
            for _ in range(5_000):
                print("flood \\ud800" * 10)
            sys.stdout.flush()
            return x
    """
    with sandbox.start(package({"layers.py": textwrap.dedent(text)})) as session:
        out = session.ask(Batch([call("layers:f", x)]))[0].outcomes[0]
        printed = session.printed
    assert np.array_equal(out.gave["out"], x)
    assert printed.startswith(b"hello 1.5\noops\nflood ")
    assert 10_000 < len(printed) <= 16 * 1024
    assert session.printed == printed


def test_what_changes_later_can_be_kept(ask: Any) -> None:
    """``keep`` copies a value at that moment and lends it as one object; ``with`` replaces."""
    text = """
        def step(w, config):
            w += 1
            config["t"] = config.get("t", 0) + 1
            return w, config
    """
    steps = (
        ["keep", "c", {"$": "config", "with": {"rate": 2}}],
        ["keep", "w", {"$": "w"}],
        ["call", "a", "layers:step", [{"@": "w"}, {"@": "c"}], {}],
        ["keep", "first", {"@": "a", "item": 0}],
        ["call", "b", "layers:step", [{"@": "w"}, {"@": "c"}], {}],
    )
    give = {"first": {"@": "first"}, "last": {"@": "b", "item": 0}, "config": {"@": "c"}}
    inputs = {"w": np.zeros(2), "config": {"rate": 1}}
    run = Run("r", Program(steps, give), [inputs])
    out = ask({"layers.py": textwrap.dedent(text)}, run)[0]
    assert out.failed is None
    assert np.array_equal(out.gave["first"], [1.0, 1.0])
    assert np.array_equal(out.gave["last"], [2.0, 2.0])
    assert out.gave["config"] == {"rate": 2, "t": 2}


def test_a_models_parameters_are_read_by_the_rows_names(ask: Any) -> None:
    """``read`` gives them by the names of the shapes; one that matches none keeps its own."""
    text = """
        import numpy as np
        class Net:
            def __init__(self):
                self.params = {"W0": np.ones((2, 3)), "b0": np.zeros(3), "other": np.ones(1)}
    """
    steps = (["new", "m", "nets:Net", [], {}, []], ["read", "p", "m", {"$": "shapes"}])
    inputs = {"shapes": {"W1": [2, 3], "b1": [3]}}
    run = Run("r", Program(steps, {"params": {"@": "p"}}), [inputs])
    out = ask({"nets.py": textwrap.dedent(text)}, run)[0]
    assert out.failed is None
    assert sorted(out.gave["params"]) == ["W1", "b1", "other"]
