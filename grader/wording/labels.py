"""The short names that reports give to what a result says in codes. Sentences are in templates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from grader.model.records import OutputRecord
from grader.wording.stages import STAGE_WORDS

#: Status of a question.
STATUSES: Mapping[str, str] = {
    "passed": "Right",
    "partial": "Partly right",
    "failed": "Not right yet",
    "not_implemented": "Not written yet",
    "needs_marking": "Waits for marking",
    "not_graded": "Not graded",
}

#: Status of a submission.
SUBMISSIONS: Mapping[str, str] = {
    "graded": "Graded",
    "unreadable": "Unreadable",
    "not_graded": "Not graded in full",
}

ERROR = "The grader could not judge this"
FAILED = "Failed"
#: Of a check, or of one of its outputs.
RIGHT, NEARLY, WRONG = "right", "nearly right", "not right"

#: Why a line of a student's is marked, for who can't see the mark.
RAISED_HERE, LOOK_HERE = "Raised here", "Look here"

#: Where the numbers of an example come from.
EXAMPLES: Mapping[str, str] = {
    "published": "An example of the notebook that shows it",
    "ladder": "The smallest example that shows it",
    "hidden": "What the grader measured",
}


def stage(code: str | None, status: str = "failed") -> str:
    """Return the name of a stage; of a failed check without one, or of the grader's own error."""
    if status == "error":
        return ERROR
    words = STAGE_WORDS.get(code or "")
    return words.label if words else FAILED


def outputs(found: Sequence[OutputRecord]) -> str:
    """Return what a check's outputs are worth: ``"dx: right (2 of 2); db: not right (0 of 2)"``."""
    return "; ".join(
        f"{output['name']}: {_state(output)} ({output['score']:.3g} of {output['max_score']:.3g})"
        for output in found
    )


def _state(output: OutputRecord) -> str:
    if output["status"] == "passed":
        return RIGHT
    return NEARLY if output["nearly"] else WRONG


def count(number: float, one: str, many: str = "") -> str:
    """Return ``"1 point"``, ``"2.5 points"``; *many* where an s doesn't make the plural."""
    return f"{number:g} {one if number == 1 else many or one + 's'}"


def percent(share: float) -> str:
    """Return ``"58.5 %"``."""
    return f"{100 * share:.1f} %"


#: Why a cell of a notebook is shown as it was written, and not as HTML: by
#: :data:`grader.sandbox.conversion.Reason`.
UNCONVERTED = {
    "large": "Shown as it was written: it is larger than what is converted.",
    "all": "Shown as it was written from here on: the notebook is larger than what is converted.",
    "unconverted": "Shown as it was written: it could not be converted.",
    "timed_out": "Shown as it was written: to convert it took too long.",
    "died": "Shown as it was written: the process that converts it ended.",
    "fault": "Shown as it was written: no process could be started that converts it.",
}
#: The first cell of a notebook that is given back.
SIGNED = (
    "The notebook as it was handed in. What the grader found stands after each answer, and every "
    "such cell ends its first line with `{sign}`, the sign of this file: a cell "
    "without it is the notebook's own."
)
