"""A trained model as its parameters: what network they make, and whether the model answers as it.

What a model's own method returns proves nothing by itself: a table of images answers, too. So the
scores that count are those of the network that its arrays make, worked out here, and its own only
have to pick the same classes.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Literal

import numpy as np

from grader.marking.training.measure import Measure
from grader.model.trees import Array, Tree
from grader.numeric.networks import EPSILON, Averages, ReadNetwork, readings

#: The share of hidden inputs for which a model's own scores have to pick the network's class.
AGREEMENT = 0.98
#: The most ways to read arrays that are tried, on the first inputs of a measure.
_TRIED, _ON = 40, 50

#: Why the network's scores don't count: the model's own ``differ``, its arrays make no network that
#: is known here (``unread``), or it holds no parameters of any network (``none``).
Other = Literal["", "differs", "unread", "none"]


@dataclass(frozen=True)
class Model:
    """What a model consists of: its parameters, running averages, and the shapes of what it holds.

    ``shapes`` has a list for each object that it consists of.
    """

    params: Mapping[str, object] = field(default_factory=dict)
    running: Sequence[Averages | None] = ()
    shapes: Sequence[Sequence[Sequence[int]]] = ()

    def is_a_network(self, classes: int) -> bool:
        """Say whether a part of it holds several matrices, of which one has a side of *classes*."""
        return any(
            len(part) > 1 and any(classes in (shape[0], shape[-1]) for shape in part)
            for part in self.shapes
        )

    def network(
        self, measure: Measure, own: Tree, *, blind: bool
    ) -> tuple[ReadNetwork | None, Other, Array | None]:
        """Return the network that the arrays make, of several the one that answers as *own* does.

        Beside it stand why it doesn't count, and its scores on *measure* where they are known.
        *own* are the model's own scores on *measure*; *blind*: they needn't agree.
        """
        scores = own if isinstance(own, np.ndarray) and own.ndim == 2 else None
        features = math.prod(measure.X.shape[1:])
        classes = 0 if scores is None else scores.shape[1]
        found = islice(readings(self.params, self.running, features, classes), _TRIED)
        best, most = None, -1.0
        for network in found:
            some = 0.0 if scores is None else _agreement(network.scores(measure.X[:_ON]), scores)
            if some > most:
                best, most = network, some
            if scores is None or most >= AGREEMENT:
                break
        if best is None:
            known = classes or int(np.max(measure.y, initial=0)) + 1
            return None, "unread" if self.is_a_network(known) else "none", None
        if scores is None:
            return best, "" if blind else "differs", None
        every = best.scores(measure.X)
        agrees = _agreement(every, scores) >= AGREEMENT
        return best, "" if agrees or blind else "differs", every


def received(found: Tree) -> Model:
    """Return what a process handed out as a model; what has another form is left out."""
    if not isinstance(found, dict):
        return Model()
    params, running, shapes = (found.get(name) for name in ("params", "running", "shapes"))
    return Model(
        params if isinstance(params, dict) else {},
        [_averages(entry) for entry in running] if isinstance(running, list) else (),
        [part for part in shapes if _are_shapes(part)] if isinstance(shapes, list) else (),
    )


def _averages(entry: Tree) -> Averages | None:
    if not (isinstance(entry, list) and len(entry) == 3):
        return None
    mean, variance, epsilon = entry
    for array in (mean, variance):
        if not (isinstance(array, np.ndarray) and array.dtype == np.float64 and array.ndim == 1):
            return None
        if not np.isfinite(array).all():
            return None
    if (variance < 0).any() or not isinstance(epsilon, float) or not 0 <= epsilon < 1:
        return None
    return Averages(mean, variance, epsilon or EPSILON)


def _are_shapes(part: Tree) -> bool:
    return isinstance(part, list) and all(
        isinstance(shape, list) and shape and all(type(size) is int for size in shape)
        for shape in part
    )


def _agreement(scores: Array, own: Array) -> float:
    """Return the share of the inputs of *scores* for which both pick the same class.

    Scores of another number of inputs agree with none.
    """
    own = own[: len(scores)]
    if scores.shape != own.shape or own.dtype.kind not in "fiu":
        return 0.0
    usable = np.isfinite(own).all(axis=1) & np.isfinite(scores).all(axis=1)
    return float(np.mean(usable & (scores.argmax(axis=1) == own.argmax(axis=1))))
