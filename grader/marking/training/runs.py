"""Programs that train a model and ask for its scores, and the figures read off the answers."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from grader.marking.training.answer_cells import AnswerCells, Source
from grader.marking.training.datasets import DataSet
from grader.marking.training.measure import Measure
from grader.marking.training.models import Other, received
from grader.model.assignment import Models
from grader.model.programs import Failure, Inputs, Outcome, Program, Run
from grader.model.steps import Call, HandOut, Histories, RunCell, RunSetup, Step
from grader.model.trees import Tree, clean

#: Types that are named where they come in place of scores.
_NAMED = ("NoneType", "bool", "dict", "float", "int", "list", "str")
_MAX_PRINTED, _MAX_HISTORY = 300, 200


def answer_run(cells: AnswerCells, lead: Sequence[Source], seed: int, seconds: float) -> Run:
    """Return the run of an answer, after the course's cells and those of *lead*.

    The cells of *lead* may use *seconds* of CPU time; the answer may use another *seconds*.
    """
    steps: list[Step] = [
        RunSetup(f"setup {n}", cell.code, cell.name) for n, cell in enumerate(cells.setup)
    ]
    # Cells as they were given out cost nothing: then there is one share, not two.
    total = 2 * seconds if len(lead) > len(cells.given) else seconds
    for name, listed, limit in (("lead", lead, seconds), ("cell", cells.answer, total)):
        steps += [
            RunCell(f"{name} {n}", cell.code, cell.name, seed, limit)
            for n, cell in enumerate(listed)
        ]
    give = {f"cell {n}": {"@": f"cell {n}"} for n in range(len(cells.answer))}
    return Run("cells", Program(tuple(steps), give), [{}])


def facts_run(
    found: Step, names: Sequence[str], models: Models, inputs: Inputs | None = None
) -> Run:
    """Return the run that tells how a model was trained and what its parameters are.

    It is asked ahead of the scores: once a process has hidden images, a history may hold their
    pixels, and parameters may depend on them.
    """
    steps = (
        found,
        Histories("histories", list(names), list(models.histories.values())),
        HandOut("arrays", "model"),
    )
    give = {name: {"@": name} for name in ("histories", "arrays")}
    return Run("facts", Program(steps, give), [inputs or {}])


def scores_run(
    found: Step,
    measures: Sequence[Measure],
    inputs: Inputs,
    models: Models,
) -> Run:
    """Return the run that takes a model's scores on images, whose labels stay here."""
    steps = [found, *(Call(m.name, f"@model.{models.method}", [{"$": m.name}]) for m in measures)]
    give = {m.name: {"@": m.name} for m in measures}
    images = {m.name: m.X for m in measures}
    return Run("scores", Program(tuple(steps), give), [{**inputs, **images}])


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
    network, other = model.network(measures[0], gave.get(measures[0].name), blind=blind)
    counts = bool(models.network and network and not other)
    accuracies = {m.name: m.accuracy(gave.get(m.name)) for m in measures}
    if counts and network and (blind or not outcome.failed):
        accuracies = {m.name: m.accuracy(network.scores(m.X)) for m in measures}
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


def completed(attempt: Attempt, ran: Outcome, data: DataSet, printed: bytes) -> Attempt:
    """Return *attempt* with its score, and with the failure that ended the cells before it."""
    lost = attempt.failure is not None and attempt.failure.stage in ("missing", "timed_out")
    return replace(
        scored(attempt, data),
        failure=ran.failed if ran.failed and lost else attempt.failure,
        ended=ran.failed,
        cut=any(cut is True for cut in ran.gave.values()),
        printed=last(clean(printed.decode("utf-8", "replace"), 1 << 20)),
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
    #: Its process had hidden images before it was trained: its histories are judged, not shown.
    silent: bool = False
    cpu_seconds: float = 0.0
