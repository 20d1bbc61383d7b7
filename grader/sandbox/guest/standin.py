"""In the child: a module of the package that doesn't load, made of the course's text.

What the student writes in it says, when it is called, why the module didn't load. So a file that
doesn't parse costs only what needs it. (Modules that aren't the package's have stand-ins of
another kind: :mod:`grader.sandbox.guest.standins`.)
"""

from __future__ import annotations

import types
from collections.abc import Callable, Collection
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


def clear(module: types.ModuleType) -> None:
    """Take all names out of *module* that it got from its text."""
    kept = {name: value for name, value in vars(module).items() if name.startswith("__")}
    module.__dict__.clear()
    module.__dict__.update(kept)
