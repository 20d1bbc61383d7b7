"""What is tried in place of a student's own argument, where a training falls short by it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

#: A value of an argument, as TOML and JSON have it.
Value = bool | int | float | str | tuple["Value", ...]


def nested(value: object) -> Value:
    """Return a value of TOML or JSON with tuples in place of lists.

    Raises :class:`ValueError` for a table, and for what else has no place in an argument.
    """
    if isinstance(value, list):
        return tuple(map(nested, value))
    if not isinstance(value, (bool, int, float, str)):
        raise ValueError(f"{value!r} is no value of an argument")
    return value


@dataclass(frozen=True)
class OtherValues:
    """Values of an *argument*, ``Class.name`` or ``Class.dict.name``, in the order of trying."""

    argument: str
    values: tuple[Value, ...]

    @classmethod
    def listed(cls, argument: str, values: Iterable[object]) -> OtherValues:
        """Return the same of *values* as TOML or JSON has them; raises :class:`ValueError`."""
        return cls(argument, tuple(map(nested, values)))

    @property
    def name(self) -> str:
        """What the argument is called where it is given."""
        return self.argument.rpartition(".")[2]
