"""The ways in which a process gives no answer to a run, and what each says about the run."""

from __future__ import annotations

import signal
from enum import Enum
from typing import NamedTuple

from grader.model.literals import LossStage


class Loss(Enum):
    """What kept a process from answering."""

    #: The run used up its CPU time, or slept through its wall time.
    TIMED_OUT = "timed out"
    #: The process ended, or sent bytes that are no answer.
    DIED = "died"
    #: The machine gave the process less than half of the CPU time that it was to have.
    STARVED = "starved"
    #: It answered a question that wasn't asked.
    UNASKED = "unasked"

    @property
    def stage(self) -> LossStage:
        """The stage at which a run fails that is lost in this way."""
        return "timed_out" if self is Loss.TIMED_OUT else "died"


#: Losses that don't tell what the run would have done: it is tried again, alone in a fresh process.
RETRIED_ALONE = frozenset((Loss.STARVED,))


class Lost(NamedTuple):
    """A run without an answer: how it was lost, and the sentence that tells a student."""

    loss: Loss
    text: str = ""


def from_exit(code: int | None) -> Lost:
    """Return the loss for a process that ended by itself.

    *code* is as :mod:`subprocess` has it (negative for a signal), ``None`` if it isn't known.
    """
    if code is None:
        return Lost(Loss.DIED, "The process ended.")
    if code >= 0:
        return Lost(Loss.DIED, f"The process ended itself with exit status {code}.")
    name = signal.Signals(-code).name
    if name == "SIGXCPU":
        return Lost(Loss.TIMED_OUT, "It used up the submission's processor time.")
    return Lost(Loss.DIED, f"The process was ended by {name}.")
