"""In the child: the course's setup cells, of which each import fails by itself.

A name that can't be imported, since a student's file lacks it, is stood in for: who calls it is
told why, and nobody else has to do without the rest of the cell.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import NoReturn

from grader.sandbox.guest.failures import Broken, from_exception
from grader.sandbox.guest.scope import Foreign

_compile, _exec = compile, exec


def run(source: str, file: str, names: dict[str, object]) -> None:
    """Run the text of a setup cell, which is plain Python, with the variables *names*."""
    for node in ast.parse(source, file).body:
        if not isinstance(node, ast.Import | ast.ImportFrom):
            _run(node, file, names)
            continue
        for alias in node.names:
            one: ast.stmt = ast.Import([alias])
            if isinstance(node, ast.ImportFrom):
                one = ast.ImportFrom(node.module, [alias], node.level)
            try:
                _run(ast.copy_location(one, node), file, names)
            except Exception as error:
                name = alias.asname or alias.name.partition(".")[0]
                names[name] = _stand_in(name, error)


def _run(node: ast.stmt, file: str, names: Foreign) -> None:
    _exec(_compile(ast.Module([node], []), file, "exec", dont_inherit=True), names)


def _stand_in(name: str, error: Exception) -> Callable[..., NoReturn]:
    """Return a function in the place of *name*, that raises what its import did."""
    failure = from_exception(error, name)

    def stand_in(*args: object, **kwargs: object) -> NoReturn:
        raise Broken(failure)

    return stand_in
