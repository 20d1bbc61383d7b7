"""The words that are possible in a reply: what a student's process may say beside arrays."""

from __future__ import annotations

import builtins
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from grader.model import notes
from grader.model.notes import Calls, Changed
from grader.model.programs import Run
from grader.model.steps import Params, Read, RunCell, RunSetup, Set
from grader.model.trees import Malformed

_BUILTINS = {name: value for name, value in vars(builtins).items() if isinstance(value, type)}
EXCEPTIONS = frozenset(
    name for name, value in _BUILTINS.items() if issubclass(value, BaseException)
)
#: Types that an answer may be told to be of. A class of the student's own has a name of its own,
#: which would be a way to tell something.
_TYPES = frozenset(
    (
        *_BUILTINS,
        *("NoneType", "function", "method", "module", "generator", "ellipsis", "mappingproxy"),
        *("builtin_function_or_method", "ndarray", "matrix", "MaskedArray", "Generator"),
        *("RandomState", "defaultdict", "OrderedDict", "Counter", "deque", "Fraction", "Decimal"),
        *(name for name in np.sctypeDict if isinstance(name, str)),
    )
)
_PHRASES = frozenset(
    (
        "something too large or too deep",
        "an array too large to compare",
        "an integer beyond 64 bits",
        "what the reference keeps",
    )
)
_OTHER = "an object of another class"
_DTYPE = re.compile(r"an array of dtype ([a-z]+)\d*")
_SEVERAL = re.compile(r"(\w+) in place of several values")
#: The fields of a step that name what may fail.
_NAMES = ("to", "model", "target", "forward", "module", "name")
#: The files whose lines may be told, with how many they have; ``None``: any, of one's own work.
Files = Mapping[str, int] | None


@dataclass(frozen=True)
class Vocabulary:
    """The words that are possible in the answers to a run.

    ``cells`` maps the notebook's cells that the run executes to how many lines they have.
    """

    outputs: frozenset[str]
    inputs: frozenset[str]
    targets: frozenset[str]
    cells: Mapping[str, int]

    @classmethod
    def of(cls, run: Run) -> Vocabulary:
        """Return the words of *run*."""
        targets: set[str] = set(run.program.give)
        cells: dict[str, int] = {}
        for step in run.program.steps:
            named = [str(word) for word in map(step._asdict().get, _NAMES) if word]
            targets |= {word.removeprefix("@") for word in named}
            match step:
                case RunSetup(_, source, file) | RunCell(_, source, file):
                    cells[file] = source.count("\n") + 1
                case Set(model, name):
                    targets.add(f"{model}.{name}")
                case Params(model) | Read(_, model):
                    targets.add(f"{model}.params")
        return cls(
            outputs=frozenset(run.program.give),
            inputs=frozenset(name for example in run.examples for name in example),
            targets=frozenset(targets),
            cells=cells,
        )

    @cached_property
    def functions(self) -> frozenset[str]:
        """Names of the functions that the run calls, without their modules."""
        return frozenset(target.rpartition(":")[2] for target in self.targets)

    def note(self, note: str) -> bool:
        """Say whether a *note* is one that could be made."""
        match notes.parse(note):
            case Changed(name):
                return name in self.inputs
            case Calls(function, name):
                return self.functions.issuperset((function, name))
        return False

    def place(self, file: str, line: int, files: Files) -> tuple[str, int]:
        """Return *file* and *line* (0: none) if *files* or a cell has such a line, else nothing."""
        if files is None:
            return file, line
        lines = files.get(file, self.cells.get(file))
        # A text that ends too early fails on the line after its last one.
        known = lines is not None and 0 <= line <= lines + 1
        return (file, line) if known else ("", 0)


def type_name(name: object) -> str:
    """Return how a value of the type *name* is told. Raises :class:`Malformed` for no text."""
    if not isinstance(name, str):
        raise Malformed("an object has no type")
    several, dtype = _SEVERAL.fullmatch(name), _DTYPE.fullmatch(name)
    if name in _TYPES or name in _PHRASES:
        return name
    if several:
        return name if several[1] in _TYPES else f"{_OTHER} in place of several values"
    if dtype and dtype[1] in ("object", "str", "bytes", "void", "datetime", "timedelta", "float"):
        return f"an array of dtype {dtype[1]}"
    return _OTHER
