"""A file that doesn't compile, or whose statements raise: each fault costs what needs it."""

from __future__ import annotations

from textwrap import dedent
from typing import Any

import pytest
from conftest_sandbox import call

from grader.model.programs import Program, Run

#: Two right functions around the place of a broken one; the net imports all three by name.
AROUND = '''
import numpy as np

def before(x):
    """Before."""
    return x + 1

{broken}

def after(x):
    """After."""
    return before(x) + 1
'''
NET = "from {start} import before, f, after\n\ndef g(x):\n    return after(x)\n"

#: Definitions of f that don't compile.
BROKEN = {
    "unindented": "def f(x):\n    y = x\n  return y",
    "indented": "def f(x):\n    y = x\n        return y",
    "at the margin": "def f(x):\n    y = x\nz = y\n    return y",
    "return at the margin": "def f(x):\n    y = x\nreturn y",
    "bracket": "def f(x):\n    y = np.sum((x, 1)\n    return y",
    "header": "def f(x:\n    return x",
    "no colon": "def f(x)\n    return x",
    "no body": "def f(x):\n",
    "tabs": "def f(x):\n        y = x\n\treturn y",
    "docstring": 'def f(x):\n    """Never closed.\n    return x',
    "conflict": "def f(x):\n    y = x\n<<<<<<< HEAD\n    y = y + 1\n=======\n    y = y + 2\n"
    ">>>>>>> theirs\n    return y",
    "conflict at the end": "def f(x):\n<<<<<<< HEAD\n    return x\n=======\n    return 2 * x\n"
    ">>>>>>> theirs",
    "quotes": "def f(x):\n    return \u201cx\u201d",
    "decorated": "@staticmethod\ndef f(x):\n    return x +",
    "inner": "def f(x):\n    def inner(:\n        return 1\n    return x",
}


@pytest.mark.parametrize("start", ["..layers", "cs682.layers"])
@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)
def test_a_function_that_does_not_compile_costs_that_function(
    ask: Any, broken: str, start: str
) -> None:
    """The others of its file run, explicit imports of it work, and its line is told."""
    text = AROUND.format(broken=broken)
    files = {"layers.py": text, "classifiers/fc_net.py": NET.format(start=start)}
    targets = ("layers:before", "layers:after", "classifiers.fc_net:g", "layers:f")
    *right, f = ask(files, *(call(target, 1.0) for target in targets))
    assert [out.gave.get("out") for out in right] == [2.0, 3.0, 3.0], right
    assert (f.failed.stage, f.failed.cause, f.failed.file) == ("raised", "compile", "layers.py")
    first = text.split("\n").index(broken.split("\n")[0]) + 1
    assert ("merge" in f.failed.text) == ("<<<<<<<" in broken)
    assert first <= f.failed.line <= first + broken.count("\n") + 1


STRAY = {
    "text": "This is my solution.",
    "conflict around": "<<<<<<< HEAD",
    "python 2": 'print "loaded"',
    "shell": "!pip install numpy",
    "bracket": "values = (1, 2",
    "statement": "import numpy as",
    "raise": "raise SystemExit",
    "name": "undefined_name",
    "division": "number = 1 / 0",
    "torch": "import torch\nconstant = torch.tensor(1)",
    "exit": "exit()",
}


@pytest.mark.parametrize("stray", STRAY.values(), ids=STRAY)
@pytest.mark.parametrize("at", ["top", "middle"])
def test_a_stray_line_costs_nothing(ask: Any, stray: str, at: str) -> None:
    """Text, magics and statements at the margin that don't compile, or raise."""
    text = AROUND.format(broken=stray if at == "middle" else "")
    files = {"layers.py": stray + "\n" + text if at == "top" else text}
    outs = ask(files, call("layers:before", 1.0), call("layers:after", 1.0))
    assert [out.gave.get("out") for out in outs] == [2.0, 3.0], outs


def test_a_name_whose_statement_raised_is_told_at_that_line(ask: Any) -> None:
    """What uses it fails there, at any use; what doesn't use it runs."""
    text = """
        scale = 1 / 0

        class Helper(undefined):
            pass

        def f(x):
            return x * scale

        def g(x):
            return Helper(x)

        def h(x):
            return x
    """
    f, g, h = ask({"layers.py": dedent(text)}, *(call(f"layers:{n}", 1.0) for n in "fgh"))
    assert (f.failed.type, f.failed.line, f.failed.cause) == ("ZeroDivisionError", 2, "at_import")
    assert (g.failed.type, g.failed.line, g.failed.cause) == ("NameError", 4, "at_import")
    assert h.gave == {"out": 1.0}


def test_a_method_that_does_not_compile_costs_that_method(ask: Any) -> None:
    """The class stands, with its other methods."""
    text = '''
        class Net:
            """A net."""

            def __init__(self, x):
                self.x = x

            def loss(self, y):
                if y is None
                    return self.x
                return self.x + y

            def twice(self):
                return 2 * self.x
    '''
    steps = (
        ["new", "m", "layers:Net", [{"$": "x"}], {}, []],
        ["call", "t", "@m.twice", [], {}],
        ["call", "l", "@m.loss", [{"$": "x"}], {}],
    )
    run = Run("r", Program(steps, {"t": {"@": "t"}, "l": {"@": "l"}}), [{"x": 3.0}])
    (out,) = ask({"layers.py": dedent(text)}, run)
    assert out.gave == {"t": 6.0}
    assert (out.failed.line, out.failed.cause) == (9, "compile")


@pytest.mark.parametrize(
    ("line", "cause"),
    [
        ("print 'x'", "python2.print"),
        ("print x", "python2.print"),
        ("exec 'x'", "python2.exec"),
        ("try:\n        pass\n    except ValueError, e:\n        pass", "python2.except"),
        ("raise ValueError, 'x'", "python2.raise"),
        ("return x <> 1", "python2.<>"),
        ("return `x`", "python2.backticks"),
        ("return 0777", "python2.octal"),
        ("return 10L", "python2.long"),
        ("return [i for i in xrange(3)]", "python2.xrange"),
        ("return unicode(x)", "python2.unicode"),
        ("return reduce(max, [x])", "python2.reduce"),
        ("return dict(a=x).iteritems()", "python2.iteritems"),
        ("return dict(a=x).has_key('a')", "python2.has_key"),
        ("return range(4 / 2)", "python2.division"),
        ("return [1, 2, 3][4 / 2]", "python2.division"),
        ("return np.float(x)", "numpy.float"),
        ("return np.zeros(3, dtype=np.int)", "numpy.int"),
        ("return np.object", "numpy.object"),
    ],
)
def test_python_2_and_names_that_numpy_dropped_are_called_so(
    failed: Any, line: str, cause: str
) -> None:
    """The cause says what it is, beside the stage ``raised``."""
    found = failed(f"import numpy as np\n\ndef f(x):\n    {line}\n    return x\n", 1.0)
    assert (found.stage, found.cause, found.file) == ("raised", cause, "layers.py")


@pytest.mark.parametrize(
    "line",
    ["from {0} import *", "from {0} import other", "import {0}", "from {0} import other as t"],
)
@pytest.mark.parametrize("module", ["layers", "torch", ".nowhere", "cs682.nowhere"])
def test_an_import_that_cannot_work_is_told_at_its_line(ask: Any, line: str, module: str) -> None:
    """Not at the NameError that follows, and only where it is used."""
    if line.startswith("import") and module.startswith("."):
        return
    used = (
        f"{module}.other" if line.startswith("import") else line.split()[-1].replace("*", "other")
    )
    text = f"{line.format(module)}\n\ndef f(x):\n    return {used}(x)\n\ndef g(x):\n    return x\n"
    files = {"optim.py": text, "layers.py": "def other(x):\n    return x\n"}
    f, g = ask(files, call("optim:f", 1.0), call("optim:g", 1.0), given={"layers.py": ""})
    assert g.gave == {"out": 1.0}
    if module == "torch" and "*" not in line:
        assert f.failed.stage == "refused"
        return
    assert (f.failed.stage, f.failed.cause) == ("raised", "import")
    assert f.failed.line == (4 if line.startswith("import") else 1)
    assert ("name 'other' is not defined" in f.failed.text) == ("*" in line)


def test_a_name_that_a_module_lacks_costs_what_uses_it(ask: Any) -> None:
    """The others of the same import are there."""
    files = {
        "layers.py": "def one(x):\n    return x\n",
        "optim.py": "from .layers import one, two\n\ndef f(x):\n    return one(x)\n\n"
        "def g(x):\n    return two(x)\n",
    }
    f, g = ask(files, call("optim:f", 1.0), call("optim:g", 1.0))
    assert f.gave == {"out": 1.0}
    assert (g.failed.type, g.failed.line, g.failed.cause) == ("ImportError", 1, "import")


def test_a_circle_of_imports_is_told_as_one(ask: Any) -> None:
    """At the import that closes it; the process goes on answering."""
    files = {
        "layers.py": "from cs682.optim import g\n\ndef f(x):\n    return g(x)\n",
        "optim.py": "from cs682.layers import f\n\ndef g(x):\n    return x\n\n"
        "def h(x):\n    return f(x)\n",
    }
    runs = [call("layers:f", 1.0), call("optim:g", 1.0), call("optim:h", 1.0)]
    f, g, h = ask(files, *runs, given=dict.fromkeys(files, "from .optim import *\n"))
    assert (f.gave, g.gave) == ({"out": 1.0}, {"out": 1.0})
    assert (h.failed.cause, h.failed.file, h.failed.line) == ("circle", "optim.py", 1)


@pytest.mark.parametrize(
    ("files", "line"),
    [
        ({"helpers.py": "def t(x):\n    return 2 * x\n"}, "from cs682.helpers import t"),
        ({"helpers.py": "def t(x):\n    return 2 * x\n"}, "from .helpers import t"),
        ({"helpers.py": "def t(x):\n    return 2 * x\n"}, "from .helpers import *"),
        ({"helpers.py": "def t(x):\n    return 2 * x\n"}, "from helpers import t"),
        ({"helpers.py": "def t(x):\n    return 2 * x\n"}, "import helpers\nt = helpers.t"),
        ({"../helpers.py": "def t(x):\n    return 2 * x\n"}, "from helpers import t"),
        ({"../lib/inner.py": "def t(x):\n    return 2 * x\n"}, "from lib.inner import t"),
        ({"lib/inner.py": "def t(x):\n    return 2 * x\n"}, "from .lib.inner import t"),
        (
            {"lib/inner.py": "def t(x):\n    return 2 * x\n"},
            "from . import lib\nimport cs682.lib.inner\nt = lib.inner.t",
        ),
        ({"../lib/inner.py": "def t(x):\n    return 2 * x\n"}, "import lib.inner as l\nt = l.t"),
    ],
)
def test_modules_of_ones_own_are_part_of_the_package(
    ask: Any, files: dict[str, str], line: str
) -> None:
    """In the package, beside it, in a folder of their own; by each form of import."""
    texts = {"layers.py": line + "\n\ndef f(x):\n    return t(x)\n", **files}
    (out,) = ask(texts, call("layers:f", 2.0), given={"layers.py": ""})
    assert out.gave == {"out": 4.0}, out


def test_a_failure_in_ones_own_module_names_its_line(ask: Any) -> None:
    """A module beside the package is named from the package's folder."""
    files = {
        "layers.py": "from helpers import t\n\ndef f(x):\n    return t(x)\n",
        "../helpers.py": "def t(x):\n    return x.nothing\n",
    }
    (out,) = ask(files, call("layers:f", 2.0))
    assert (out.failed.file, out.failed.line) == ("../helpers.py", 2)


def test_a_file_that_is_not_there_says_so(ask: Any) -> None:
    """Its functions are missing by the file's name; the course's own of it are there."""
    given = {
        "layers.py": "def f(x):\n    raise NotImplementedError\n\ndef loss(x):\n    return x\n"
    }
    runs = [call("layers:f", 1.0), call("layers:loss", 1.0)]
    for reason, cause in (("", "no_file"), ("Permission denied", "unread_file")):
        f, loss = ask(
            {},
            *runs,
            given=given,
            given_names={"layers": ("loss",)},
            absent={"layers.py": reason},
        )
        found = f.failed
        assert (found.stage, found.cause, found.file) == ("missing", cause, "layers.py")
        assert loss.gave == {"out": 1.0}
