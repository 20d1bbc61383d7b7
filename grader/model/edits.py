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
    "assignment",
    "indentation",
    "bound",
    "size",
]
#: The kinds by the numbers that a process tells.
EDIT_KINDS: tuple[EditKind, ...] = get_args(EditKind)
#: No function has more edits than this.
MOST_EDITS = 40_000


class NumberedEdit(NamedTuple):
    """The edit *number* of the function *target*: what it changes, and on which line of its file.

    *line* and *kind* are what the student's process said of it; the number is all that is sent.
    *beneath* is the number of another edit of the same function that is in effect with it, or -1.
    *several*: it changes more than one statement, of which the line is that of the first.
    """

    target: str
    number: int
    line: int
    kind: EditKind
    beneath: int = -1
    several: bool = False

    @property
    def numbers(self) -> tuple[int, ...]:
        """The numbers of what is in effect, in the order in which it is made."""
        return (self.number,) if self.beneath < 0 else (self.beneath, self.number)
