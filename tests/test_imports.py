"""The walls of the house: who may import what, and what the trusted side never does.

Each rule stands in :mod:`imports`; each is shown here to find a breach that is planted.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from imports import (
    FLOORS,
    GUEST,
    GUEST_MAY_IMPORT,
    MAY_LOAD,
    MAY_PARSE,
    PACKAGES,
    anys,
    breaches,
    circles,
    graph,
    loaders,
    modules,
    parsers,
    within,
)

#: What the engine must not know: the course's packages, and names out of its assignment.
COURSE_WORDS = (
    "cs682",
    "cs231n",
    "batchnorm",
    "layernorm",
    "rmsprop",
    "fullyconnected",
    "twolayer",
    "svm_loss",
    "softmax_loss",
)
UPWARD = "imports run upward"
CIRCLES = "circles"
HOMELESS = "modules have no floor"
REACHES_OUT = "imports of guest/ reach the engine"
REACHED = "imports of guest/ by others"
UNPICKLES = "uses of pickle and its like outside guest/"
RUNS_TEXT = "uses of exec and its like outside guest/"
LOADS = "loaders of modules that are not named"
PARSES = "parsers and converters outside guest/"

#: A rule, a module, and a line that breaks the rule there.
PLANTED = [
    (UPWARD, "grader.model.trees", "import grader.sandbox"),
    (UPWARD, "grader.model.trees", "from grader import numeric"),
    (UPWARD, "grader.numeric.errors", "from ..marking import marker"),
    (UPWARD, "grader.submissions.trees", "from grader.kinds import arrays"),
    (UPWARD, "grader.marking.marker", "def f():\n    import grader.reports"),
    (CIRCLES, "grader.model.trees", "from grader.model import programs"),
    (CIRCLES, "grader.sandbox.protocol.frames", "from grader.sandbox import batch"),
    (HOMELESS, "grader.attic", "import numpy"),
    (HOMELESS, "grader.attic.box", "import numpy"),
    (REACHES_OUT, f"{GUEST}.worker", "import grader.numeric.errors"),
    (REACHES_OUT, f"{GUEST}.worker", "from ...key import store"),
    (REACHES_OUT, f"{GUEST}.notebooks.kernel", "from grader.sandbox.confinement import confine"),
    (REACHED, "grader.sandbox.session", f"import {GUEST}.worker"),
    (REACHED, "grader.sandbox.host.fresh", "from ..guest import worker"),
    (REACHED, "grader.selfcheck.work", f"from {GUEST} import decoding"),
    (UNPICKLES, "grader.key.store", "import pickle"),
    (UNPICKLES, "grader.files", "from marshal import loads"),
    (UNPICKLES, "grader.files", "import importlib\nf = importlib.import_module('dill')"),
    (UNPICKLES, "grader.files", "def f(np):\n    return np.load('x', allow_pickle=True)"),
    (RUNS_TEXT, "grader.kinds", "exec('x = 1')"),
    (RUNS_TEXT, "grader.kinds", "_do = eval"),
    (RUNS_TEXT, "grader.kinds", "import builtins\nbuiltins.exec('x = 1')"),
    (RUNS_TEXT, "grader.kinds", "from builtins import compile as _make"),
    (LOADS, "grader.submissions.reading", "def f(spec):\n    spec.loader.exec_module(0)"),
    (LOADS, "grader.submissions.reading", "from runpy import run_path"),
    (PARSES, "grader.submissions.cells", "import ast"),
    (PARSES, "grader.marking.explaining.source", "def f(text):\n    from ast import parse"),
    (PARSES, "grader.marking.notebooks.written", "import tokenize"),
    (PARSES, "grader.reports.notebook_page", "from nbconvert import HTMLExporter"),
    (PARSES, "grader.reports.pages", "from pygments.token import STANDARD_TYPES"),
    (PARSES, "grader.sandbox.markup", "import nh3"),
    (PARSES, "grader.classroom.readings", "import latex2mathml.converter"),
    (PARSES, "grader.reports.annotated", "import mistune"),
    (PARSES, "grader.marking.training.runs", "from IPython.core import inputtransformer2"),
    (PARSES, "grader.marking.training.attempts", "def f(np, file):\n    return np.load(file)"),
    (PARSES, "grader.submissions.disk", "from numpy import genfromtxt"),
]


@pytest.fixture(scope="module")
def texts(root: Path) -> dict[str, str]:
    """The engine's modules, by name."""
    return modules(root / "grader")


@pytest.fixture(scope="module")
def found(texts: dict[str, str]) -> dict[str, list[str]]:
    """What breaks each rule."""
    return breaches(texts)


@pytest.mark.parametrize("rule", list(breaches({})))
def test_the_engine_keeps_the_rule(found: dict[str, list[str]], rule: str) -> None:
    """No module of the engine breaks it."""
    assert found[rule] == []


@pytest.mark.parametrize(("rule", "module", "line"), PLANTED)
def test_a_planted_breach_is_found(
    texts: dict[str, str], rule: str, module: str, line: str
) -> None:
    """One line in one module breaks the rule, and the finding names the module."""
    planted = {**texts, module: f"{texts.get(module, '')}\n{line}\n"}
    assert any(module in broken for broken in breaches(planted)[rule])


def test_every_rule_has_a_planted_breach() -> None:
    """A new rule comes with a breach that shows that it finds something."""
    assert {rule for rule, _, _ in PLANTED} == set(breaches({}))


def test_what_only_looks_like_a_breach_is_none() -> None:
    """Patterns are compiled, and methods have the name of a builtin or of a reader: all fine."""
    text = (
        "import re\nimport numpy as np\nP = re.compile('exec')\n"
        "def f(self, file):\n    self.compile()\n    self.np = file.load()\n    return np.ast\n"
    )
    assert not any(breaches({"grader.model.fine": text}).values())


def test_no_floor_and_no_exception_outlives_its_module(texts: dict[str, str]) -> None:
    """What has a floor is there, and what may load by name still does."""
    assert set(FLOORS) <= set(texts)
    assert set(MAY_LOAD) == {module for module, _ in loaders(texts, allowed=())}
    assert set(MAY_PARSE) == {module for module, _ in parsers(texts, allowed=())}


@pytest.mark.parametrize("package", PACKAGES)
def test_the_assignment_has_no_circle(assignment_folder: Path, package: str) -> None:
    """The reference, the second implementation and the rows are read from one end to the other."""
    assert circles(graph(modules(assignment_folder / package))) == []


def test_a_circle_in_a_folder_is_found(tmp_path: Path) -> None:
    """Relative imports count, and those within a function."""
    folder = tmp_path / "pack"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    (folder / "one.py").write_text("from .two import f\n")
    (folder / "two.py").write_text("def f():\n    from . import one\n")
    assert circles(graph(modules(folder))) == [["pack.one", "pack.two"]]


def loaded(line: str) -> set[str]:
    """Return the modules that a fresh Python holds after it has run *line*."""
    program = f"{line}\nimport json, sys; print(json.dumps(list(sys.modules)))"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    return set(json.loads(run.stdout))


def test_a_students_process_loads_nothing_else_of_the_engine() -> None:
    """The graph tells the truth: a fresh Python with guest/ loaded holds no other module."""
    names = loaded(f"import {GUEST}.worker, {GUEST}.fresh_main, {GUEST}.notebooks.kernel")
    engine = {name for name in names if within(name, ["grader"])}
    doors = {"grader", "grader.version", "grader.sandbox"}
    assert f"{GUEST}.interpreter" in engine
    assert {name for name in engine - doors if not within(name, GUEST_MAY_IMPORT)} == set()
    assert "msgspec" not in names


def test_the_trusted_side_loads_nothing_of_a_students_process() -> None:
    """What marks, reports, builds and explains never holds a module of guest/."""
    names = loaded(
        "import grader.cli.grade, grader.cli.build, grader.cli.explain, grader.cli.test\n"
        "import grader.classroom.run, grader.authoring.building, grader.reports.overview\n"
        "from grader.sandbox import Sandbox, Session, ReferenceSession, survey"
    )
    assert "grader.marking.marker" in names
    assert {name for name in names if within(name, [GUEST])} == set()


#: How many types of the engine may be ``Any``: those that no type says.
MOST_ANY = 60


def test_few_types_are_any(texts: dict[str, str]) -> None:
    """What is new has a type; what has none (a student's value, a library's own) is named once."""
    assert sum(len(anys(text)) for text in texts.values()) <= MOST_ANY


def test_any_is_counted_wherever_it_is_a_type() -> None:
    """In an annotation, in an alias and in a cast, but not where it is imported."""
    text = (
        "from typing import Any\nTree = Any\ndef f(x: Any, *y: dict[str, Any]) -> Any:\n    pass\n"
    )
    assert anys(text) == [2, 3, 3, 3]


def course_words(text: str) -> list[str]:
    """Return the lines that know the course; between double backticks an example may stand."""
    return [
        line
        for line in text.splitlines()
        if "``" not in line and any(word in line.lower() for word in COURSE_WORDS)
    ]


def test_the_engine_knows_no_assignment(root: Path) -> None:
    """No module and no template of the engine names the course's package or a layer of it."""
    for path in sorted((root / "grader").rglob("*")):
        if path.suffix in (".py", ".j2", ".css"):
            assert course_words(path.read_text("utf-8")) == [], path


def test_a_word_of_the_course_is_found() -> None:
    """In code, in a comment and in a class's name; as an example in a docstring it may stand."""
    assert course_words("if name == 'cs682':") != []
    assert course_words("x = 1  # as RMSProp has it") != []
    assert course_words("class FullyConnectedNet:") != []
    assert course_words("such as ``batchnorm_forward``") == []
