"""What a course declares of an output's terms: functions that give them for an example.

The build evaluates them on the public examples and stores what they give beside the key; nothing of
a course's own runs while a submission is marked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from grader.model.literals import Composition
from grader.model.programs import Inputs
from grader.model.terms import OutputTerms
from grader.model.trees import Tree

__all__ = ["OutputTerms", "Product", "Sum"]

#: Of an example's inputs and the reference's answers, the terms of an output's arrays; none where
#: the example is of another sort.
TermsOf = Callable[[Inputs, Mapping[str, Tree]], OutputTerms | Sequence[OutputTerms] | None]


@dataclass(frozen=True)
class Sum:
    """An ``output`` of a ``question`` whose ``terms`` add up to it, as a function of an example.

    Where a reference's answer to other inputs is one of the terms, ``beside`` makes these of an
    example's, and ``terms`` is given the answers to them: a loss without regularization is what
    the network answers where ``reg`` is zero. ``after`` names an output on which this one rests:
    its terms say something only where that one is right. Several declarations of one output are
    several ways to see it; the one speaks by which the fewest things are wrong.
    """

    question: str
    output: str
    terms: TermsOf
    beside: Callable[[Inputs], Inputs] | None = None
    after: str = ""
    composition: ClassVar[Composition] = "sum"


@dataclass(frozen=True)
class Product(Sum):
    """The same of factors, none of them zero. A wrong weight is a power."""

    composition: ClassVar[Composition] = "product"
