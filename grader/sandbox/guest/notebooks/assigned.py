"""In the child: which names a cell's code could ever give a value other than ``None``."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

#: Functions by which a name can get a value that doesn't show.
_UNSEEN = ("exec", "eval", "globals", "locals", "vars")


def assigned(sources: Iterable[str]) -> set[str] | None:
    """Return the names that *sources* assign something to; ``None`` where they don't parse.

    To assign ``None`` doesn't count. Names of functions, classes and imports do.
    """
    names: set[str] = set()
    try:
        for source in sources:
            for node in ast.walk(ast.parse(source)):
                names.update(_names(node))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return names


def _names(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Assign | ast.AnnAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        value = node.value
        if value is None or (isinstance(value, ast.Constant) and value.value is None):
            return
        for target in targets:
            yield from (each.id for each in ast.walk(target) if isinstance(each, ast.Name))
    elif isinstance(node, ast.AugAssign | ast.NamedExpr | ast.For):
        yield from (each.id for each in ast.walk(node.target) if isinstance(each, ast.Name))
    elif isinstance(node, ast.withitem) and node.optional_vars is not None:
        yield from (e.id for e in ast.walk(node.optional_vars) if isinstance(e, ast.Name))
    elif isinstance(node, ast.FunctionDef | ast.ClassDef):
        yield node.name
    elif isinstance(node, ast.Global):
        yield from node.names
    elif isinstance(node, ast.alias):
        if node.name == "*":
            raise ValueError
        yield (node.asname or node.name).partition(".")[0]
    elif isinstance(node, ast.Name) and node.id in _UNSEEN:
        raise ValueError
