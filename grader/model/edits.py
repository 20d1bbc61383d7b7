"""Edits: single changes of one expression of a student's function, named by number.

A student's process numbers the edits of a function (:mod:`grader.sandbox.guest.edits`), always in
the same order. The grader names one by function and number, and never sees or makes its text.
"""

from __future__ import annotations

from typing import Literal, NamedTuple, get_args

#: What an edit changes.
EditKind = Literal[
    "axis",
    "epsilon",
    "bracket",
    "operator",
    "sign",
    "comparison",
    "number",
    "key",
    "function",
    "order",
    "transpose",
    "cast",
    "condition",
    "index",
    "variable",
    "line",
    "term",
    "factor",
    "root",
]
#: The kinds by the numbers that a process tells.
EDIT_KINDS: tuple[EditKind, ...] = get_args(EditKind)
#: No function has more edits than this.
MOST_EDITS = 20_000


class NumberedEdit(NamedTuple):
    """The edit *number* of the function *target*: what it changes, and on which line of its file.

    *line* and *kind* are what the student's process said of it; the number is all that is sent.
    """

    target: str
    number: int
    line: int
    kind: EditKind
