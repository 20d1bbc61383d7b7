"""In the child: what stands in for a part of the package that isn't there, and says why.

A module that doesn't load is made of the course's text, and what the student writes in it says,
when it is called, why the module didn't load. A function that doesn't compile, or a name whose
statement raised, is a :class:`LostName`. What breaks a part costs only what needs it. (Modules that
aren't the package's have stand-ins of another kind: :mod:`grader.sandbox.guest.standins`.)
"""

from __future__ import annotations

import types
from collections.abc import Callable, Collection
from dataclasses import replace
from typing import NoReturn

from grader.model.literals import LossStage
from grader.model.programs import Failure
from grader.sandbox.guest.failures import Broken

_LOST: dict[LossStage, str] = {"timed_out": "passed its time limit", "died": "ended the process"}


class StandIn:
    """What stands in for one module that failed to load, by *failure*."""

    def __init__(self, failure: Failure) -> None:
        self._failure = failure

    @classmethod
    def lost(cls, path: str, stage: LossStage) -> StandIn:
        """Return the stand-in for the file *path*, whose import has cost an earlier process."""
        return cls(Failure(stage, text=f"Importing {path} {_LOST[stage]}.", file=path))

    @classmethod
    def absent(cls, path: str, reason: str) -> StandIn:
        """Return the stand-in for the file *path*, which can't be read or isn't there at all."""
        cause = "unread_file" if reason else "no_file"
        text = f"{reason[:1].upper()}{reason[1:]}." if reason else ""
        return cls(Failure("missing", text=text, file=path, cause=cause))

    def fill(
        self, module: types.ModuleType, course: types.ModuleType | None, given: Collection[str]
    ) -> None:
        """Give *module*, which was cleared, the names of the *course*'s module, if it has one.

        Functions and classes raise :class:`~grader.sandbox.guest.failures.Broken`, but for those
        that the course gives, and so does every other name.
        """
        for name, value in vars(course).items() if course else ():
            if name.startswith("__"):
                continue
            students = getattr(value, "__module__", None) == module.__name__ and name not in given
            module.__dict__[name] = self._raiser() if students else value
        module.__dict__["__getattr__"] = self._other

    def _raiser(self) -> Callable[..., NoReturn]:
        def raiser(*args: object, **kwargs: object) -> NoReturn:
            raise Broken(self._failure)

        return raiser

    def _other(self, name: str) -> Callable[..., NoReturn]:
        if name.startswith("__"):
            raise AttributeError(name)
        return self._raiser()


class LostName:
    """Stands for a name that a module should have: every use raises why it hasn't.

    It may be imported, named, and inherited from.
    """

    def __init__(self, failure: Failure) -> None:
        object.__setattr__(self, "_failure", failure)

    def _raise(self, *args: object, **kwargs: object) -> NoReturn:
        raise Broken(object.__getattribute__(self, "_failure"))

    def __getattr__(self, name: str) -> NoReturn:
        if name.startswith("__"):
            raise AttributeError(name)
        self._raise()

    def __mro_entries__(self, bases: object) -> tuple[type, ...]:
        lost = self._raise
        return (type("LostName", (), {"__init__": lambda self, *args, **kwargs: lost()}),)

    #: An array on the left leaves the operation to this.
    __array_ufunc__ = None
    __call__ = __setattr__ = __getitem__ = __setitem__ = __iter__ = __enter__ = __len__ = _raise
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __matmul__ = _raise
    __rmatmul__ = __truediv__ = __rtruediv__ = __neg__ = __pow__ = __rpow__ = __bool__ = _raise
    __float__ = __int__ = __index__ = __array__ = __lt__ = __le__ = __gt__ = __ge__ = _raise
    __floordiv__ = __rfloordiv__ = __mod__ = __rmod__ = __contains__ = __abs__ = _raise


def lost(failure: Failure, cause: str) -> LostName:
    """Return what stands for a name that isn't there by *failure*, which a better cause may name.

    A failure that another stand-in raised keeps its own.
    """
    return LostName(failure if failure.cause else replace(failure, cause=cause))


def clear(module: types.ModuleType) -> None:
    """Take all names out of *module* that it got from its text."""
    kept = {name: value for name, value in vars(module).items() if name.startswith("__")}
    module.__dict__.clear()
    module.__dict__.update(kept)
