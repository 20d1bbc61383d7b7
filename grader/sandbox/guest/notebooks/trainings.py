"""In the child: what solvers in a notebook tell of the trainings that they have made.

A solver has a ``model``, and lists of what happened as attributes; ``optim_configs``, ``lr_decay``
and ``epoch``, where it has them, tell the learning rate that it began with.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice

import numpy as np

from grader.model.trees import Tree
from grader.sandbox.guest.notebooks.earlier import Earlier, entries
from grader.sandbox.guest.scope import Foreign

#: The most trainings that are told of, and the most steps of one that are looked through.
_MOST, _STEPS = 50, 1_000_000
#: Of each image so many pixels, this far apart, are compared.
_PIXELS, _APART = 32, 61

_asarray, _float64, _ndarray = np.asarray, np.float64, np.ndarray


def trainings(
    values: Iterable[object],
    earlier: Earlier,
    model: object,
    attributes: Sequence[str],
    data: Mapping[str, object],
    images: Sequence[str],
    recorded: Callable[[object], Tree] = lambda made: None,
) -> list[Tree]:
    """Return what is known of each training among *values* that isn't from *earlier*.

    ``kept``: it is *model*'s. ``steps``; ``broke``: the number of the first step whose loss is not
    finite, or 0; ``rate``: the learning rate at first, or 0; ``best``: the best accuracy on
    validation images, or -1; ``same``: these are the notebook's own. ``strange`` counts the
    images that it trained on which are among *data*'s others, ``known`` is the share of those that
    are among *data*'s at all, or -1. ``made``: of *model*'s, the arguments of its solver and of
    itself, as *recorded* tells, or ``None``. *attributes* hold losses, training and validation
    accuracies; *images* are the names of *data*'s images, those to train on and to validate on
    first.
    """
    found: list[Tree] = []
    seen: set[int] = set()
    prints: list[set[bytes]] = []
    for solver in entries(values):
        if len(found) == _MOST or id(solver) in seen or earlier.holds(solver):
            continue
        seen.add(id(solver))
        try:
            losses = getattr(solver, attributes[0], None)
            if not isinstance(losses, list) or getattr(solver, "model", None) is None:
                continue
            kept = solver.model is model  # type: ignore[attr-defined]
            prints = prints or [set(_prints(data[name])) for name in images]
            strange, known = _strange(getattr(solver, images[0], None), prints)
            found.append(
                {
                    "kept": kept,
                    "steps": len(losses),
                    "broke": _broke(losses),
                    "rate": _rate(solver),
                    "best": max(map(float, getattr(solver, attributes[2], None) or [-1.0])),
                    "same": getattr(solver, images[1], None) is data[images[1]],
                    "strange": strange,
                    "known": known,
                    "made": [recorded(solver), recorded(model)] if kept else None,
                }
            )
        except Exception:
            continue
    return found


def _broke(losses: Sequence[object]) -> int:
    for number, loss in enumerate(islice(losses, _STEPS), start=1):
        if not math.isfinite(float(loss)):  # type: ignore[arg-type]
            return number
    return 0


def _rate(solver: Foreign) -> float:
    """Return the learning rate that a solver began with; 0 where that can't be told."""
    configs = getattr(solver, "optim_configs", None) or {"": getattr(solver, "optim_config", {})}
    rate = float(next(iter(configs.values())).get("learning_rate", 0.0))
    rate /= float(getattr(solver, "lr_decay", 1.0)) ** int(getattr(solver, "epoch", 0))
    return rate if math.isfinite(rate) else 0.0


def _strange(trained_on: object, prints: Sequence[set[bytes]]) -> tuple[int, float]:
    """Return how many images are not for training, and the share of those that are known."""
    if not isinstance(trained_on, _ndarray) or trained_on.ndim < 2 or not len(trained_on):
        return 0, -1.0
    own, *others = prints
    rows = list(_prints(trained_on))
    strange = sum(row not in own and any(row in other for other in others) for row in rows)
    known = sum(any(row in each for each in prints) for row in rows)
    return strange, known / len(rows)


def _prints(images: object) -> Iterator[bytes]:
    flat = _asarray(images)
    flat = flat.reshape(len(flat), -1)[:, ::_APART][:, :_PIXELS]
    yield from (row.tobytes() for row in flat.astype(_float64))
