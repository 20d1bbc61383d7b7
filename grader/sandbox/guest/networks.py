"""In the child: a model handed out as the arrays that it consists of.

What counts of a model is its parameters, and the running averages of its normalization. Beside them
go the shapes of the arrays in everything that the model holds: they tell a model of another kind,
several networks together for example, from an object that is no network.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from types import FunctionType, MethodType, ModuleType

import numpy as np

from grader.model.trees import Tree
from grader.sandbox.guest.scope import Foreign

#: The most bytes of parameters that are handed out, the most objects that are looked at, and the
#: most shapes that are told of each.
_MAX_BYTES, _MAX_OBJECTS, _MAX_SHAPES, _MAX_ARRAYS = 60 << 20, 300, 30, 400
_MAX_PARTS = 60
_DEPTH = 4
_AVERAGES = ("running_mean", "running_var")

_asarray, _issubdtype = np.asarray, np.issubdtype
_floating, _integer, _float32, _float64 = np.floating, np.integer, np.float32, np.float64


def handed_out(model: object) -> dict[str, Tree]:
    """Return a model's ``params``, its ``running`` averages, and the ``shapes`` that it holds.

    ``params`` is ``None`` where they are no dictionary of numbers, or too large. ``shapes`` has a
    list for each object that holds arrays.
    """
    return {
        "params": _guarded(lambda: _params(getattr(model, "params", None))),
        "running": _guarded(lambda: _running(getattr(model, "bn_params", None))),
        "shapes": _guarded(lambda: list(islice(_held(model), _MAX_PARTS))),
    }


def _guarded(read: Foreign) -> Foreign:
    """Return what *read* returns; ``None`` where the model's own code raises."""
    try:
        return read()
    except BaseException:
        return None


def _params(params: object) -> dict[str, Tree] | None:
    if not isinstance(params, Mapping):
        return None
    arrays = {}
    for name, value in islice(params.items(), _MAX_ARRAYS + 1):
        listed = enumerate(value) if isinstance(value, (list, tuple)) else [("", value)]
        for place, entry in islice(listed, _MAX_ARRAYS):
            array = _asarray(entry)
            if not (_issubdtype(array.dtype, _floating) or _issubdtype(array.dtype, _integer)):
                return None
            wide = array.dtype.itemsize > 8  # no more than float64 crosses
            arrays[f"{name}{place}"] = array.astype(_float64) if wide else array
    if sum(array.nbytes for array in arrays.values()) > _MAX_BYTES:
        arrays = {name: array.astype(_float32) for name, array in arrays.items()}
    if sum(array.nbytes for array in arrays.values()) > _MAX_BYTES:
        return None
    return arrays


def has_averages(model: Foreign) -> bool:
    """Say whether *model* holds running averages, which are none of its parameters."""
    return any(_running(getattr(model, "bn_params", None)))


def _running(kept: object) -> list[Tree]:
    """Return mean, variance and epsilon of each normalization; an epsilon of 0 isn't told."""
    listed = list(kept.values()) if isinstance(kept, Mapping) else kept
    if not isinstance(listed, (list, tuple)):
        return []
    found: list[Tree] = []
    for entry in listed[:_MAX_ARRAYS]:
        if not (isinstance(entry, Mapping) and all(name in entry for name in _AVERAGES)):
            found.append(None)
            continue
        averages = [_asarray(entry[name], _float64).ravel() for name in _AVERAGES]
        found.append([*averages, float(entry.get("eps", 0.0))])
    return found


def _held(model: object) -> Iterator[list[Tree]]:
    """Yield the shapes of the arrays, of two axes or more, of each object that *model* holds."""
    waiting, seen = [(model, 0)], set[int]()
    while waiting and len(seen) < _MAX_OBJECTS:
        value, depth = waiting.pop(0)
        if id(value) in seen:
            continue
        seen.add(id(value))
        parts = list(islice(_parts(value), _MAX_OBJECTS))
        shapes = [list(part.shape) for part in parts if isinstance(part, np.ndarray)]
        if shapes := [shape for shape in shapes if 2 <= len(shape) <= 4][:_MAX_SHAPES]:
            yield shapes
        if depth < _DEPTH:
            waiting += [(part, depth + 1) for part in parts if not isinstance(part, np.ndarray)]


def _parts(value: object) -> Iterator[object]:
    """Yield what an object holds: entries, attributes, and what its own functions refer to."""
    if isinstance(value, Mapping):
        yield from value.values()
    elif isinstance(value, (list, tuple)):
        yield from value
    elif isinstance(value, MethodType):
        yield from (value.__self__, value.__func__)
    elif isinstance(value, FunctionType):
        yield from (cell.cell_contents for cell in value.__closure__ or ())
        scope, names = value.__globals__, value.__code__.co_names
        yield from (scope[n] for n in names if n in scope and not isinstance(scope[n], ModuleType))
    elif not isinstance(value, (type, ModuleType, np.ndarray, str, bytes)):
        yield from getattr(value, "__dict__", {}).values()
        own = vars(type(value)).values()
        yield from (part for part in own if isinstance(part, (FunctionType, MethodType)))
