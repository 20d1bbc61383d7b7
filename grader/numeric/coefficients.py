"""Names of coefficients: 1/2, N, N/(N - 1), 1 - beta1, as they hold on several examples at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations

import numpy as np

from grader.model.trees import Array

#: A coefficient equals a name's values when they differ by no more than this part of them.
CLOSE = 1e-6
#: Below this it is zero.
ZERO = 1e-7
#: From so many known values on that agree, a coefficient has a name.
FEWEST = 3
RIGHT, MISSING, OPPOSITE = "1", "0", "-1"
_CONSTANTS: Mapping[str, float] = {
    MISSING: 0.0,
    RIGHT: 1.0,
    OPPOSITE: -1.0,
    "1/2": 0.5,
    "2": 2.0,
    "-1/2": -0.5,
    "-2": -2.0,
}
#: The powers that a factor may come in with.
_POWERS: Mapping[str, float] = {
    **_CONSTANTS,
    "3/2": 1.5,
    "-3/2": -1.5,
    "3": 3.0,
    "4": 4.0,
}


@dataclass(frozen=True)
class Coefficient:
    """A coefficient's name, and its exact value on each example."""

    name: str
    values: Array

    @property
    def right(self) -> bool:
        return self.name == RIGHT


class CoefficientNames:
    """The names that coefficients can have on some examples, and what each would be on them.

    *symbols* are the sizes (whole numbers) and settings of each example, by name.
    """

    def __init__(self, symbols: Sequence[Mapping[str, float]]) -> None:
        forms = list(_forms(symbols))
        self._names = [name for name, _ in forms]
        self._values = np.array([values for _, values in forms]).reshape(-1, len(symbols))

    def of(self, found: Array, *, measured: bool = False) -> Coefficient | None:
        """Return the one name of a coefficient that was *found* on the examples (count,).

        NaN stands where it couldn't be found. A coefficient that is the same everywhere is one
        of those that stand for something, or has no name: 9 may be what these examples make
        of a mistake. Any other has a name only if one form of a symbol fits all examples and no
        other form does. A few examples are too few, but for a number such as 0 or 1/2 where each
        value was *measured*: on more numbers than it takes to find one.
        """
        known = np.isfinite(found)
        if not known.any():
            return None
        values, few = found[known], np.count_nonzero(known) < FEWEST
        if _near(values, values[0]).all():
            constant = _constant(float(values.mean()), len(found))
            told = constant.name in _CONSTANTS and (measured or not few)
            return constant if told else None
        if few:
            return None
        fitting = np.flatnonzero(_near(values, self._values[:, known]).all(axis=1))
        if len(fitting) != 1:
            return None
        return Coefficient(self._names[fitting[0]], self._values[fitting[0]])


def _constant(value: float, count: int) -> Coefficient:
    for name, constant in _CONSTANTS.items():
        if _near(np.array(value), constant):
            return Coefficient(name, np.full(count, constant))
    return Coefficient(f"{value:.3g}", np.full(count, value))


def power(found: float) -> float | None:
    """Return the power that a factor comes in with, if *found* is one that is known."""
    return next((p for p in _POWERS.values() if abs(found - p) < 1e-4), None)


def power_name(found: float) -> str:
    """Return the name of a power that :func:`power` knows."""
    return next(name for name, p in _POWERS.items() if p == found)


def _near(found: Array, values: Array | float) -> Array:
    return np.abs(found - values) <= ZERO + CLOSE * np.abs(values)


def _forms(symbols: Sequence[Mapping[str, float]]) -> Iterator[tuple[str, Array]]:
    """Yield each form of the symbols that all examples have, and its values on them; with signs."""
    shared = [name for name in symbols[0] if all(name in others for others in symbols)]
    columns = {name: np.array([float(s[name]) for s in symbols]) for name in shared}
    sizes = [name for name in shared if all(isinstance(s[name], int) for s in symbols)]
    with np.errstate(all="ignore"):
        for name, column in columns.items():
            forms = _of_size if name in sizes else _of_setting
            for written, values in forms(name, column):
                yield from _signed(written, values)
        for one, other in permutations(sizes, 2):
            yield from _signed(f"{one}/{other}", columns[one] / columns[other])


def _of_size(n: str, values: Array) -> Iterator[tuple[str, Array]]:
    yield n, values
    yield f"1/{n}", 1 / values
    yield f"2 {n}", 2 * values
    yield f"2/{n}", 2 / values
    yield f"{n}/2", values / 2
    yield f"1/(2 {n})", 0.5 / values
    yield f"{n} - 1", values - 1
    yield f"1/({n} - 1)", 1 / (values - 1)
    yield f"{n}/({n} - 1)", values / (values - 1)
    yield f"({n} - 1)/{n}", (values - 1) / values
    yield f"{n}^2", values**2
    yield f"1/{n}^2", 1 / values**2


def _of_setting(h: str, values: Array) -> Iterator[tuple[str, Array]]:
    yield h, values
    yield f"1/{h}", 1 / values
    yield f"1 - {h}", 1 - values
    yield f"1 + {h}", 1 + values
    yield f"1/(1 - {h})", 1 / (1 - values)
    yield f"{h}/(1 - {h})", values / (1 - values)
    yield f"(1 - {h})/{h}", (1 - values) / values


def _signed(name: str, values: Array) -> Iterator[tuple[str, Array]]:
    yield name, values
    yield (f"-({name})" if " - " in name or " + " in name else f"-{name}"), -values
