"""What the search for repairs has shown of functions, so that equal ones are searched once.

Two functions are equal if their lines are, as they stand in the files that were handed in, and give
the same for all public examples. What a process says of where its functions stand is held against
that text, and a repair of another submission's function is confirmed before it is told.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence

from grader.marking.explaining.failure import PublicFailure
from grader.marking.explaining.searching import Repairs
from grader.marking.explaining.source import Sources
from grader.marking.sessions import Asked
from grader.model.edits import NumberedEdit
from grader.model.trees import pack

#: How many are remembered; the first is forgotten first.
_MOST = 4096


class SearchedFunctions:
    """What was found of functions, by their text, the check and what they give."""

    def __init__(self) -> None:
        self._known: dict[bytes, Sequence[Repairs]] = {}

    def repairs(
        self,
        failure: PublicFailure,
        target: str,
        session: Asked,
        confirmed: Callable[[NumberedEdit, frozenset[str]], bool],
    ) -> list[Repairs] | None:
        """Return what was found of an equal function; ``None`` where none was searched.

        Its lines are those of *target* in this submission. Raises
        :class:`~grader.sandbox.Fault` where the submission can't be asked.
        """
        key, first, _ = _identity(failure, target, session)
        if key not in self._known:
            return None
        here = [_moved(repairs, first) for repairs in self._known[key]]
        told = [(one.lines, one.outputs) for one in here if len(one.lines) == 1]
        edits = [(edits[0], outputs) for lines, outputs in told for edits in lines.values()]
        return here if all(confirmed(*each) for each in edits) else None

    def keep(
        self,
        failure: PublicFailure,
        target: str,
        session: Asked,
        found: Sequence[Repairs],
    ) -> None:
        """Remember what was found of *target*, unless it stands in another function."""
        key, first, last = _identity(failure, target, session)
        if last and all(first <= line <= last for one in found for line in one.lines):
            while len(self._known) >= _MOST:
                del self._known[next(iter(self._known))]
            self._known[key] = [_moved(one, -first) for one in found]


def _moved(repairs: Repairs, by: int) -> Repairs:
    lines = {
        line + by: [edit._replace(line=line + by) for edit in edits]
        for line, edits in repairs.lines.items()
    }
    return repairs._replace(lines=lines)


def _identity(failure: PublicFailure, target: str, session: Asked) -> tuple[bytes, int, int]:
    """Return what equal functions share, and the first and last line of this one."""
    first, last, lines = Sources(session).of(target)
    gave, data = pack([dict(outcome.gave) for outcome in failure.outcomes])
    facts = [failure.check.id, target, lines, gave]
    text = json.dumps(facts, sort_keys=True, default=repr)
    return hashlib.sha256(text.encode() + data).digest(), first, last
