"""One attempt at a training: the figures read off what its process answered."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from grader.marking.training.datasets import DataSet
from grader.marking.training.histories import NOTHING_LEFT, Left, left
from grader.marking.training.measure import Measure
from grader.marking.training.models import Other, received
from grader.model.assignment import Models, Training
from grader.model.programs import Failure, Outcome
from grader.model.trees import Tree, clean

#: Types that are named where they come in place of scores.
_NAMED = ("NoneType", "bool", "dict", "float", "int", "list", "str")
_MAX_PRINTED, _MAX_HISTORY = 300, 200


@dataclass(frozen=True)
class Attempt:
    """One training, or one saved model: the figures measured, or the reason for having none."""

    accuracies: Mapping[str, float] = field(default_factory=dict)
    accuracy: float | None = None
    failure: Failure | None = None
    #: What ended the cells before their end, whether or not there was a model.
    ended: Failure | None = None
    got: str = ""
    cut: bool = False
    histories: Mapping[str, list[float]] = field(default_factory=dict)
    #: How many layers of weights the model has; ``None`` where that can't be told.
    layers: int | None = None
    #: Why the accuracies are those of the model's own scores, where its parameters are to count.
    other: Other = ""
    printed: str = ""
    #: What the cells have left.
    left: Left = NOTHING_LEFT
    #: Its process had hidden images before it was trained: its histories are judged, not shown.
    silent: bool = False
    #: Of a saved model: its file is a pickle, or holds one.
    pickled: bool = False


def judged(
    outcome: Outcome,
    measures: Sequence[Measure],
    models: Models,
    facts: Outcome,
    *,
    blind: bool = False,
) -> Attempt:
    """Return the accuracies of the model, or why there are none.

    *facts* are those of :func:`facts_run`. Where the manifest names a kind of network, the scores
    of the one that the model's arrays make count, if its own agree with them, or if these are not
    asked to (*blind*, since what computes them has failed in a question of its own). Of a
    failure only its stage and its kind are kept: what it says, and where, can be a hidden image's.
    """
    gave, model = outcome.gave, received(facts.gave.get("arrays"))
    first = measures[0]
    network, other, known = model.network(first, gave.get(first.name), blind=blind)
    counts = bool(models.network and network and not other)
    accuracies = {m.name: m.accuracy(gave.get(m.name)) for m in measures}
    if counts and network and (blind or not outcome.failed):
        accuracies = {
            m.name: m.accuracy(network.scores(m.X) if known is None or m is not first else known)
            for m in measures
        }
    elif outcome.failed:
        return Attempt(failure=Failure(outcome.failed.stage, type=outcome.failed.type))
    for name, accuracy in accuracies.items():
        if accuracy is None:
            return Attempt(got=_kind(gave.get(name)))
    return Attempt(
        accuracies={name: round(a, 4) for name, a in accuracies.items() if a is not None},
        histories=_lists(facts.gave.get("histories"), models),
        layers=len(network.layers) if network else None,
        other=other if models.network else "",
    )


def late(histories: Mapping[str, Sequence[float]], epochs: int, reach: float) -> bool:
    """Say whether training went on past *epochs* without having reached *reach* by then."""
    accuracies = histories.get("train_acc_history") or []
    # A solver notes one before the first epoch, and one after each.
    return len(accuracies) > epochs + 1 and max(accuracies[: epochs + 1]) < reach


def completed(
    attempt: Attempt,
    ran: Outcome,
    facts: Outcome,
    printed: bytes,
    training: Training,
    data: DataSet,
) -> Attempt:
    """Return *attempt* with its score, with what the cells left, and with the failure of one."""
    gave = facts.gave
    found = left(training.names, gave.get("holdings"), gave.get("trainings"), training.calls)
    printed = printed[found.printed :]
    lost = attempt.failure is not None and attempt.failure.stage in ("missing", "timed_out")
    return replace(
        scored(attempt, data),
        failure=ran.failed if ran.failed and lost else attempt.failure,
        ended=ran.failed,
        cut=any(cut is True for cut in ran.gave.values()),
        printed=last(clean(printed.decode("utf-8", "replace"), 1 << 20)),
        left=found,
    )


def scored(attempt: Attempt, data: DataSet) -> Attempt:
    if not attempt.accuracies:
        return attempt
    return replace(attempt, accuracy=data.score(attempt.accuracies))


def _lists(found: Tree, models: Models) -> dict[str, list[float]]:
    """Return histories as lists of numbers, to four digits: all else is left out."""
    if not isinstance(found, dict):
        return {}
    kept = {}
    for name, attribute in models.histories.items():
        values = found.get(attribute)
        if not isinstance(values, list) or len(values) > _MAX_HISTORY:
            continue
        if all(isinstance(v, float) and math.isfinite(v) for v in values):
            kept[name] = [float(f"{value:.4g}") for value in values]
    return kept


def _kind(value: Tree) -> str:
    """Return what came in place of scores; a class's name or a size could be an image's pixel."""
    if isinstance(value, np.ndarray):
        return f"an array of {min(value.ndim, 5)} dimension{'s' * (value.ndim != 1)}"
    name = type(value).__name__
    return name if name in _NAMED else "no array"


def last(printed: str) -> str:
    """Return the last lines that were printed, bounded."""
    lines = [line for line in printed.splitlines() if line.strip()][-3:]
    return " / ".join(lines)[-_MAX_PRINTED:]
