"""In the child: a function of the student's with one of its edits in effect, or one after another.

The function object stays the same and gets another code, so that whoever holds it (another module,
a table, a class) calls the edited one. Functions of the same file that it calls by name are edited
with it, and the methods of a class. What can be patched by a submission is held by reference from
the start.
"""

from __future__ import annotations

import sys
from bisect import bisect
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from itertools import chain, zip_longest
from types import CodeType, FrameType

from grader.model.edits import MOST_EDITS
from grader.sandbox.guest.editable import Editable, editable
from grader.sandbox.guest.edits import tiers
from grader.sandbox.guest.scope import Foreign
from grader.sandbox.guest.slots import MadeEdit

_settrace = sys.settrace


class Editor:
    """The edits of a *target* and of the functions of its file that it calls, by number from 0.

    A target is a function or a class. There are none where it is no plain one whose text is at
    hand. The likely edits of all functions come before the less likely ones of any.
    """

    def __init__(self, target: Foreign) -> None:
        self._edits: list[tuple[Editable, MadeEdit]] = []
        #: The code of the last edit: it is often asked for again, with another example.
        self._last: tuple[tuple[int, ...], CodeType] | None = None
        #: The edits in effect.
        self._active: list[int] = []
        listed = [
            [[(one, edit) for edit in tier] for tier in tiers(one.tree, one.peers())]
            for one in editable(target)
        ]
        #: By tier: the number of the first edit of the next one.
        self._ends: list[int] = []
        for same in zip_longest(*listed, fillvalue=[]):
            self._edits += chain.from_iterable(same)
            self._ends.append(len(self._edits))
        del self._edits[MOST_EDITS:]

    def __len__(self) -> int:
        return len(self._edits)

    def __getitem__(self, number: int) -> MadeEdit:
        return self._edits[number][1]

    def tier(self, number: int) -> int:
        """Return how unlikely an edit is, from 0 on."""
        return bisect(self._ends, number)

    def function(self, number: int) -> Editable:
        """Return the function that an edit is of."""
        return self._edits[number][0]

    def runs(self, number: int, covered: Mapping[CodeType, frozenset[int]]) -> bool:
        """Say whether an edit is on a line that ran: *covered* are lines by the code that did."""
        editable, edit = self._edits[number]
        lines = covered.get(editable.function.__code__, frozenset())
        return any(line in lines for line in range(edit.first, edit.last + 1))

    @contextmanager
    def applied(self, number: int) -> Iterator[None]:
        """Have the edit *number* in effect for a block, beside those that are.

        Raises :class:`LookupError` where there is none or it doesn't compile.
        """
        if not 0 <= number < len(self._edits):
            raise LookupError("there is no such edit")
        editable = self._edits[number][0]
        function = editable.function
        beneath = (n for n in self._active if self._edits[n][0] is editable)
        own, edited = function.__code__, self._code((*beneath, number))
        function.__code__ = edited
        self._active.append(number)
        try:
            yield
        finally:
            self._active.pop()
            function.__code__ = own

    def _code(self, numbers: tuple[int, ...]) -> CodeType:
        """Return the code of one function with all those of its edits."""
        if self._last is None or self._last[0] != numbers:
            editable = self._edits[numbers[0]][0]
            made = [self._edits[number][1] for number in numbers]
            try:
                for edit in made:
                    edit.make()
                self._last = numbers, editable.code()
            except Exception as error:
                raise LookupError("the edit doesn't compile") from error
            finally:
                for edit in reversed(made):
                    edit.undo()
        return self._last[1]

    def covered(
        self, run: Callable[[], object], begins: Callable[[FrameType], None]
    ) -> Mapping[CodeType, frozenset[int]]:
        """Return the lines of each editable function that *run* executes, and say which begins."""
        lines: dict[CodeType, set[int]] = {e.function.__code__: set() for e, _ in self._edits}

        def trace(frame: FrameType, event: str, argument: object) -> Foreign:
            seen = lines.get(frame.f_code)
            if seen is None:
                return None
            seen.add(frame.f_lineno)
            if event == "line":
                begins(frame)
            return trace

        _settrace(trace)
        try:
            run()
        finally:
            _settrace(None)
        return {code: frozenset(seen) for code, seen in lines.items()}
