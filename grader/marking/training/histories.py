"""What an answer's cells have left, as far as their process tells it, and why a model falls short.

All of it was told before the process had a hidden image. It decides no points but by what a
variable holds; the rest makes a sentence, which has to be true whatever else was the matter.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from grader.marking.training.arguments import Arguments, arguments
from grader.model.steps import Held
from grader.model.trees import Tree

#: By how much another training of the cell must be better for it to be the one to keep.
BETTER = 0.02
#: How near to that of guessing every loss of a training is that never left it, and how many
#: steps say so.
_NEAR, _STEPS = 0.05, 20
#: The largest share of images that a training on changed images may have in common with the given.
_CHANGED = 0.1

Why = Literal["", "untrained", "diverged", "better", "chance"]


@dataclass(frozen=True)
class Trained:
    """One training that a solver tells of; fields as the process's own function has them."""

    kept: bool
    steps: int
    broke: int
    rate: float
    best: float
    same: bool
    strange: int
    known: float
    #: What the model and its solver were made with; of the training that is judged, if it is known.
    made: Arguments | None = None


@dataclass(frozen=True)
class Left:
    """What the answer's cells left: what each variable holds, and the trainings that were made.

    ``assigned`` are the variables that the cells' code could give a value. ``printed`` is where
    in the process's output theirs begins. ``stopped``: a training was ended early,
    ``ended``: that of the model that they keep; ``unsure``: to its end, they may keep another.
    """

    held: Mapping[str, Held]
    assigned: frozenset[str] = frozenset()
    printed: int = 0
    trainings: tuple[Trained, ...] = ()
    stopped: bool = False
    ended: bool = False
    unsure: bool = False

    @property
    def none(self) -> str:
        """The first variable that is ``None``, where none holds a model; else ""."""
        return self._first(Held.NONE) if Held.MODEL not in self.held.values() else ""

    @property
    def earlier(self) -> str:
        """The first variable whose model was there before, where no other holds one; else ""."""
        return self._first(Held.EARLIER) if Held.MODEL not in self.held.values() else ""

    @property
    def never_assigned(self) -> bool:
        """Whether the cells' code gives no variable a value."""
        return not self.assigned

    def _first(self, kind: Held) -> str:
        return next((name for name, held in self.held.items() if held is kind), "")

    @property
    def kept(self) -> Trained | None:
        """The training of the model that is judged, the longest of several."""
        kept = [training for training in self.trainings if training.kept]
        return max(kept, key=lambda training: training.steps, default=None)

    @property
    def better(self) -> Trained | None:
        """A training of another model that reached clearly more on the same validation images."""
        kept = self.kept
        others = [t for t in self.trainings if not t.kept and t.same]
        best = max(others, key=lambda training: training.best, default=None)
        if kept is None or best is None or not kept.same or best.best < kept.best + BETTER:
            return None
        return best

    @property
    def strange(self) -> int:
        """How many of the images trained on were there to validate or to test."""
        return max((training.strange for training in self.trainings), default=0)

    @property
    def changed(self) -> bool:
        """Whether the model was trained on other images than those that were given."""
        return self.kept is not None and 0 <= self.kept.known < _CHANGED

    def why(self, losses: Sequence[float], classes: int) -> Why:
        """Return why the model falls short, where that shows; *losses* are those of its history."""
        kept, chance = self.kept, math.log(max(classes, 2))
        if kept is None:
            return ""
        if not kept.steps:
            return "untrained"
        if kept.broke:
            return "diverged"
        if self.better:
            return "better"
        stuck = len(losses) >= _STEPS and all(abs(loss - chance) < _NEAR for loss in losses)
        return "chance" if stuck else ""


NOTHING_LEFT = Left({})


def left(names: Sequence[str], holdings: Tree, trainings: Tree, calls: Sequence[str] = ()) -> Left:
    """Return what a process tells of *names*; what has another form is left out.

    *calls* are the classes of which it tells the arguments.
    """
    if not isinstance(holdings, dict):
        return NOTHING_LEFT
    held, able, printed = (holdings.get(name) for name in ("held", "assigned", "printed"))
    known = {int(kind): kind for kind in Held}
    if not (isinstance(held, list) and isinstance(able, list) and type(printed) is int):
        return NOTHING_LEFT
    if not len(held) == len(able) == len(names) or any(type(kind) is not int for kind in held):
        return NOTHING_LEFT
    return Left(
        {name: known.get(kind, Held.OTHER) for name, kind in zip(names, held, strict=True)},
        frozenset(name for name, can in zip(names, able, strict=True) if can is True),
        max(printed, 0),
        tuple(_trained(trainings, calls)),
        holdings.get("stopped") is True,
        holdings.get("ended") is True,
        holdings.get("unsure") is True,
    )


def _trained(found: Tree, calls: Sequence[str]) -> Iterator[Trained]:
    kinds = {name: kind for name, kind in Trained.__annotations__.items() if name != "made"}
    for entry in found if isinstance(found, list) else []:
        if not isinstance(entry, dict) or entry.keys() != {*kinds, "made"}:
            continue
        figures = {name: value for name, value in entry.items() if name != "made"}
        if all(type(value).__name__ == kinds[name] for name, value in figures.items()) and all(
            math.isfinite(value) for value in figures.values()
        ):
            yield Trained(**figures, made=arguments(entry["made"], calls))
