"""In the child: ends a training that has noted an accuracy with which its question is decided.

A solver keeps the parameters that were best on its validation images, so what comes after such an
accuracy can't take it back. The model is measured elsewhere, on images that aren't here; where it
then misses, the cells run again to their end.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterable

from grader.model.steps import Ends
from grader.sandbox.guest.networks import has_averages
from grader.sandbox.guest.scope import Foreign


class Stopping:
    """Ends trainings as *ends* says; *sources* gives the texts of the cells that have run.

    Two kinds go on to their end. Running averages are no parameters, so a solver keeps the last
    ones. And cells that read what else a solver notes (*ends* says the names) may choose by it
    between trainings, of which one that was ended has noted less: where another training begins
    after that, it is ``unsure`` what they would have kept.
    """

    def __init__(self, ends: Ends, sources: Callable[[], Iterable[str]]) -> None:
        self._ends, self._sources = ends, sources
        self._solvers: list[weakref.ref[object]] = []
        self._ended: list[weakref.ref[object]] = []
        self.unsure = False

    def watch(self, classes: Iterable[object]) -> None:
        """Have the solvers among *classes* ask whether they end, at each accuracy they note."""

        def should_stop(solver: Foreign) -> bool:
            try:
                decided = self._decided(solver)
            except Exception:  # a solver of a student's own may keep something else there
                return False
            if decided:
                self._ended.append(weakref.ref(solver.model))
            return decided

        for cls in classes:
            if self._ends.stop and isinstance(cls, type) and hasattr(cls, self._ends.stop):
                try:
                    setattr(cls, self._ends.stop, should_stop)
                except Exception:  # a class of a student's may refuse anything
                    continue

    @property
    def stopped(self) -> bool:
        """Whether a training was ended."""
        return bool(self._ended)

    def ended(self, model: object) -> bool:
        """Say whether a training of *model* was ended."""
        return model is not None and any(known() is model for known in self._ended)

    def _decided(self, solver: Foreign) -> bool:
        if not any(known() is solver for known in self._solvers):
            self._solvers.append(weakref.ref(solver))
        chosen = len(self._solvers) > 1 and any(
            name in text for text in self._sources() for name in self._ends.others
        )
        self.unsure = self.unsure or (chosen and self.stopped)
        enough = bool(getattr(solver, self._ends.noted)[-1] >= self._ends.enough)
        return enough and not chosen and not has_averages(solver.model)
