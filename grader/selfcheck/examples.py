"""Examples to paste that are too long for a terminal: their arrays go to a file to load."""

from __future__ import annotations

import ast
import io
import itertools
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from grader.files import WriteError, write
from grader.model.trees import Array
from grader.selfcheck.attempts import FOLDER


class ExampleFiles:
    """Keeps long arrays of examples in *folder*'s ``.grader``, a file for each check.

    ``shown`` is how the folder is named in the line that loads a file: as seen from where that line
    is pasted.
    """

    def __init__(self, folder: Path, shown: str = "") -> None:
        self._folder, self._shown = folder / FOLDER, f"{shown}{FOLDER}"
        # A link would have the files written into somebody's other folder.
        self._kept = not self._folder.is_symlink()

    def shortened(self, check: str, code: str, most: int) -> str:
        """Return *code* in at most *most* lines, as far as arrays make it longer than that."""
        if code.count("\n") < most or not self._kept:
            return code
        name = f"{check}.npz"
        short, arrays = moved(code, most, f"{self._shown}/{name}")
        data = io.BytesIO()
        np.savez(data, **arrays)  # type: ignore[arg-type]
        try:
            write(self._folder / name, data.getvalue())
        except WriteError:
            return code
        return short


def moved(code: str, most: int, file: str) -> tuple[str, dict[str, Array]]:
    """Return *code* with its longest arrays read from *file*, and these arrays by name.

    *code* is what :func:`grader.marking.explaining.evidence.script` writes. As many statements are
    shortened as it takes to have *most* lines, the longest first.
    """
    statements, lines = ast.parse(code).body, code.split("\n")
    # Comments belong to the statement below them.
    ends = [0, *(statement.end_lineno or 0 for statement in statements)]
    texts = ["\n".join(lines[end:then]) for end, then in itertools.pairwise(ends)]
    arrays: dict[str, Array] = {}
    for i in sorted(range(len(texts)), key=lambda i: -texts[i].count("\n")):
        statement = statements[i]
        if "\n" not in texts[i] or sum(text.count("\n") + 1 for text in texts) < most:
            break
        if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
            name = statement.targets[0].id
            arrays |= dict(_arrays(statement.value, name))
            texts[i] = f"{name} = {_loading(statement.value, name)}"
    return "\n".join([f"saved = np.load({file!r})", *texts]), arrays


def _arrays(value: ast.expr, name: str) -> Iterator[tuple[str, Array]]:
    if isinstance(value, ast.Call):
        yield name, _array(value)
    elif isinstance(value, ast.Dict):
        for key, child in _entries(value):
            yield from _arrays(child, f"{name}.{key}")
    elif isinstance(value, ast.List):
        for number, child in enumerate(value.elts):
            yield from _arrays(child, f"{name}.{number}")


def _array(call: ast.Call) -> Array:
    given = ast.literal_eval(call.args[0])
    zeros = isinstance(call.func, ast.Attribute) and call.func.attr == "zeros"
    return np.zeros(given) if zeros else np.array(given)


def _loading(value: ast.expr, name: str) -> str:
    """Return *value* as code that reads its arrays from what was loaded as ``saved``."""
    if isinstance(value, ast.Call):
        return f'saved["{name}"]'
    if isinstance(value, ast.List):
        loaded = [_loading(child, f"{name}.{i}") for i, child in enumerate(value.elts)]
        return f"[{', '.join(loaded)}]"
    if isinstance(value, ast.Dict):
        entries = _entries(value)
        if all(isinstance(child, ast.Call) for _, child in entries):
            names = [key for key, _ in entries]
            return f'{{name: saved["{name}." + name] for name in {names!r}}}'
        loaded = [f"{key!r}: {_loading(child, f'{name}.{key}')}" for key, child in entries]
        return f"{{{', '.join(loaded)}}}"
    return ast.unparse(value)


def _entries(value: ast.Dict) -> list[tuple[str, ast.expr]]:
    return [
        (str(ast.literal_eval(key)), child)
        for key, child in zip(value.keys, value.values, strict=True)
        if key is not None
    ]
