"""Checks, and the rows that an assignment writes to get them.

A row is data: it names functions and a strategy for their inputs. The engine derives the proofs
(:mod:`grader.kinds`), so that adding a layer is adding a row and a strategy.

Points in a row are shares: those of one question's cases add up to the question's points in the
manifest.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from grader.model.programs import Inputs, Run
from grader.model.trees import Tree

if TYPE_CHECKING:  # a floor for arrays must not load Hypothesis for those who only grade
    from hypothesis.strategies import SearchStrategy

#: What right numbers in a wrong shape lose of a value check, where a row says nothing else.
SHAPE_SHARE = 0.25


@dataclass(frozen=True)
class Check:
    """One proof within a question, judged on some outputs of one run.

    ``visibility``: ``published`` (the notebook's own figures), ``hidden`` (the key's), or
    ``property`` (explains, and carries no points). ``judge`` names the comparison
    (:mod:`grader.marking.judging`), ``settings`` are its own. ``needs`` names the check whose
    passing this one's points depend on, if any, and so on through what that one needs.
    """

    id: str
    question: str
    title: str
    visibility: str
    run: str
    judge: str
    outputs: tuple[str, ...]
    points: float
    call: str
    shape_share: float = SHAPE_SHARE
    needs: str | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Part:
    """A function that the reference can answer for, where a question builds on a failed one.

    ``held`` is the item of its result that stays with the reference, which its partner asks for
    (a layer's cache); ``None`` if there is no such item.
    """

    target: str
    held: int | None = None


@dataclass(frozen=True)
class Sheet:
    """A run whose examples are known, with the reference's answers (one dict an example).

    ``also`` holds further lists of answers that are right as well.
    """

    run: Run
    answers: Sequence[Mapping[str, Tree]]
    also: Sequence[Sequence[Mapping[str, Tree]]] = ()


@dataclass(frozen=True)
class Published:
    """Figures of the course's notebook: its row there, inputs, outputs and the bound to meet.

    ``bound`` is on the notebook's element-wise relative error.
    """

    row: int
    inputs: Inputs
    outputs: Mapping[str, Tree]
    bound: float


@dataclass(frozen=True)
class Case:
    """One family of inputs that gets a check of its own.

    ``outputs`` are compared with the key; ``points`` are the check's. ``count`` says how many
    examples the key holds. ``needs`` names the case whose passing the points depend on, where
    doing nothing at all would pass this one.
    """

    name: str
    title: str
    inputs: SearchStrategy[dict[str, Tree]]
    points: float
    outputs: tuple[str, ...]
    count: int = 25
    shape_share: float = SHAPE_SHARE
    needs: str = ""


@dataclass(frozen=True)
class Forward:
    """A layer's forward pass, ``function(*arguments) -> (out, cache)``.

    ``state`` names inputs that the function updates in place, and the items to look at.
    ``cache`` is the usual form of what it hands to the backward pass, where there is one: the
    name of an argument, or several. A backward pass is called on it where the forward gave none.
    """

    question: str
    function: str
    arguments: tuple[str, ...]
    cases: tuple[Case, ...]
    published: tuple[Published, ...] = ()
    published_points: float = 0.0
    state: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    cache: str | tuple[str, ...] = ()


@dataclass(frozen=True)
class Backward:
    """A layer's backward pass, ``function(dout, cache) -> one gradient for each of wrt``.

    Its inputs are the forward's and ``dout``. ``gradient_points`` go to agreement with central
    differences of the student's own forward.
    """

    question: str
    function: str
    forward: Forward
    wrt: tuple[str, ...]
    cases: tuple[Case, ...]
    gradient_points: float
    published: tuple[Published, ...] = ()
    published_points: float = 0.0

    @property
    def outputs(self) -> tuple[str, ...]:
        return tuple("d" + name for name in self.wrt)


@dataclass(frozen=True)
class Rule:
    """An update rule, ``function(w, dw, config) -> (next_w, config)``, over several steps.

    A case's inputs are ``w``, ``dw1`` to ``dwN`` and ``config``; its outputs ``w1`` to ``wN``, one
    for each step. ``also`` names functions of the witness whose answers are right too, where the
    literature has two forms that differ in the last digits.
    """

    question: str
    function: str
    cases: tuple[Case, ...]
    published: tuple[Published, ...] = ()
    published_points: float = 0.0
    also: tuple[str, ...] = ()


@dataclass(frozen=True)
class Network:
    """A model class: ``cls(*arguments, **options)``, ``loss(X)``, ``loss(X, y)``, ``params``.

    A case's inputs are ``arguments`` (a list), ``options`` (a dict), ``params``, ``X`` and
    ``y``; its outputs ``scores``, ``loss``, ``grads``, and where the inputs hold a ``new_reg``,
    ``new_loss`` and ``new_grads`` after ``model.reg`` was set from outside; a case with
    ``params`` among its outputs (inputs hold ``shapes``) asks that each has a gradient.
    ``initial`` are cases whose inputs hold ``shapes`` and ``scale`` in place of ``params``, and
    in ``ones`` the names of vectors that start at one. ``slopes`` are cases
    judged by central differences of the model's own loss along the parameters that their
    ``outputs`` name. ``dropped`` are cases judged by the mask that shows in the gradients of the
    last weights and biases, which their ``outputs`` name: one example, inputs ``plain`` (the
    options without dropout) and ``keep`` (the probability of keeping a unit).
    """

    question: str
    cls: str
    cases: tuple[Case, ...]
    initial: tuple[Case, ...] = ()
    slopes: tuple[Case, ...] = ()
    dropped: tuple[Case, ...] = ()
    published: tuple[Published, ...] = ()
    published_points: float = 0.0
    spellings: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True)
class Mask:
    """A layer that drops at random, ``function(x, param) -> (out, cache)``.

    ``param`` is the name of its dict of parameters, with ``mode``, ``p`` (the probability of
    keeping) and ``seed``; inputs hold a param ``other`` with another seed, and ``keep``, which is
    p, or 1 in test mode. Never compared with the key while it draws.
    """

    question: str
    function: str
    param: str
    cases: tuple[Case, ...]
    backward: str = ""
    backward_question: str = ""
    backward_cases: tuple[Case, ...] = ()


Row = Forward | Backward | Rule | Network | Mask
