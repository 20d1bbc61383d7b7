"""Whether a wrong output stands to inputs and other outputs as a sentence says, on new examples."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from oracle import Leaves, dotted, same

from grader.model.programs import Inputs
from grader.model.trees import Tree

_N = r'([A-Za-z_]\w*(?:\.\w+|\["\w+"\])*)'


@dataclass(frozen=True)
class Example:
    """What came and what is right for some inputs."""

    inputs: Inputs
    got: Leaves
    right: Leaves

    def wrong(self, name: str) -> bool:
        return name not in self.got or not same(self.got[name], self.right[name])


def stands(text: str, name: str, examples: Sequence[Example]) -> bool | None:
    """Say whether what *text* says of the output *name* is so; None where no rule reads it.

    None, too, where the output is never wrong on these *examples*.
    """
    asked = [example for example in examples if name in example.right]
    wrong = [example for example in asked if example.wrong(name)]
    if not wrong:
        return None
    for pattern, rule in _RULES:
        if found := re.search(pattern, text):
            return rule(name, wrong, asked, *found.groups())
    return None


Examples = Sequence[Example]


def _swapped(name: str, wrong: Examples, asked: Examples, one: str, other: str) -> bool:
    there = dotted(other if dotted(one) == name else one)
    return _other(name, wrong, asked, there) and _other(there, wrong, asked, name)


def _other(name: str, wrong: Examples, asked: Examples, other: str) -> bool:
    return all(name in e.got and same(e.got[name], e.right[dotted(other)]) for e in wrong)


def _input(name: str, wrong: Examples, asked: Examples, label: str) -> bool:
    arrays = [(e.got.get(name), _arrays(e.inputs).get(dotted(label))) for e in wrong]
    return all(g is not None and a is not None and same(g, a) for g, a in arrays)


def _vanishing(name: str, wrong: Examples, asked: Examples) -> bool:
    norm = np.linalg.norm
    return all(norm(e.got[name]) < 1e-9 * norm(e.right[name]) for e in wrong if name in e.got)


def _permuted(name: str, wrong: Examples, asked: Examples) -> bool:
    pairs = [(e.got[name].ravel(), e.right[name].ravel()) for e in wrong if name in e.got]
    return all(same(np.sort(got), np.sort(right)) for got, right in pairs)


def _constant(name: str, wrong: Examples, asked: Examples) -> bool:
    arrays = [e.got[name] for e in wrong if name in e.got]
    return all(same(a, np.full_like(a, a.mean())) for a in arrays)


_SIGNS: Mapping[str, Callable[[np.ndarray], np.ndarray]] = {
    "negative": lambda array: array < 0,
    "positive": lambda array: array > 0,
    "zero": lambda array: array == 0,
}


def _where(name: str, wrong: Examples, asked: Examples, label: str, sign: str) -> bool:
    for example in wrong:
        array, got = _arrays(example.inputs).get(dotted(label)), example.got.get(name)
        if array is None or got is None or array.shape != got.shape:
            return False
        off = ~np.isclose(got, example.right[name], rtol=1e-7, atol=1e-12)
        if (off & ~_SIGNS[sign](array)).any():
            return False
    return True


def _row(name: str, wrong: Examples, asked: Examples, which: str) -> bool:
    rest = {"first": slice(1, None), "last": slice(None, -1)}[which]
    return all(name in e.got and same(e.got[name][rest], e.right[name][rest]) for e in wrong)


def _later(name: str, wrong: Examples, asked: Examples) -> bool:
    first = min(wrong[0].right)
    return not any(example.wrong(first) for example in asked)


def _setting(name: str, wrong: Examples, asked: Examples, what: str, output: str) -> bool | None:
    for pattern, has in _SETTINGS:
        if found := re.fullmatch(pattern, what):
            return all(has(e.inputs, *found.groups()) is e.wrong(name) for e in asked)
    return None


def _is(inputs: Inputs, label: str, value: str) -> bool:
    found = _value(inputs, label)
    return found is not None and (str(found) == value or repr(found) == value)


def _given(inputs: Inputs, label: str) -> bool:
    return _value(inputs, label) is not None


def _zero(inputs: Inputs, label: str) -> bool:
    found = _value(inputs, label)
    return found is not None and not np.any(found)


def _not_zero(inputs: Inputs, label: str) -> bool:
    found = _value(inputs, label)
    return found is not None and bool(np.any(found))


def _length(inputs: Inputs, label: str, count: str) -> bool:
    found = _value(inputs, label)
    return isinstance(found, (list, dict, np.ndarray)) and len(found) == int(count)


def _sized(axis: int) -> Callable[[Inputs], bool]:
    return lambda inputs: any(
        a.ndim > axis and a.shape[axis] == 1 for a in _arrays(inputs).values() if a.ndim > 1
    )


def _dimensions(count: int) -> Callable[[Inputs], bool]:
    return lambda inputs: any(array.ndim == count for array in _arrays(inputs).values())


_SETTINGS: Sequence[tuple[str, Callable[..., bool]]] = (
    (rf"{_N} is given", _given),
    (rf"{_N} is zero", _zero),
    (rf"{_N} isn't zero", _not_zero),
    (rf"{_N} has (\d+) entries", _length),
    (r"an input has a single row", _sized(0)),
    (r"an input has a single column", _sized(1)),
    (r"an input has four dimensions", _dimensions(4)),
    (r"an input has three dimensions", _dimensions(3)),
    (rf"{_N} is (.+)", _is),
)
_RULES: Sequence[tuple[str, Callable[..., bool | None]]] = (
    (rf": {_N} and {_N} stand in each other's place", _swapped),
    (rf"it has the numbers that are asked for as {_N}\.", _other),
    (rf"it equals the input {_N}\.", _input),
    (r"it is zero but for rounding", _vanishing),
    (r"the right numbers are there, at other places", _permuted),
    (r"all of them are one number", _constant),
    (rf"does where {_N} is (negative|positive|zero): all that is wrong", _where),
    (rf"the (first|last) row of {_N[1:-1]} is wrong", _row),
    (r"the first call gives what is asked, and no later one does", _later),
    (rf"does where (.+): {_N} is wrong in these examples, and right in all others", _setting),
)


def _value(tree: Tree, label: str) -> Tree:
    """Return the part of an input that *label* names: its last name, or all of its path."""
    for path, value in _parts(tree, ""):
        if path == dotted(label) or path.rpartition(".")[2] == label:
            return value
    return None


def _parts(tree: Tree, path: str) -> Iterator[tuple[str, Tree]]:
    if path:
        yield path, tree
    if isinstance(tree, Mapping):
        for name, child in tree.items():
            yield from _parts(child, f"{path}.{name}" if path else str(name))


def _arrays(inputs: Inputs) -> Mapping[str, np.ndarray]:
    return {
        path: value
        for path, value in _parts(dict(inputs), "")
        if isinstance(value, np.ndarray) and value.dtype.kind == "f"
    }
