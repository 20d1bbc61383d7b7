"""In the child: ends trainings, and searches among them, that have decided their question.

A solver keeps the parameters that were best on its validation images, so what comes after a good
accuracy can't take it back. The model is measured elsewhere, on images that aren't here; where it
then misses, the cells run again to their end.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterable, Sequence

from grader.sandbox.guest.scope import Foreign


class Decided(BaseException):
    """The best model of a search is kept, and it is enough. No ``Exception``, as ``TimeUp``."""


class Stopping:
    """Ends trainings that have *enough* as the last value of the list *noted*.

    ``stopped``: whether one was ended. With *kept*, which returns the model that a cell keeps for
    now, a search is ended as well: by :class:`Decided`, when another training begins, two or more
    are over that came to different accuracies, and the model that is kept is that of the best.
    """

    def __init__(
        self, noted: str = "", enough: float = 0.0, kept: Callable[[], object] | None = None
    ) -> None:
        self._noted, self._enough, self._kept = noted, enough, kept
        #: Of each model trained, by a weak reference: the best accuracy noted so far.
        self._best: list[tuple[weakref.ref[object], float]] = []
        self.stopped = False

    def watch(self, classes: Iterable[object], stop: str) -> None:
        """Have the solvers among *classes*, which have the attribute *stop*, ask after each one."""

        def should_stop(solver: Foreign) -> bool:
            try:
                stopped = self._after(solver.model, getattr(solver, self._noted))
            except Exception:  # a solver of a student's own may keep something else there
                return False
            self.stopped = self.stopped or stopped
            return stopped

        for cls in classes:
            if isinstance(cls, type) and hasattr(cls, stop):
                try:
                    setattr(cls, stop, should_stop)
                except Exception:  # a class of a student's may refuse anything
                    continue

    def _after(self, model: object, accuracies: Sequence[float]) -> bool:
        """Say whether a training ends that has noted *accuracies*; raise :class:`Decided`."""
        if len(accuracies) == 1 and self._search_is_decided():
            self.stopped = True
            raise Decided
        self._note(model, float(accuracies[-1]))
        return bool(accuracies[-1] >= self._enough)

    def _note(self, model: object, accuracy: float) -> None:
        for place, (known, best) in enumerate(self._best):
            if known() is model:
                self._best[place] = known, max(best, accuracy)
                return
        self._best.append((weakref.ref(model), accuracy))

    def _search_is_decided(self) -> bool:
        if self._kept is None or len({best for _, best in self._best}) < 2:
            return False
        model, best = max(self._best, key=lambda entry: entry[1])
        return best >= self._enough and model() is not None and self._kept() is model()
