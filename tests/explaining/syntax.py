"""Functions as text with the places of their nodes, and what operators that change them are."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Change:
    """Text that takes the place of a part of a function: ``[start, end)`` of the file."""

    start: int
    end: int
    new: str


class Code:
    """A function or class in the text of its file, with the places of its nodes."""

    def __init__(self, text: str, name: str) -> None:
        self.text = text
        self._starts = [0, *(found.end() for found in re.finditer("\n", text))]
        (self.top,) = (
            node
            for node in ast.parse(text).body
            if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and node.name == name
        )

    def at(self, node: ast.expr | ast.stmt) -> tuple[int, int]:
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        first = self._starts[node.lineno - 1] + node.col_offset
        return first, self._starts[node.end_lineno - 1] + node.end_col_offset

    def source(self, node: ast.expr | ast.stmt) -> str:
        start, end = self.at(node)
        return self.text[start:end]

    def change(self, node: ast.expr | ast.stmt, new: str) -> Change:
        return Change(*self.at(node), new)

    def functions(self) -> Iterator[ast.FunctionDef]:
        for node in ast.walk(self.top):
            if isinstance(node, ast.FunctionDef):
                yield node

    def statements(self) -> Iterator[ast.stmt]:
        """Yield what is in the functions' bodies, without docstrings."""
        for node in ast.walk(self.top):
            for body in bodies(node):
                for statement in body:
                    text = isinstance(statement, ast.Expr) and isinstance(
                        statement.value, ast.Constant
                    )
                    if not text and not isinstance(statement, ast.FunctionDef):
                        yield statement

    def loads(self, kind: type) -> Iterator[ast.expr]:
        """Yield the expressions of a *kind* that are computed, in the statements' order."""
        for statement in self.statements():
            for child in ast.iter_child_nodes(statement):
                if isinstance(child, ast.expr):
                    for node in ast.walk(child):
                        stored = isinstance(getattr(node, "ctx", None), ast.Store)
                        if isinstance(node, kind) and not stored and isinstance(node, ast.expr):
                            yield node

    def assigned(self) -> Iterator[ast.Assign]:
        for statement in self.statements():
            if isinstance(statement, ast.Assign):
                yield statement


def bodies(node: ast.AST) -> Iterator[list[ast.stmt]]:
    for name in ("body", "orelse"):
        body = getattr(node, name, None)
        if isinstance(body, list) and not isinstance(node, ast.ClassDef):
            yield body


Operator = Callable[[Code], Iterator[Change]]


def into(table: dict[str, Operator]) -> Callable[[str], Callable[[Operator], Operator]]:
    """Return a decorator that puts an operator into *table* under the kind of mistake it makes."""

    def operator(kind: str) -> Callable[[Operator], Operator]:
        def add(function: Operator) -> Operator:
            table[kind] = function
            return function

        return add

    return operator
