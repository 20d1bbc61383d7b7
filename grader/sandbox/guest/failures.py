"""In the child: an exception as a :class:`~grader.model.programs.Failure`."""

from __future__ import annotations

import builtins
from dataclasses import replace
from types import TracebackType

from grader.model.causes import CAUSES
from grader.model.literals import FailureStage
from grader.model.programs import Failure
from grader.sandbox.guest import recognized
from grader.sandbox.guest.blanks import Blank
from grader.sandbox.guest.standins import NotAllowed
from grader.sandbox.protocol.layout import COURSE, STUDENT

#: Folders whose files a failure may name, in this order: the student's, then the course's. Below
#: them come the package's name and a path in it.
ROOTS = [STUDENT, COURSE]
_TEXT = 500
_BUILTIN = {
    value: name
    for name, value in vars(builtins).items()
    if isinstance(value, type) and issubclass(value, BaseException) and value.__name__ == name
}
_NOWHERE = ("", 0)
_mro = type.__dict__["__mro__"].__get__
_str, _type, _isinstance = str, type, isinstance


class Broken(Exception):
    """A function of a module that didn't load was called; *failure* says why it didn't."""

    def __init__(self, failure: Failure) -> None:
        self.failure = failure


class Missing(Exception):
    """What a step names isn't there."""


def from_exception(error: BaseException, target: str = "") -> Failure:
    """Return *error* as a failure of the call *target*. Never raises.

    The line is the innermost one in the student's own files, else in the course's; the caller's is
    the outermost one beside it. Where a name
    isn't defined that an ``import *`` may have been meant to give, it is that import's.
    """
    if isinstance(error, Broken):
        return replace(error.failure, target=target)
    (filename, line), (caller, caller_line) = _places(error)
    kind, text = _builtin(error), _text(error)
    if name := recognized.undefined(kind, text):
        behind = recognized.import_behind(filename, name)
        if behind is not None and f"python2.{name}" not in CAUSES:
            return replace(behind, target=target, text=f"{text}. {behind.text}"[:_TEXT])
    cause = recognized.cause(kind, text, filename, line)
    if _isinstance(error, Blank):
        cause = "blank"
    return Failure(
        _stage(error),
        target,
        kind,
        text,
        shown(filename),
        line if filename else 0,
        cause,
        shown(caller),
        caller_line,
    )


def shown(filename: str) -> str:
    """Return the path in the package of a file by its whole name; nothing for another's."""
    for root in ROOTS:
        if filename.startswith(root):
            return filename[len(root) :].replace("\\", "/").partition("/")[2]
    return ""


def _stage(error: BaseException) -> FailureStage:
    if _isinstance(error, Missing):
        return "missing"
    if _isinstance(error, NotImplementedError):
        return "not_implemented"
    if _isinstance(error, NotAllowed):
        return "refused"
    if _isinstance(error, MemoryError):
        return "out_of_memory"
    return "raised"


def _builtin(error: BaseException) -> str:
    for kind in _mro(_type(error)):
        if kind in _BUILTIN:
            return _BUILTIN[kind]
    return "BaseException"


def _text(error: BaseException) -> str:
    try:
        text = _str(error)
        return text[:_TEXT] if _type(text) is _str else ""
    except BaseException:  # a hostile __str__
        return ""


def _places(error: BaseException) -> tuple[tuple[str, int], tuple[str, int]]:
    """Return the innermost place in the package, and the outermost one if it is another."""
    places: list[tuple[str, int]] = []
    trace: TracebackType | None = BaseException.__dict__["__traceback__"].__get__(error)
    while trace is not None:
        places.append((trace.tb_frame.f_code.co_filename, trace.tb_lineno or 0))
        trace = trace.tb_next
    if isinstance(error, SyntaxError) and _type(error.filename) is _str:
        places.append((str(error.filename), error.lineno or 0))
    for root in ROOTS:
        found = [place for place in places if place[0].startswith(root)]
        if found:
            return found[-1], found[0] if found[0] != found[-1] else _NOWHERE
    return _NOWHERE, _NOWHERE
