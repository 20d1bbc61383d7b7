"""Whether outputs depend on inputs as was told, by moving the inputs of further examples."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from oracle import Leaves, Oracle, dotted, leaves, same
from plants import Files, right

from grader.model.programs import Inputs, Run
from grader.model.trees import Tree

#: Where an axis of that name lies in an array.
_AXES = {"example": 0, "row": 0, "feature": -1, "unit": -1, "class": -1, "column": -1}
#: How closely an output grows by an exponent: exactly; roughly; so far off that it doesn't.
_EXACT, _ROUGH, _OFF = 1e-5, 0.2, 0.02
_GROWS = {
    "stays the same": 0.0,
    "doubles": 1.0,
    "grows fourfold": 2.0,
    "grows eightfold": 3.0,
    "halves": -1.0,
    "becomes a quarter": -2.0,
    "grows by the root of 2": 0.5,
    "shrinks by the root of 2": -0.5,
}
#: The same as they are asked for: "double" for "doubles".
_EXPONENTS = {re.sub(r"^(\w+?)s\b", r"\1", verb): exponent for verb, exponent in _GROWS.items()}
_NAME = r'[A-Za-z_]\w*(?:\.\w+|\["\w+"\])*'
_N = f"({_NAME})"
_LIST = f"({_NAME}(?:(?:, | or | and ){_NAME})*)"
#: In how many directions each example is moved.
_SEEDS = (11, 12, 13)

Move = Callable[[np.ndarray, np.random.Generator], np.ndarray]


@dataclass(frozen=True)
class Moved:
    """The outputs of a package before and after moves of one input, example by example."""

    pairs: Sequence[tuple[Leaves, Leaves]]

    def stays(self, output: str, part: Callable[[np.ndarray], np.ndarray] = np.asarray) -> bool:
        """Say whether an output, or that part of it, is always as before."""
        return all(same(part(b[output]), part(a[output])) for b, a in self._of(output))

    def grows(self, output: str, exponent: float, close: float) -> bool:
        """Say whether an output always grows by that power of two."""
        return all(
            np.linalg.norm(a[output] - 2**exponent * b[output])
            <= close * (np.linalg.norm(a[output]) + np.linalg.norm(b[output]))
            for b, a in self._of(output)
        )

    def seen(self, output: str) -> bool:
        return any(True for _ in self._of(output))

    def _of(self, output: str) -> Iterator[tuple[Leaves, Leaves]]:
        for before, after in self.pairs:
            there = output in before and output in after
            if there and before[output].shape == after[output].shape:
                yield before, after


class Dependences:
    """Moves the inputs of a run for one package and for the reference."""

    def __init__(self, oracle: Oracle, run: Run, files: Files) -> None:
        self._oracle, self._run = oracle, run
        self._both = files, right("reference")

    def holds(self, text: str) -> bool | None:
        """Say whether all that *text* says is so; None where a sentence can't be read."""
        judged = [self._sentence(sentence) for sentence in re.split(r"(?<=\.) (?=[A-Z])", text)]
        if any(word is False for word in judged):
            return False
        return None if any(word is None for word in judged) else True

    def _sentence(self, text: str) -> bool | None:
        for pattern, rule in _RULES:
            if found := re.search(pattern, text):
                return rule(self, *found.groups())
        return None

    def moved(self, label: str, move: Move) -> tuple[Moved, Moved] | None:
        """Return what the package and the reference give before and after; None for no such input.

        The input is the one that *label* names: the last name of its path, or all of it.
        """
        before: list[Inputs] = []
        after: list[Inputs] = []
        for example in self._run.examples:
            for seed in _SEEDS:
                other = _with(example, dotted(label), move, np.random.default_rng(seed))
                if other is not None:
                    before.append(example)
                    after.append(other)
        if not after:
            return None
        run = Run(f"{self._run.id}.moved", self._run.program, [*before, *after])
        count = len(before)
        found = []
        for files in self._both:
            outcomes = self._oracle.asked(files, run)
            pairs = zip(outcomes[:count], outcomes[count:], strict=True)
            found.append(
                Moved([(leaves(b), leaves(a)) for b, a in pairs if not b.failed and not a.failed])
            )
        return found[0], found[1]

    def differ(self, label: str, output: str, move: Move, *, stays: bool) -> bool | None:
        """Say whether the package's output *stays*, or doesn't, and the reference's otherwise."""
        both = self.moved(label, move)
        if both is None or not all(each.seen(output) for each in both):
            return None
        mine, theirs = (each.stays(output) for each in both)
        return mine is stays and theirs is not stays


def _with(example: Inputs, label: str, move: Move, chance: np.random.Generator) -> Inputs | None:
    """Return *example* with the input of that label moved; None where it has none."""
    changed = False

    def walk(tree: Tree, path: str) -> Tree:
        nonlocal changed
        if isinstance(tree, Mapping):
            return {k: walk(v, f"{path}.{k}" if path else str(k)) for k, v in tree.items()}
        mine = path == label or path.rpartition(".")[2] == label
        number = isinstance(tree, float) or (
            isinstance(tree, np.ndarray) and tree.dtype.kind == "f"
        )
        if not mine or not number:
            return tree
        changed = True
        value = move(np.asarray(tree, np.float64), chance)
        return value if isinstance(tree, np.ndarray) else float(value)

    other = walk(dict(example), "")
    return other if changed and isinstance(other, dict) else None


def _any(value: np.ndarray, chance: np.random.Generator) -> np.ndarray:
    """Move a number, and keep it in its range: above zero, or below one."""
    noise = chance.standard_normal(value.shape)
    if value.size and value.min() >= 0 and value.max() > 0:
        return value * np.exp(-np.abs(0.3 * noise) - 0.05)
    return value + (0.3 + 0.5 * np.abs(value)) * noise


def _little(value: np.ndarray, chance: np.random.Generator) -> np.ndarray:
    return value * (1 + 1e-5 * chance.standard_normal(value.shape))


def _twice(value: np.ndarray, chance: np.random.Generator) -> np.ndarray:
    return 2 * value


def _at(axis: int, index: int) -> Move:
    def move(value: np.ndarray, chance: np.random.Generator) -> np.ndarray:
        changed = value.copy()
        place = [slice(None)] * value.ndim
        if value.ndim:
            place[axis] = slice(index, index + 1 or None)
        changed[tuple(place)] = _any(value[tuple(place)], chance)
        return changed

    return move


def _names(listed: str) -> list[str]:
    return re.split(r", | or | and ", listed)


def _missing(look: Dependences, inputs: str, outputs: str) -> bool | None:
    return _all(
        look.differ(label, dotted(output), _any, stays=True)
        for label in _names(inputs)
        for output in _names(outputs)
    )


def _missing_and_extra(look: Dependences, inputs: str, outputs: str, extra: str) -> bool | None:
    others = (
        look.differ(label, dotted(output), _any, stays=False)
        for label in _names(extra)
        for output in _names(outputs)
    )
    return _all([_missing(look, inputs, outputs), *others])


def _extra(look: Dependences, inputs: str, outputs: str) -> bool | None:
    return _all(
        look.differ(label, dotted(output), _any, stays=False)
        for label in _names(inputs)
        for output in _names(outputs)
    )


def _follows(look: Dependences, label: str, output: str) -> bool | None:
    return look.differ(label, dotted(output), _little, stays=True)


def _between(look: Dependences, label: str, word: str, output: str, *, stays: bool) -> bool | None:
    """Move one example's (or feature's) input, and look at the outputs of the others."""
    axis = _AXES.get(word)
    both = None if axis is None else look.moved(label, _at(axis, 0))
    if both is None or axis is None:
        return None

    def others(array: np.ndarray) -> np.ndarray:
        return np.delete(array, 0, axis=axis) if array.ndim else array

    mine, theirs = (each.stays(dotted(output), others) for each in both)
    return mine is stays and theirs is not stays


def _apart(look: Dependences, label: str, word: str, output: str) -> bool | None:
    return _between(look, label, word, output, stays=False)


def _together(look: Dependences, label: str, word: str, output: str) -> bool | None:
    return _between(look, label, word, output, stays=True)


def _own(look: Dependences, label: str, output: str, word: str) -> bool | None:
    axis = _AXES.get(word)
    both = None if axis is None else look.moved(label, _at(axis, 0))
    if both is None or axis is None:
        return None

    def own(array: np.ndarray) -> np.ndarray:
        return np.take(array, [0], axis=axis) if array.ndim else array

    mine, theirs = (each.stays(dotted(output), own) for each in both)
    return mine and not theirs


def _counts(look: Dependences, label: str, end: str, word: str, output: str) -> bool | None:
    axis = _AXES.get(word)
    if axis is None:
        return None
    index = {"first": 0, "last": -1}[end]
    return look.differ(label, dotted(output), _at(axis, index), stays=True)


def _growth(look: Dependences, output: str, wanted: str, label: str, grows: str) -> bool | None:
    both = look.moved(label, _twice)
    if both is None or not both[0].seen(dotted(output)):
        return None
    exact = {True: _ROUGH, False: _EXACT}
    asked = _EXPONENTS.get(wanted.removeprefix("roughly "))
    verb = grows.removeprefix("roughly ")
    mine, theirs = (partial(each.grows, dotted(output)) for each in both)
    if asked is None or not theirs(asked, exact[wanted.startswith("roughly ")]):
        return False if asked is not None else None
    if verb == "doesn't":
        return not mine(asked, _OFF)
    if verb not in _GROWS:
        return None
    return mine(_GROWS[verb], exact[grows.startswith("roughly ")])


def _all(words: Iterator[bool | None] | list[bool | None]) -> bool | None:
    found = list(words)
    if any(word is False for word in found):
        return False
    return None if any(word is None for word in found) else True


#: What a sentence says, from the most particular on.
_RULES: Sequence[tuple[str, Callable[..., bool | None]]] = (
    (rf"a small change in {_N} leaves {_N} as before", _follows),
    (rf"a change in {_N} of one (\w+) changes {_N} of another", _apart),
    (rf"a change in {_N} of one (\w+) leaves {_N} of the others as before", _together),
    (rf"a change in {_N} leaves {_N} of the same (\w+) as before", _own),
    (rf"a change in {_N} of the (first|last) (\w+) leaves {_N} as before", _counts),
    (
        rf"a change in {_LIST} leaves {_LIST} as before, and one in {_LIST} doesn't",
        _missing_and_extra,
    ),
    (rf"a change in {_LIST} leaves {_LIST} as before", _missing),
    (rf"a change in {_LIST} changes {_LIST}", _extra),
    (rf"Let {_N} (.+) when {_N} doubles: it (.+)\.", _growth),
)
