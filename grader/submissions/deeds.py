"""What a code cell does, told from its text: for notebooks whose cells bear no name.

No code is parsed: names that are called and set, and numbers, are looked for in one pass each, over
a text of bounded size.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from grader.model.assignment import Question
from grader.model.notebooks import Cell

_COMMENT = re.compile(r"#[^\n]*")
_CALLED = re.compile(r"\b([A-Za-z_]\w{0,80})[ \t]{0,9}\(")
_NUMBER = re.compile(r"\b\d{1,9}\b")
#: A list of whole numbers, and how often it is repeated: the sizes of layers.
_SIZES = re.compile(r"\[([\d, \t\n]{1,200})\](?:[ \t]{0,9}\*[ \t]{0,9}(\d{1,2})\b)?")


@dataclass(frozen=True)
class Deed:
    """What the answer to a training question does.

    It calls all of ``calls``. With ``variable`` it sets a variable that no other question's answer
    does; with ``first`` it takes that many images, with ``layers`` it makes a network of so many.
    """

    question: str
    calls: tuple[str, ...]
    variable: str = ""
    first: int = 0
    layers: int = 0


def deeds(questions: Sequence[Question]) -> list[Deed]:
    """Return what the answers to those of *questions* do whose manifest says it."""
    asked = [(q, q.training) for q in questions if q.training is not None]
    made = []
    for question, training in asked:
        others = {n for other, t in asked if other is not question for n in t.names}
        own = training.names[0] if training.names and training.names[0] not in others else ""
        if training.calls:
            made.append(Deed(question.id, training.calls, own, training.first, training.layers))
    return made


def score(cell: Cell, deed: Deed, others: Sequence[Deed] = ()) -> int:
    """Return how surely *cell* does the *deed*, more is surer; 0 where it does something else.

    A cell that sets the variable of one of the *others* does that one.
    """
    if cell.kind != "code" or not any(name in cell.source for name in (*deed.calls, deed.variable)):
        return 0
    code = _COMMENT.sub("", cell.source)
    calls = set(deed.calls) <= set(_CALLED.findall(code))
    if deed.variable:
        if _sets(code, deed.variable):
            return 6 if calls else 4
        return 1 if _sets(code, deed.variable, nothing=True) else 0
    if not calls or any(other.variable and _sets(code, other.variable) for other in others):
        return 0
    layers = _layers(code)
    if deed.layers and layers and deed.layers not in layers:
        return 0
    points = 2 + 2 * (deed.layers in layers) + (layers == {deed.layers})
    if deed.first:
        few = str(deed.first) in _NUMBER.findall(code)
        if not few and deed.layers not in layers:
            return 0
        points += 2 * few
    return points


def mentions(cell: Cell, deed: Deed) -> bool:
    """Say whether a code cell names what the *deed* needs, be it in a comment."""
    return any(name and name in cell.source for name in (*deed.calls, deed.variable))


def sets(cell: Cell, variable: str) -> bool:
    """Say whether a code cell sets *variable* to what a call gives."""
    if cell.kind != "code" or variable not in cell.source:
        return False
    pattern = rf"(?m)^[ \t]{{0,99}}{re.escape(variable)}[ \t]{{0,9}}=[ \t]{{0,9}}[\w.]{{1,80}}\("
    return re.search(pattern, cell.source) is not None


def _sets(code: str, variable: str, *, nothing: bool = False) -> bool:
    """Say whether *code* sets *variable* to something; with *nothing*, to None."""
    value = r"None\b" if nothing else r"(?!None\b)[^\s=]"
    # One of several that are set at once, or after a condition on its line, too.
    others = r"[ \t]{0,9},[\w., \t]{0,80}"
    before, name = r"(?m)(?:^|[:;,])[ \t]{0,99}", re.escape(variable)
    pattern = rf"{before}{name}(?:{others})?[ \t]{{0,9}}=[ \t]{{0,9}}{value}"
    return re.search(pattern, code) is not None


def _layers(code: str) -> set[int]:
    """Return how many layers the networks may have whose hidden sizes stand in *code*."""
    found = set()
    for sizes, times in _SIZES.findall(code):
        count = sum(1 for size in sizes.split(",") if size.strip())
        found.add(count * int(times or 1) + 1)
    return found
