"""In the child: a function of the student's with one of its edits in effect, or one after another.

The function object stays the same and gets another code, so that whoever holds it (another module,
a table, a class) calls the edited one. Functions of the same file that it calls by name are edited
with it. What can be patched by a submission is held by reference from the start.
"""

from __future__ import annotations

import ast
import inspect
import linecache
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import CodeType, FrameType, FunctionType

from grader.model.edits import MOST_EDITS
from grader.sandbox.guest.edits import MadeEdit, edits
from grader.sandbox.guest.notebooks.time_limit import limited
from grader.sandbox.guest.scope import Foreign

_compile, _parse, _clock = compile, ast.parse, time.process_time
_settrace, _lines_of, _block = sys.settrace, linecache.getlines, inspect.getblock
#: How many functions of a file are edited together at most.
_MOST_FUNCTIONS = 4
#: CPU seconds that one edited call may take beyond what the function itself took.
_SLACK = 0.05


class Editable:
    """A function and its definition in the syntax tree of its file."""

    def __init__(self, function: FunctionType, tree: ast.FunctionDef) -> None:
        self.function, self.tree = function, tree


class Editor:
    """The edits of *function* and of the functions of its file that it calls, by number from 0.

    There are none where it isn't a plain function whose text is at hand.
    """

    def __init__(self, function: Foreign) -> None:
        self._edits: list[tuple[Editable, MadeEdit]] = []
        #: The code of the last edit: it is often asked for again, with another example.
        self._last: tuple[tuple[int, ...], CodeType] | None = None
        #: The edits in effect.
        self._active: list[int] = []
        for editable in _editable(function):
            found = edits(editable.tree)[: MOST_EDITS - len(self._edits)]
            self._edits += [(editable, edit) for edit in found]

    def __len__(self) -> int:
        return len(self._edits)

    def __getitem__(self, number: int) -> MadeEdit:
        return self._edits[number][1]

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
                self._last = numbers, _code(editable.tree, editable.function.__code__)
            except Exception as error:
                raise LookupError("the edit doesn't compile") from error
            finally:
                for edit in reversed(made):
                    edit.undo()
        return self._last[1]

    def covered(self, run: Callable[[], object]) -> Mapping[CodeType, frozenset[int]]:
        """Return the lines of each editable function that *run* executes."""
        lines: dict[CodeType, set[int]] = {e.function.__code__: set() for e, _ in self._edits}

        def trace(frame: FrameType, event: str, argument: object) -> Foreign:
            seen = lines.get(frame.f_code)
            if seen is None:
                return None
            seen.add(frame.f_lineno)
            return trace

        _settrace(trace)
        try:
            run()
        finally:
            _settrace(None)
        return {code: frozenset(seen) for code, seen in lines.items()}


#: What a function gave, as bytes and as values; ``None`` where it failed.
Came = tuple[bytes, Mapping[str, Foreign]] | None


class Trials:
    """Calls *run* under one edit after another, as far as they can matter.

    Those can't that stand on a line that *run* doesn't come to, or on one without which it gives
    the same.
    """

    def __init__(self, editor: Editor, run: Callable[[], Came]) -> None:
        self._editor, self._run = editor, run
        began, came = _clock(), list[Came]()
        self._covered = editor.covered(lambda: came.append(run()))
        self._slack = _SLACK + 10 * (_clock() - began)
        self._own = came[0] if came else None
        removals = [n for n in range(len(editor)) if editor[n].removes and self._runs(n)]
        idle = [n for n in removals if self._own is not None and self._same(self.came(n))]
        self._idle = [(editor[n].first, editor[n].last) for n in idle]

    def found(
        self, first: int, most: int, seconds: float
    ) -> tuple[dict[bytes, tuple[list[int], Mapping[str, Foreign]]], int]:
        """Try up to *most* edits from the number *first* on, in *seconds* of CPU time.

        Return what they gave other than the function itself, as bytes, each with the numbers of
        the edits that lead to it and its values; and the number to go on with, 0 at the end.
        """
        found: dict[bytes, tuple[list[int], Mapping[str, Foreign]]] = {}
        until, done = _clock() + seconds, 0
        for number in range(first, len(self._editor)):
            if done >= most or _clock() > until:
                return found, number
            if self._runs(number) and not self._is_idle(number):
                done += 1
                came = self.came(number)
                if came is not None and not self._same(came):
                    found.setdefault(came[0], ([], came[1]))[0].append(number)
        return found, 0

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
        return any(first <= edit.first and edit.last <= last for first, last in self._idle)


def _editable(function: Foreign) -> Iterator[Editable]:
    """Yield *function* and those of its file that it calls, with their definitions."""
    todo, known = [function], [function]
    while todo:
        one = todo.pop(0)
        tree = _definition(one) if type(one) is FunctionType else None
        if tree is None or one.__code__.co_freevars:
            continue
        yield Editable(one, tree)
        for name in one.__code__.co_names:
            other = one.__globals__.get(name)
            if type(other) is not FunctionType or other in known:
                continue
            same = other.__code__.co_filename == one.__code__.co_filename
            if same and len(known) < _MOST_FUNCTIONS:
                known.append(other)
                todo.append(other)


def _definition(function: FunctionType) -> ast.FunctionDef | None:
    """Return the tree of a function's own lines, with their numbers in the file."""
    first = function.__code__.co_firstlineno
    try:
        block = _block(_lines_of(function.__code__.co_filename)[first - 1 :])
        tree = _parse("\n" * (first - 1) + "".join(block))
    except Exception:  # a text that isn't there, or that is no text of a function
        return None
    found = tree.body[0] if tree.body else None
    return found if isinstance(found, ast.FunctionDef) else None


def _code(tree: ast.FunctionDef, own: CodeType) -> CodeType:
    """Return the code of a function's tree, which must fit where *own* stood."""
    module = _compile(ast.Module([tree], []), own.co_filename, "exec", dont_inherit=True)
    codes = [const for const in module.co_consts if isinstance(const, CodeType)]
    (code,) = [code for code in codes if code.co_name == own.co_name]
    if code.co_freevars:
        raise ValueError("it has free variables")
    return code
