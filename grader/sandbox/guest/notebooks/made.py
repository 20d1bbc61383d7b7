"""In the child: what an answer's own cells have made, and what they found there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice

from grader.model.steps import Ends
from grader.model.trees import Tree
from grader.sandbox.guest.failures import Missing
from grader.sandbox.guest.notebooks import namespace
from grader.sandbox.guest.notebooks.assigned import assigned
from grader.sandbox.guest.notebooks.earlier import Earlier
from grader.sandbox.guest.notebooks.namespace import Namespace
from grader.sandbox.guest.notebooks.stopping import Stopping
from grader.sandbox.guest.notebooks.trainings import trainings

#: The most variables of a notebook that are looked through.
_VARIABLES = 2000


class Made:
    """What is made in *variables* from now on, where models are what has a *method*.

    ``sources`` are the texts of the answer's cells that have run. The arguments of the classes
    named *calls* are recorded, and their trainings end as *ends* says; *variable* holds the
    notebook's data.
    """

    def __init__(
        self,
        variables: Namespace,
        method: str = "",
        calls: Sequence[str] = (),
        variable: str = "",
        ends: Ends | None = None,
    ) -> None:
        self._variables = variables
        self._earlier = Earlier(self._values(), method) if method else Earlier()
        self._printed = namespace.position()
        self._found: object = None
        self.sources: list[str] = []
        classes = [variables.given.get(name, variables.names.get(name)) for name in calls]
        variables.recorder.follow(classes, variables.given.get(variable))
        self._stopping = Stopping(ends or Ends(), lambda: self.sources)
        self._stopping.watch(classes)

    def model(self, values: Iterable[object], names: Sequence[str], method: str) -> object:
        """Return the first model, as :func:`.namespace.model` does."""
        self._found = namespace.model(values, names, method, self._earlier)
        return self._found

    def histories(
        self, values: Iterable[object], attributes: Sequence[str]
    ) -> dict[str, list[float]]:
        """Return histories, as :func:`.namespace.histories` does."""
        return namespace.histories(values, attributes, self._earlier)

    def holdings(self, names: Sequence[str], method: str) -> dict[str, Tree]:
        """Return what variables hold, as :class:`~grader.model.steps.Holdings` says."""
        able = assigned(self.sources)
        return {
            "held": namespace.holdings(self._variables.names, names, method, self._earlier),
            "assigned": [able is None or name in able for name in names],
            "printed": self._printed,
            "stopped": self._stopping.stopped,
            "unsure": self._stopping.unsure,
            "ended": self._stopping.ended(self._kept(names, method)),
        }

    def trainings(
        self, attributes: Sequence[str], variable: str, images: Sequence[str]
    ) -> list[Tree]:
        """Return what is known of trainings, as :class:`~grader.model.steps.Trainings` says."""
        data = self._variables.given.get(variable)
        if not isinstance(data, dict):
            return []
        recorded = self._variables.recorder.arguments
        values = self._values()
        return trainings(values, self._earlier, self._found, attributes, data, images, recorded)

    def _kept(self, names: Sequence[str], method: str) -> object:
        try:
            values = self._variables.values(names)
            return namespace.model(values, names, method, self._earlier)
        except Missing:
            return None

    def _values(self) -> list[object]:
        given = {id(value) for value in self._variables.given.values()}
        values = islice(list(self._variables.names.values()), _VARIABLES)
        return [value for value in values if id(value) not in given]
