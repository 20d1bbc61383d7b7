"""Decides how a training attempt is marked, from facts alone; the words are added elsewhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from grader.marking.training.attempt import Attempt, late
from grader.model.assignment import Scale, Training
from grader.model.literals import DataKind, Stage, TrainMode
from grader.model.verdicts import QuestionResult

#: All points; none, at a stage; a share by the accuracy; a person decides; there is no model.
Outcome = Literal["passed", "failed", "scaled", "waiting", "no_model"]


#: It is no network; its scores aren't those of the network that its parameters make; it has another
#: number of layers; it reaches its accuracy after more epochs; how many they were can't be told.
Departure = Literal["no_network", "other_model", "depth", "late", "no_history", ""]
#: Departures that fail; with the others, and with ``late`` on the small set, a person decides.
_STAGES: Mapping[Departure, Stage] = {"no_network": "type", "depth": "shape", "late": "value"}
#: How much more than is asked a training reaches on validation images that ends there: those are
#: others than the images that count.
_BEYOND = 0.05


@dataclass(frozen=True)
class Decision:
    """How an attempt is marked.

    ``said`` is the key of its sentence in :data:`grader.wording.trainings.TRAINING`, ``stage`` the
    one at which it failed. ``blamed`` are the failed questions that it waits for: with those
    answered for by the reference, the training may still reach what is asked.
    """

    outcome: Outcome
    said: str = ""
    stage: Stage | None = None
    blamed: tuple[QuestionResult, ...] = ()


def decide(
    training: Training,
    attempt: Attempt | None,
    failed: Sequence[QuestionResult],
    mode: TrainMode | DataKind,
) -> Decision:
    """Decide how *attempt* at *training*, trained in *mode*, is marked.

    *failed* are the results that aren't right of all that the question builds on. Without an
    *attempt* nothing was run, since one of those never ends.
    """
    full = mode == "full"
    scale = scale_of(training, mode)
    if attempt is None:
        return Decision("waiting", "builds_on", blamed=tuple(failed))
    fault = departure(training, attempt, scale)
    if fault and not failed:  # else what failed may be why
        if fault in _STAGES and (full or fault != "late"):
            return Decision("failed", fault, _STAGES[fault])
        return Decision("waiting", fault)
    if reaches(attempt, scale) and not fault:
        return Decision("passed", "reached")
    if unwritten := tuple(result for result in failed if result.status == "not_implemented"):
        return Decision("failed", "not_written", "not_implemented", blamed=unwritten)
    if failed:
        return Decision("waiting", "builds_on", blamed=tuple(failed))
    if attempt.accuracy is None or attempt.ended:
        return Decision("no_model")
    if attempt.cut:
        return Decision("waiting", "cut")
    if attempt.left.changed:
        return Decision("waiting", "prepared")
    return Decision("scaled", "part") if full else Decision("waiting", "missed")


def scale_of(training: Training, mode: TrainMode | DataKind) -> Scale:
    """Return the scale of *mode*: that of the whole data set in ``full``, else the small set's."""
    return training.full if mode == "full" else training.short


def reaches(attempt: Attempt, scale: Scale) -> bool:
    """Say whether the model of *attempt* is as accurate as is asked."""
    return attempt.accuracy is not None and attempt.accuracy >= scale.reach


def passes(training: Training, attempt: Attempt, scale: Scale) -> bool:
    """Say whether the model of *attempt* is all that is asked."""
    return reaches(attempt, scale) and not departure(training, attempt, scale)


def enough(scale: Scale) -> float:
    """Return the validation accuracy at which a training of a model may end."""
    return min(1.0, scale.reach + _BEYOND)


def departure(training: Training, attempt: Attempt, scale: Scale) -> Departure:
    """Return how a trained model departs from the question's requirements; "" if it doesn't."""
    if attempt.other == "none":
        return "no_network"
    if attempt.other and (attempt.accuracy or 0.0) > scale.zero:
        return "other_model"
    if training.layers and attempt.layers not in (None, training.layers):
        return "depth"
    if training.epochs and reaches(attempt, scale):
        if not attempt.histories.get("train_acc_history"):
            return "no_history"
        return "late" if late(attempt.histories, training.epochs, scale.reach) else ""
    return ""
