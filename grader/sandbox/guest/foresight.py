"""In the child: what an edit of one expression leads to, as far as its statement alone tells.

Most edits needn't be run: their statement raises, gives the same, gives what another edit of it
gives, or something of another form than a right result could come of.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from types import CodeType, FrameType
from typing import NamedTuple

from grader.sandbox.guest.editable import Editable
from grader.sandbox.guest.moments import MOST_MOMENTS, Moment, Unforeseen, digest, signature
from grader.sandbox.guest.scope import Foreign
from grader.sandbox.guest.slots import MadeEdit, Slot

#: Edits that are made to change the form of a value.
_FORMING = frozenset(
    ("axis", "transpose", "order", "function", "index", "bracket", "cast", "key", "condition")
)


class Ahead(NamedTuple):
    """What is known of an edit: whether it can't matter, and what is equal for equal edits."""

    idle: bool
    gives: Foreign = None


#: Of most edits that are more than another expression in the place of one.
UNKNOWN, _IDLE = Ahead(False), Ahead(True)


class EditedPlace(NamedTuple):
    """Where an edited expression stands: lines, the whole expression there, what is around it."""

    first: int
    last: int
    root: ast.expr
    around: frozenset[int]


class Foresight:
    """Looks at edits with the moments of one run. *formed*: its result has the right form."""

    def __init__(self, *, formed: bool) -> None:
        self._formed = formed
        self._moments: dict[tuple[CodeType, int], list[Moment]] = {}
        self._runs: dict[tuple[CodeType, int], int] = {}

    def begins(self, frame: FrameType) -> None:
        """Keep what a frame's variables hold: the line that it is at begins to run."""
        at = frame.f_code, frame.f_lineno
        self._runs[at] = self._runs.get(at, 0) + 1
        if self._runs[at] <= MOST_MOMENTS:
            self._moments.setdefault(at, []).append(Moment(frame))

    def of(self, function: Editable, edit: MadeEdit) -> Ahead:
        """Return what is known of an *edit* of the function."""
        if len(edit.changes) != 1:
            return UNKNOWN
        ((slot, new),) = edit.changes
        if not isinstance(slot.node, ast.expr) or not isinstance(new, ast.expr):
            return UNKNOWN
        place = self._place(function, slot)
        lines = range(place.first, place.last + 1) if place else ()
        code = function.function.__code__
        at = next(((code, line) for line in lines if (code, line) in self._moments), None)
        if place is None or at is None:
            return UNKNOWN
        moments, whole = self._moments[at], self._runs[at] <= MOST_MOMENTS
        for moment in moments:
            moment.remember(place.root)
        edit.make()
        try:
            root = new if place.root is slot.node else place.root
            return self._compared(edit, place, root, moments, whole=whole)
        except Unforeseen:
            return UNKNOWN
        finally:
            edit.undo()

    def _compared(
        self,
        edit: MadeEdit,
        place: EditedPlace,
        root: ast.expr,
        moments: Sequence[Moment],
        *,
        whole: bool,
    ) -> Ahead:
        """Compare what a statement gives with what it gives under an edit, which is in effect.

        *whole*: there is a moment for each time that it runs.
        """
        own = [_given(moment, place.root, frozenset()) for moment in moments]
        if any(isinstance(value, Exception) for value in own):
            raise Unforeseen  # it may be that only here it can't be computed
        after = _given(moments[0], root, place.around)
        if isinstance(after, Exception):
            return _IDLE
        formed = self._formed and edit.kind not in _FORMING
        if formed and signature(own[0]) != signature(after):
            return _IDLE
        if not whole:
            return UNKNOWN
        later = [_given(moment, root, place.around) for moment in moments[1:]]
        gives = tuple(map(digest, (after, *later)))
        if tuple(map(digest, own)) == gives:
            return _IDLE
        # What two edits give when a line runs again depends on what they gave before: that they
        # give the same for what the function itself gave before says something if it is often.
        return Ahead(False, (id(place.root), gives)) if len(moments) != 2 else UNKNOWN

    def _place(self, function: Editable, slot: Slot) -> EditedPlace | None:
        """Return the place of a slot; ``None`` where it isn't an expression that is computed."""
        parents = function.parents
        assert isinstance(slot.node, ast.expr)
        root, around, node = slot.node, set[int](), slot.parent
        for node in _upwards(slot.parent, parents):
            if isinstance(node, ast.stmt):
                break
            if isinstance(node, (ast.comprehension, ast.Lambda)):
                return None
            if isinstance(node, ast.expr):
                if not isinstance(getattr(node, "ctx", ast.Load()), ast.Load):
                    break
                root = node
            around.add(id(node))
        statement = next((n for n in _upwards(node, parents) if isinstance(n, ast.stmt)), None)
        if statement is None or isinstance(root, (ast.Slice, ast.Starred)):
            return None
        header = root.end_lineno or root.lineno
        last = header if hasattr(statement, "body") else statement.end_lineno or header
        return EditedPlace(statement.lineno, last, root, frozenset(around))


def _upwards(node: ast.AST, parents: dict[int, ast.AST]) -> Iterator[ast.AST]:
    yield node
    while id(node) in parents:
        node = parents[id(node)]
        yield node


def _given(moment: Moment, node: ast.expr, reached: frozenset[int]) -> Foreign:
    """Return what an expression gives, or what it raises. Raises :class:`Unforeseen`."""
    try:
        return moment.value(node, reached)
    except Unforeseen:
        raise
    except Exception as error:
        return error
