"""Where files seem to lie in a student's process, and the kinds of cell that a kernel is sent."""

from __future__ import annotations

from typing import NamedTuple

#: Where the files seem to lie: tells a student's lines from the course's in a traceback.
STUDENT, COURSE = "/submission/", "/course/"
#: The same for a notebook's cells: each is a file of the submission's.
NOTEBOOK = f"{STUDENT}notebook/"

#: What a cell is in a kernel: the course's own preparation, any other, one that answers a training
#: question; or no cell, but a place at which the model of the question that was answered is asked
#: for: the question's id is its name.
SETUP, CELL, ANSWER, REACH = ("setup", "cell", "answer", "reach")


class Entry(NamedTuple):
    """A cell on its way to a kernel: one of the kinds above, its code, its name."""

    kind: str
    code: str
    name: str
