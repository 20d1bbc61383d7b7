"""In the child: a program's steps taken again under one edit after another."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

from grader.sandbox.guest.editor import Editor
from grader.sandbox.guest.foresight import UNKNOWN, Ahead, Foresight
from grader.sandbox.guest.moments import signature
from grader.sandbox.guest.notebooks.time_limit import limited
from grader.sandbox.guest.scope import Foreign

_clock = time.process_time
#: CPU seconds that one edited call may take beyond what the function itself took.
_SLACK = 0.05
#: The same for what is computed to look ahead at the edits of one statement.
_AHEAD = 0.05
#: Edits by which what a line computes may come to matter.
_REVIVING = frozenset(("assignment", "order", "indentation"))

#: What a function gave, as bytes and as values; ``None`` where it failed.
Came = tuple[bytes, Mapping[str, Foreign]] | None


class Trials:
    """Calls *run* under one edit after another, as far as they can matter.

    Those can't that stand on a line that *run* doesn't come to, or on one without which it gives
    the same, or whose statement gives the same with them, or nothing. *formed*: what the function
    gives has the right form, so that an edit may be passed over that gives a value another one.
    """

    def __init__(self, editor: Editor, run: Callable[[], Came], *, formed: bool = False) -> None:
        self._editor, self._run, self._formed = editor, run, formed
        began, came = _clock(), list[Came]()
        self._foresight = Foresight(formed=formed)
        self._covered = editor.covered(lambda: came.append(run()), self._foresight.begins)
        self._slack = _SLACK + 10 * (_clock() - began)
        self._own = came[0] if came else None
        removals = [n for n in range(len(editor)) if editor[n].removes and self._runs(n)]
        idle = [n for n in removals if self._own is not None and self._same(self.came(n))]
        self._idle = [(editor[n].first, editor[n].last) for n in idle]

    def found(
        self, first: int, most: int, seconds: float
    ) -> tuple[dict[bytes, tuple[list[int], Mapping[str, Foreign]]], int]:
        """Try up to *most* edits of one tier from the number *first* on, in *seconds* of CPU time.

        Return what they gave other than the function itself, as bytes, each with the numbers of
        the edits that lead to it and its values; and the number to go on with, 0 at the end.
        """
        found: dict[bytes, tuple[list[int], Mapping[str, Foreign]]] = {}
        until, done = _clock() + seconds, 0
        known: dict[Foreign, Came] = {}
        tier = self._editor.tier(first)
        for number in range(first, len(self._editor)):
            if done >= most or self._editor.tier(number) != tier or _clock() > until:
                return found, number
            if not self._runs(number) or self._is_idle(number):
                continue
            ahead = self._ahead(number)
            if ahead.idle:
                continue
            if ahead.gives is not None and ahead.gives in known:
                came = known[ahead.gives]
            else:
                done += 1
                came = self._kept(self.came(number))
                if ahead.gives is not None:
                    known[ahead.gives] = came
            if came is not None:
                found.setdefault(came[0], ([], came[1]))[0].append(number)
        return found, 0

    def _kept(self, came: Came) -> Came:
        """Return what *came* if it isn't what comes anyhow, and has the right form."""
        if came is None or self._same(came):
            return None
        if self._formed and self._own is not None:
            return came if signature(dict(came[1])) == signature(dict(self._own[1])) else None
        return came

    def _ahead(self, number: int) -> Ahead:
        try:
            with limited(_clock() + _AHEAD):
                return self._foresight.of(self._editor.function(number), self._editor[number])
        except BaseException:
            return UNKNOWN

    def came(self, number: int) -> Came:
        """Return what comes under the edit of that *number*."""
        try:
            with self._editor.applied(number), limited(_clock() + self._slack):
                return self._run()
        except BaseException:
            return None

    def _same(self, came: Came) -> bool:
        return came is not None and self._own is not None and came[0] == self._own[0]

    def _runs(self, number: int) -> bool:
        return self._editor.runs(number, self._covered)

    def _is_idle(self, number: int) -> bool:
        edit = self._editor[number]
        if edit.kind in _REVIVING:
            return False
        return any(first <= edit.first and edit.last <= last for first, last in self._idle)
