"""The words of a class's report: what a flag says of an item, why points are missing, what to read.

Sentences that stand once, and under every class, are in the template.
"""

from __future__ import annotations

from collections.abc import Mapping

#: Why an item is flagged: its name, and what may be the matter.
FLAGS: Mapping[str, tuple[str, str]] = {
    "all": ("everybody right", "It tells nobody apart: it may be a warm-up, or ask too little."),
    "none": (
        "nobody right",
        "This check may be at fault, or what it asks wasn't taught. Look at one answer and its "
        "verdict.",
    ),
    "weak": (
        "agrees little with the rest",
        "Who is right here has hardly more elsewhere: it may measure something else than the rest, "
        "or be a matter of luck.",
    ),
    "negative": (
        "disagrees with the rest",
        "This check may be at fault: who is right here has less elsewhere. Look for right answers "
        "that it turns away, and for wrong ones that it takes. Where few fail, it may be chance.",
    ),
    "timeouts": (
        "many ran out of time",
        "Its time may be too short for right code: try the reference under the same limits.",
    ),
}

#: What points are lost by, where no id of a known mistake or of a stage says more.
REASONS: Mapping[str, str] = {
    "written": "A written answer: {title}",
    "training": "A training that falls short: {title}",
    "unwritten": "Not written yet: {title}",
    "rest": "No answer that could be judged: {title}",
    "line": "One line ({what}): {where}",
}

#: What a count or a share is called that would show fewer than five people.
FEWER = "fewer than 5"
#: What stands where there is no value, and where one is suppressed.
NONE, HIDDEN = "–", "·"
#: What stands for causes that fewer than five have, taken together.
OTHER_CAUSES = "Other causes, each of fewer than 5 submissions"

#: The rows of counts, in their order.
COUNTS: Mapping[str, str] = {
    "graded": "graded",
    "not_graded": "not graded in full, by the grader's fault",
    "unreadable": "unreadable",
    "missing": "handed in nothing",
    "late": "late",
    "pending": "waiting for a person's mark",
    "timed_out": "with code that ran out of time",
    "crashed": "with code that ended its process or ran out of memory",
}

#: Times of handing in, by the hours before the due date that they end at; negative ones are late.
TIMES: tuple[tuple[float, float, str], ...] = (
    (72, float("inf"), "more than 3 days before"),
    (24, 72, "1 to 3 days before"),
    (6, 24, "6 to 24 hours before"),
    (1, 6, "1 to 6 hours before"),
    (0, 1, "in the last hour"),
    (-24, 0, "up to a day late"),
    (float("-inf"), -24, "more than a day late"),
)
