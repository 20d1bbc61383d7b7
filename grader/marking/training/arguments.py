"""With which arguments a student's training was made, read strictly, and as a cell that repeats it.

A student's process tells them, so nothing of them is believed but that they are short words and
plain numbers. The cell made of them runs beside the course's own code, and nothing else.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from grader.model.trees import Tree

#: A name or a word; the most arguments of one call, and the longest list.
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,39}")
_MOST, _LISTED = 40, 20
_FIELDS = frozenset(("call", "plain", "words", "tables", "rows", "made", "other"))


@dataclass(frozen=True)
class MadeBy:
    """One call of a constructor: its class, the values of arguments by name, and two kinds more.

    ``rows`` are dicts of the notebook's data, of so many first rows by key; ``model`` is the
    argument that was the model, if one was.
    """

    cls: str
    values: Mapping[str, object]
    rows: Mapping[str, Mapping[str, int]]
    model: str = ""

    def code(self, variable: str, model: str) -> str:
        """Return the call as code; *variable* holds the data, and *model* the model."""
        given = {name: repr(value) for name, value in self.values.items()}
        for name, counts in self.rows.items():
            parts = (f"{key!r}: {variable}[{key!r}][:{count}]" for key, count in counts.items())
            given[name] = f"{{{', '.join(parts)}}}"
        if self.model:
            given[self.model] = model
        return f"{self.cls}({', '.join(f'{name}={text}' for name, text in given.items())})"

    def value(self, path: Sequence[str]) -> object:
        """Return the value of the argument at *path*; ``None`` where it wasn't given."""
        found: object = self.values
        for name in path:
            found = found.get(name) if isinstance(found, Mapping) else None
        return found

    def changed(self, path: Sequence[str], value: object) -> MadeBy:
        """Return the same call with another *value* of the argument at *path*."""
        return replace(self, values=_changed(self.values, path, value))


@dataclass(frozen=True)
class Arguments:
    """What a model that was trained, and its solver, were made with."""

    solver: MadeBy
    model: MadeBy

    def cell(self, name: str, variable: str, train: str) -> str:
        """Return a cell that repeats the training; *name* is its solver's, *train* the method's."""
        return (
            f"_model = {self.model.code(variable, '')}\n"
            f"{name} = {self.solver.code(variable, '_model')}\n"
            f"{name}.{train}()\n"
        )

    @property
    def words(self) -> frozenset[str]:
        """The words among the values of the solver's arguments."""
        return frozenset(v for v in self.solver.values.values() if isinstance(v, str))

    def changed(self, argument: str, value: object) -> Arguments | None:
        """Return these with another *value* of an *argument*, ``Class.name`` or a longer path.

        ``None`` where it has that value already, and where no such class was called.
        """
        cls, *path = argument.split(".")
        for part in ("solver", "model"):
            made: MadeBy = getattr(self, part)
            if made.cls == cls and made.value(path) != value:
                return replace(self, **{part: made.changed(path, value)})
        return None


def arguments(found: Tree, calls: Sequence[str]) -> Arguments | None:
    """Return what a process tells of a solver and a model, of the classes named *calls*.

    ``None`` for what has another form, or isn't all there.
    """
    if not (isinstance(found, list) and len(found) == 2):
        return None
    solver, model = (_made_by(entry, calls) for entry in found)
    if solver is None or model is None or not solver.model or not solver.rows or model.model:
        return None
    return Arguments(solver, model)


def _made_by(found: Tree, calls: Sequence[str]) -> MadeBy | None:
    if not isinstance(found, dict) or found.keys() != _FIELDS or found["other"] != 0:
        return None
    call = found["call"]
    if type(call) is not int or not 0 <= call < len(calls):
        return None
    try:
        plain = {name: _plain(value) for name, value in _entries(found["plain"])}
        words = {name: _word(value) for name, value in _entries(found["words"])}
        tables = {
            name: {key: _plain(entry) for key, entry in _entries(value)}
            for name, value in _entries(found["tables"])
        }
        rows = {
            name: {key: _count(entry) for key, entry in _entries(value)}
            for name, value in _entries(found["rows"])
        }
        made = [name for name, _ in _entries(found["made"])]
    except ValueError:
        return None
    names = [*plain, *words, *tables, *rows, *made]
    if len(made) > 1 or len(set(names)) != len(names):
        return None
    return MadeBy(calls[call], {**plain, **words, **tables}, rows, "".join(made))


def _entries(found: Tree) -> Iterator[tuple[str, Tree]]:
    """Yield the entries of a dict by names. Raises :class:`ValueError` for anything else."""
    if not isinstance(found, dict) or len(found) > _MOST:
        raise ValueError("no dict of arguments")
    for name, value in found.items():
        if not _WORD.fullmatch(name):
            raise ValueError("no name of an argument")
        yield name, value


def _plain(value: Tree) -> object:
    if isinstance(value, list):
        if len(value) > _LISTED or any(isinstance(entry, list) for entry in value):
            raise ValueError("too long a list")
        return [_plain(entry) for entry in value]
    if value is None or type(value) in (bool, int):
        return value
    if type(value) is float and math.isfinite(value):
        return value
    raise ValueError("no plain value")


def _word(value: Tree) -> str:
    ((word, _),) = _entries(value)
    return word


def _count(value: Tree) -> int:
    if type(value) is not int or value < 0:
        raise ValueError("no count")
    return value


def _changed(values: Mapping[str, object], path: Sequence[str], value: object) -> dict[str, object]:
    name, *rest = path
    inner = values.get(name)
    if rest:
        value = _changed(inner if isinstance(inner, Mapping) else {}, rest, value)
    return {**values, name: value}
