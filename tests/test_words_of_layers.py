"""Words of layers, networks and data sets stand in ``kinds/`` and in assignments only."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

WORDS = re.compile(
    r"affine|relu|batch_?norm|layer_?norm|dropout|softmax|\bsgd|momentum|rmsprop|\badam\b|"
    r"TwoLayerNet|FullyConnectedNet|CIFAR|cs682|cs231n",
    re.IGNORECASE,
)


def docstrings(tree: ast.AST) -> Iterator[tuple[int, int]]:
    """Yield the first and last line of every docstring."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0] if node.body else None
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                yield first.lineno, first.end_lineno or first.lineno


def found(text: str) -> list[str]:
    """Return the lines of a module, beside its docstrings, that have a word of a layer."""
    lines = text.splitlines()
    free = {n for first, last in docstrings(ast.parse(text)) for n in range(first, last + 1)}
    return [line for n, line in enumerate(lines, start=1) if n not in free and WORDS.search(line)]


def examples(text: str) -> list[str]:
    """Return the lines of docstrings that have such a word and quote no code."""
    lines = text.splitlines()
    inside = {n for first, last in docstrings(ast.parse(text)) for n in range(first, last + 1)}
    return [
        line
        for n, line in enumerate(lines, start=1)
        if n in inside and WORDS.search(line) and not re.search(r"``|^    # |\(\"", line)
    ]


def test_the_engine_names_no_layer(root: Path) -> None:
    """No code, comment, message, page or file of the engine does, but the kinds' own."""
    wrong = {}
    for path in sorted((root / "grader").rglob("*")):
        if "kinds" in path.parts or "__pycache__" in path.parts or not path.is_file():
            continue
        text = path.read_text("utf-8")
        lines = (
            found(text)
            if path.suffix == ".py"
            else [line for line in text.splitlines() if WORDS.search(line)]
        )
        if path.suffix == ".py":
            lines += examples(text)
        if lines:
            wrong[str(path.relative_to(root))] = lines
    assert not wrong


@pytest.mark.parametrize(
    "text",
    ["import relu", "# like batchnorm", "x = 'Dropout'", "def f():\n    return 'layer_norm'"],
)
def test_a_word_is_found(text: str) -> None:
    """In code, comments and strings."""
    assert found(text)
    assert list(tokenize.generate_tokens(io.StringIO(text).readline))


def test_examples_in_docstrings_are_free() -> None:
    """A docstring may show a name, in quotes of code."""
    text = '"""Say ``adam``."""\n'
    assert not found(text)
    assert not examples(text)
    assert examples('"""Like adam."""\n')
