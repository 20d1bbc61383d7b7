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
    #: Somebody other than the grader killed the process: the kernel for want of memory, a person.
    KILLED = "killed"
    #: It didn't finish within its wall time, or came within reach of its CPU limit: a machine that
    #: was paused or loaded may have done that.
    DOUBTFUL = "doubtful"
    #: It answered a question that wasn't asked.
    UNASKED = "unasked"

    @property
    def stage(self) -> LossStage:
        """The stage at which a run fails that is lost in this way."""
        return "timed_out" if self in (Loss.TIMED_OUT, Loss.DOUBTFUL) else "died"


#: Losses that don't tell what the run would have done: it is tried again, alone in a fresh process.
RETRIED_ALONE = frozenset((Loss.STARVED, Loss.KILLED, Loss.DOUBTFUL))
#: Losses that are nobody's but the machine's when the second try ends in them, too.
FAULTS = {
    Loss.STARVED: "A process got less than half of its processor time. The machine is too loaded: "
    "grade again with fewer workers.",
    Loss.KILLED: "A process was killed from outside. The machine may be short of memory: grade "
    "again with fewer workers.",
}


class Lost(NamedTuple):
    """A run without an answer: how it was lost, and the sentence that tells a student."""

    loss: Loss
    text: str = ""


def from_exit(code: int | None) -> Lost:
    """Return the loss for a process that ended by itself.

    *code* is as :mod:`subprocess` has it (negative for a signal), ``None`` if it isn't known. The
    grader must not have ended it: a SIGKILL is taken for somebody else's.
    """
    if code is None:
        return Lost(Loss.DIED, "The process ended.")
    if code >= 0:
        return Lost(Loss.DIED, f"The process ended itself with exit status {code}.")
    name = signal.Signals(-code).name
    if name == "SIGKILL":
        return Lost(Loss.KILLED)
    if name == "SIGXCPU":
        return Lost(Loss.TIMED_OUT, "It used up the submission's processor time.")
    return Lost(Loss.DIED, f"The process was ended by {name}.")
