"""In the child: an exception as a :class:`~grader.model.programs.Failure`."""

from __future__ import annotations

import builtins
from types import TracebackType

from grader.model.literals import FailureStage
from grader.model.programs import Failure
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

    The line is the innermost one in the student's own files, else in the course's.
    """
    if isinstance(error, Broken):
        found = error.failure
        return Failure(found.stage, target, found.type, found.text, found.file, found.line)
    file, line = _place(error)
    return Failure(_stage(error), target, _builtin(error), _text(error), file, line)


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


def _place(error: BaseException) -> tuple[str, int]:
    places: list[tuple[str, int]] = []
    trace: TracebackType | None = BaseException.__dict__["__traceback__"].__get__(error)
    while trace is not None:
        places.append((trace.tb_frame.f_code.co_filename, trace.tb_lineno or 0))
        trace = trace.tb_next
    if isinstance(error, SyntaxError) and _type(error.filename) is _str:
        places.append((str(error.filename), error.lineno or 0))
    for root in ROOTS:
        for filename, line in reversed(places):
            if filename.startswith(root):
                path = filename[len(root) :].replace("\\", "/")
                return path.partition("/")[2], line
    return "", 0
