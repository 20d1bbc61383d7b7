"""What is said of works that are alike: where to look, and what a number doesn't mean."""

from __future__ import annotations

from collections.abc import Mapping

NOT_KEPT = "Its code isn't compared: the run that marked it kept no bytes."
NO_PYTHON = "{name}: {function} isn't compared, for it is no Python."
#: By the reason for which a text wasn't read.
UNREAD: Mapping[str, str] = {
    "large": "{name} isn't compared: it is larger than what is read.",
    "all": "{name} isn't compared: all the files together are larger than what is read.",
    "unconverted": "{name} isn't compared: it has more functions or signs than are read.",
    "timed_out": "{name} isn't compared: to read it took too long.",
    "died": "{name} isn't compared: the process that read it ended.",
    "fault": "{name} isn't compared: no process could be started that reads it.",
}
MEANS = (
    "Likeness goes from 0 to 100: how much of what the one who wrote less has of their own is in "
    "the other’s work as well, weighed by how rare it is in the class."
)
MEANS_NOT = (
    "It doesn’t say who wrote it, who had it from whom, or that anything was wrong: people "
    "who learned together, or from the same page, write alike. Read both works, and ask, before "
    "you decide anything."
)
REMOVED = (
    "Left out are the template, the reference solution, and what more than {limit} of the "
    "{works} have. Names, layout and comments don’t count."
)
APART = "From {apart} on, pairs stand apart from the rest of this class."
NONE_APART = "No pair stands apart from the rest of this class: its line is at {apart}."
SMALL = "The class is too small to say which pairs stand apart."
SHARED_BY = "in {count} of {works}"
BESIDE = (
    "What both have is marked. The number beside a line says how many of the {works} have the "
    "rarest passage that it belongs to."
)
#: Title of each part, and what it compares.
PARTS: Mapping[str, tuple[str, str]] = {
    "code": ("Code", "function"),
    "answers": ("Written answers", "answer"),
}
NOTHING = "No two of them share anything that is rare in the class."
KEEP = "For those who teach this class alone: it shows what students wrote, side by side."
