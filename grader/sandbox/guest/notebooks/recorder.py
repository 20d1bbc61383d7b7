"""In the child: with which arguments a notebook's models and solvers were made.

The constructors of a few classes are followed from the moment at which an answer's own cells
begin. What is kept of a call are plain numbers and words, never an array: so many rows of the
notebook's own data, and which argument was another object that was followed.
"""

from __future__ import annotations

import functools
import inspect
import math
import weakref
from collections.abc import Callable, Iterable, Mapping

import numpy as np

from grader.model.trees import Tree
from grader.sandbox.guest.scope import Foreign

#: The longest list and the longest word that are kept, and the most rows that are compared.
_LISTED, _WORD, _COMPARED = 20, 40, 1000

_asarray, _ndarray, _array_equal = np.asarray, np.ndarray, np.array_equal
_integer, _floating, _bool = np.integer, np.floating, np.bool_
_dtype, _generic, _signature = np.dtype, np.generic, inspect.signature


class Recorder:
    """Keeps with which arguments objects of the classes that it follows were made.

    A call is kept as ``{"call": number of the class, "plain": numbers and lists of numbers,
    "words": {name: {word: 0}}, "tables": dicts of numbers, "rows": {name: {key: how many of the
    first rows of the data}}, "made": names of followed objects, "other": how many arguments are
    none of these}``, all by the arguments' names.
    """

    def __init__(self) -> None:
        #: By the id of an object, which another may get when it is gone.
        self._calls: dict[int, tuple[weakref.ref[object], dict[str, Tree]]] = {}
        self._followed: set[type] = set()
        self._data: Mapping[str, object] = {}

    def follow(self, classes: Iterable[object], data: object) -> None:
        """Follow *classes* from here on; *data* is what the notebook trains on."""
        self._data = data if isinstance(data, dict) else {}
        for number, cls in enumerate(classes):
            if not isinstance(cls, type) or cls in self._followed:
                continue
            try:
                self._follow(cls, number)
                self._followed.add(cls)
            except Exception:  # a class of a student's may refuse anything
                continue

    def arguments(self, made: object) -> dict[str, Tree] | None:
        """Return with what *made* was made; ``None`` where that isn't known."""
        found = self._calls.get(id(made))
        return found[1] if found is not None and found[0]() is made else None

    def _follow(self, cls: Foreign, number: int) -> None:
        constructor: Callable[..., None] = cls.__init__
        signature = _signature(constructor)

        @functools.wraps(constructor)
        def followed(self_: object, *args: object, **kwargs: object) -> None:
            if type(self_) is cls:
                try:
                    bound = signature.bind(self_, *args, **kwargs).arguments
                    given = dict(list(bound.items())[1:])
                    call = self._call(number, given)
                    self._calls[id(self_)] = weakref.ref(self_), call
                except Exception:  # what can't be told isn't
                    self._calls.pop(id(self_), None)
            constructor(self_, *args, **kwargs)

        cls.__init__ = followed

    def _call(self, number: int, given: Mapping[str, object]) -> dict[str, Tree]:
        plain: dict[str, Tree] = {}
        words: dict[str, Tree] = {}
        tables: dict[str, Tree] = {}
        rows: dict[str, Tree] = {}
        made: dict[str, Tree] = {}
        other = 0
        for name, value in given.items():
            if id(value) in self._calls:
                made[name] = 0
            elif (word := _word(value)) is not None:
                words[name] = {word: 0}
            elif (listed := _plain(value)) is not _NOT_PLAIN:
                plain[name] = listed
            elif isinstance(value, dict) and (count := self._rows(value)) is not None:
                rows[name] = count
            elif isinstance(value, dict) and (table := _table(value)) is not None:
                tables[name] = table
            else:
                other += 1
        return {
            "call": number,
            "plain": plain,
            "words": words,
            "tables": tables,
            "rows": rows,
            "made": made,
            "other": other,
        }

    def _rows(self, given: Mapping[object, object]) -> dict[str, Tree] | None:
        """Return how many of the data's first rows each entry is, if all are such."""
        if not given:
            return None
        counts: dict[str, Tree] = {}
        for name, value in given.items():
            whole = self._data.get(name) if isinstance(name, str) else None
            if not isinstance(whole, _ndarray) or not isinstance(value, _ndarray):
                return None
            if not _begins(whole, value):
                return None
            counts[str(name)] = len(value)
        return counts


_NOT_PLAIN = object()


def _begins(whole: Foreign, part: Foreign) -> bool:
    """Say whether *part* is the first rows of *whole*, or all of them."""
    if part is whole:
        return True
    if part.ndim < 1 or part.shape[1:] != whole.shape[1:] or len(part) > len(whole):
        return False
    start = part.__array_interface__["data"][0] == whole.__array_interface__["data"][0]
    if start and part.strides == whole.strides and part.dtype == whole.dtype:
        return True
    return len(part) <= _COMPARED and bool(_array_equal(part, whole[: len(part)]))


def _word(value: object) -> str | None:
    """Return a short word, or the name of a dtype; ``None`` for anything else."""
    if isinstance(value, _dtype):
        value = value.name
    elif isinstance(value, type) and (issubclass(value, _generic) or value in (float, int, bool)):
        value = _dtype(value).name
    if not isinstance(value, str) or len(value) > _WORD or not value.isidentifier():
        return None
    return value if value.isascii() else None


def _plain(value: object) -> Foreign:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, (_bool, _integer, _floating)):
        value = value.item()
    if isinstance(value, (bool, int)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else _NOT_PLAIN
    if isinstance(value, (list, tuple)) and len(value) <= _LISTED:
        entries = [_NOT_PLAIN if isinstance(v, (list, tuple)) else _plain(v) for v in value]
        return _NOT_PLAIN if any(entry is _NOT_PLAIN for entry in entries) else entries
    return _NOT_PLAIN


def _table(value: Mapping[object, object]) -> dict[str, Tree] | None:
    """Return a dict of plain values by words; ``None`` for any other."""
    table = {}
    for name, entry in list(value.items())[: _LISTED + 1]:
        found = _plain(entry)
        if not isinstance(name, str) or _word(name) is None or found is _NOT_PLAIN:
            return None
        table[name] = found
    return table if len(table) <= _LISTED else None
