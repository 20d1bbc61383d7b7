"""The terms of an output: what it is added up of, or multiplied of, as plain arrays."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from grader.model.literals import Composition, ReadingStep
from grader.model.trees import Array

#: How a quantity is found from an output, step by step (:func:`grader.numeric.terms.quantity`).
Reading = Sequence[tuple[ReadingStep, Array]]


@dataclass(frozen=True)
class OutputTerms:
    """What one array of one example is made of, with the weights that are right.

    Added up (or multiplied) the ``terms`` are the right array: each stands there with its sign
    and all its factors, under what a student calls it ("the path through the variance"). All
    have the array's shape. ``instead`` holds known wrong forms by term, each under a clause that
    says what is wrong ("it lacks gamma"); ``others`` what doesn't belong there at all. ``symbols``
    are sizes (whole numbers) and settings by name, in which a wrong weight may be told.

    ``read`` says how the array is found from the output, where it isn't the output itself.
    ``entry`` names the array within an output that is a dict. ``places`` say in a sentence what the
    array belongs to, from the largest part to the smallest ("the gradients", "the gradients of W",
    "the gradient of the last W"): what is otherwise is told of the largest that it explains. Where
    there are none it is the output by its name.
    """

    terms: Mapping[str, Array]
    instead: Mapping[str, Mapping[str, Array]] = field(default_factory=dict)
    others: Mapping[str, Array] = field(default_factory=dict)
    symbols: Mapping[str, float] = field(default_factory=dict)
    read: Reading = ()
    entry: str = ""
    places: Sequence[str] = ()

    def arrays(self) -> Iterator[Array]:
        """Yield all arrays that belong in one sum or product: right, wrong, and too many."""
        yield from self.terms.values()
        yield from self.others.values()
        for forms in self.instead.values():
            yield from forms.values()


@dataclass(frozen=True)
class DeclaredTerms:
    """The terms of an output on all public examples of a run: for each, those of its arrays.

    They say something only where the output that ``after`` names is right, if it names one.
    """

    output: str
    composition: Composition
    examples: Sequence[Sequence[OutputTerms]]
    after: str = ""
