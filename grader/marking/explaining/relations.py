"""How what is wrong stands to the right answers, to the inputs, and to the examples that pass.

What a relation says holds on every public example that fails, and on enough of them, or enough
elements, not to be chance. Where how an array is wrong is said already
(:mod:`grader.numeric.structure`), nothing is added.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from grader.kinds.arrays import leaves
from grader.marking.explaining.evidence import number, related
from grader.marking.explaining.failure import PublicFailure
from grader.marking.explaining.settings import setting
from grader.model.evidence import ExplanationFacts
from grader.model.programs import Inputs
from grader.model.steps import Call
from grader.model.trees import Array, Tree
from grader.numeric.errors import agrees, distance, norm
from grader.wording.messages import name_of
from grader.wording.relations import ELEMENTS, RELATIONS

#: Elements on each side that a predicate tells apart at least.
ENOUGH = 8
#: What is smaller than this, relative to what is right, is what rounding leaves of zero.
ROUNDING = 1e-12
#: Stages at which numbers came in the shape that is asked.
_NUMBERS = frozenset(("value", "gradient"))


@dataclass(frozen=True)
class ShownExample:
    """A public example: its inputs, and what came and what is right, by the name of the array."""

    inputs: Inputs
    got: Mapping[str, Array | None]
    right: Mapping[str, Array]

    def wrong(self, name: str) -> bool:
        got, right = self.got[name], self.right[name]
        return got is None or got.shape != right.shape or not agrees(got, right)


class Relations:
    """A mechanism: says in what relation a wrong output stands, where it is in one."""

    def explain(self, failure: PublicFailure) -> list[ExplanationFacts]:
        """Return what is shown of the first wrong output of which something is."""
        stage, examples = failure.verdict.stage, _examples(failure)
        if failure.verdict.right_numbers or not examples:
            return []
        tests = _OF_NUMBERS if stage in _NUMBERS else _OF_OUTPUTS if stage == "shape" else ()
        structure = related(failure.ladder, [*enumerate(failure.outcomes)], failure.verdict.output)
        if structure is not None:
            tests = (_edges,) if structure["kind"] == "rows" else ()
        for name in examples[0].right:
            wrong = [example for example in examples if example.wrong(name)]
            if wrong and name.partition(".")[0] in failure.wrong:
                for test in tests:
                    for kind, words in test(name, wrong, examples, failure):
                        return [_facts(kind, name, failure, words)]
        return []


def _facts(
    kind: str, name: str, failure: PublicFailure, words: Mapping[str, str]
) -> ExplanationFacts:
    text = RELATIONS[kind].format(call=failure.check.call, output=name_of(name), **words)
    return {"mechanism": "structure", "text": text, "outputs": [name]}


def _examples(failure: PublicFailure) -> list[ShownExample]:
    """Return the public examples, with the arrays of the check's outputs."""
    found = []
    answers = failure.ladder.answers
    for inputs, answer, outcome in zip(
        failure.ladder.run.examples, answers, failure.outcomes, strict=True
    ):
        arrays = [
            (name, number(got), number(right))
            for output in failure.check.outputs
            for name, got, right in leaves(output, outcome.gave.get(output), answer.get(output))
        ]
        got = {name: one for name, one, right in arrays if right is not None}
        found.append(ShownExample(inputs, got, {n: r for n, _, r in arrays if r is not None}))
    names = [one.right.keys() for one in found]
    return [one for one in found if all(one.right.keys() == other for other in names)]


Found = Iterator[tuple[str, Mapping[str, str]]]
Relation = Callable[[str, Sequence[ShownExample], Sequence[ShownExample], PublicFailure], Found]


def _outputs(
    name: str, wrong: Sequence[ShownExample], examples: Sequence[ShownExample], _: PublicFailure
) -> Found:
    """It is what is asked as another output, or both have changed places."""
    for other in wrong[0].right:
        if other == name or not any(_tells(e.right[other], e.right[name]) for e in wrong):
            continue
        if all(_equal(e.got[name], e.right[other]) for e in wrong):
            swapped = all(_equal(e.got[other], e.right[name]) for e in wrong)
            yield "swapped" if swapped else "other_output", {"other": name_of(other)}


def _inputs(
    name: str, wrong: Sequence[ShownExample], examples: Sequence[ShownExample], _: PublicFailure
) -> Found:
    """It is an input, unchanged."""
    for input, array in _arrays(wrong[0].inputs).items():
        others = [_arrays(e.inputs).get(input) for e in wrong]
        if not any(o is not None and np.count_nonzero(o) > 1 for o in others):
            continue
        if _equal(wrong[0].got[name], array) and all(
            _equal(e.got[name], other) for e, other in zip(wrong, others, strict=True)
        ):
            yield "input", {"input": name_of(input)}


def _order(
    name: str, wrong: Sequence[ShownExample], examples: Sequence[ShownExample], _: PublicFailure
) -> Found:
    """The right numbers are there, at other places."""
    pairs = [(e.got[name], e.right[name]) for e in wrong]
    if not any(len(np.unique(right[right != 0])) > 1 for _, right in pairs):
        return
    if all(got is not None and _equal(_sorted(got), _sorted(right)) for got, right in pairs):
        yield "permuted", {}


def _rounding(
    name: str, wrong: Sequence[ShownExample], examples: Sequence[ShownExample], _: PublicFailure
) -> Found:
    """It is zero but for rounding."""
    pairs = [(e.got[name], e.right[name]) for e in wrong]
    if any(np.count_nonzero(right) > 1 for _, right in pairs) and all(
        got is not None and norm(got) < ROUNDING * norm(right) for got, right in pairs
    ):
        yield "vanishing", {}


def _alike(
    name: str, wrong: Sequence[ShownExample], examples: Sequence[ShownExample], _: PublicFailure
) -> Found:
    """All elements are one number."""
    pairs = [(e.got[name], e.right[name]) for e in wrong]
    several = [(got, right) for got, right in pairs if right.size > 1]
    if len(several) > 1 and all(
        got is not None and _constant(got) and not _constant(right) for got, right in several
    ):
        yield "constant", {}


def _elements(
    name: str, wrong: Sequence[ShownExample], examples: Sequence[ShownExample], _: PublicFailure
) -> Found:
    """All wrong elements, and no others that count, stand where an input is of one sign."""
    for input in _arrays(wrong[0].inputs):
        pairs: list[tuple[Array, Array, Array]] = []
        for e in examples:
            array, got, right = _arrays(e.inputs).get(input), e.got[name], e.right[name]
            if array is None or got is None or not got.shape == right.shape == array.shape:
                pairs = []
                break
            pairs.append((array.ravel(), got.ravel(), right.ravel()))
        if not pairs:
            continue
        array, got, right = (np.concatenate(parts) for parts in zip(*pairs, strict=True))
        off = np.abs(got - right) > 1e-9 * (np.abs(got) + np.abs(right) + 1e-3)
        counts = off | (right != 0)
        for what, has in _PREDICATES.items():
            inside = has(array)
            enough = min((off & inside).sum(), (counts & ~inside).sum()) >= ENOUGH
            if enough and not (off & ~inside).any() and not (counts & inside & ~off).any():
                yield "where", {"input": name_of(input), "what": ELEMENTS[what]}


def _edges(
    name: str, wrong: Sequence[ShownExample], examples: Sequence[ShownExample], _: PublicFailure
) -> Found:
    """The first row is wrong, or the last one, and all others are right."""
    rows = [found for e in wrong if len(found := _wrong_rows(e, name)) > 1]
    if len(rows) != len(wrong) or sum(len(found) > 2 for found in rows) < 2:
        return
    for kind, place in (("first_row", 0), ("last_row", -1)):
        if all(found[place] and sum(found) == 1 for found in rows):
            yield kind, {}


def _settings(
    name: str, wrong: Sequence[ShownExample], examples: Sequence[ShownExample], _: PublicFailure
) -> Found:
    """The examples that fail have something in common that no other has."""
    passed = [e.inputs for e in examples if not e.wrong(name)]
    what = setting([e.inputs for e in wrong], passed)
    if what:
        yield "setting", {"what": what}


def _calls(
    name: str,
    wrong: Sequence[ShownExample],
    examples: Sequence[ShownExample],
    failure: PublicFailure,
) -> Found:
    """Of several calls of one function the first is right, and no later one."""
    calls = [s.target for s in failure.ladder.run.program.steps if isinstance(s, Call)]
    names = [*wrong[0].right]
    if len(calls) != len(names) or len(names) < 2 or len(set(calls)) > 1:
        return
    if len(examples) > 1 and all(
        not e.wrong(names[0]) and all(e.wrong(later) for later in names[1:]) for e in examples
    ):
        yield "later_calls", {}


_OF_OUTPUTS: tuple[Relation, ...] = (_outputs,)
_OF_NUMBERS: tuple[Relation, ...] = (
    _outputs,
    _inputs,
    _rounding,
    _order,
    _alike,
    _elements,
    _edges,
    _settings,
    _calls,
)
_PREDICATES: Mapping[str, Callable[[Array], Array]] = {
    "negative": lambda array: array < 0,
    "positive": lambda array: array > 0,
    "zero": lambda array: array == 0,
}


def _arrays(inputs: Inputs) -> dict[str, Array]:
    """Return the arrays of floating point among the inputs, and in dicts of them."""
    found: dict[str, Tree] = {}
    for name, value in inputs.items():
        if isinstance(value, dict):
            found |= {f"{name}.{key}": child for key, child in value.items()}
        else:
            found[name] = value
    return {
        name: value
        for name, value in found.items()
        if isinstance(value, np.ndarray) and value.dtype.kind == "f"
    }


def _equal(one: Array | None, other: Array | None) -> bool:
    return one is not None and other is not None and one.shape == other.shape and agrees(one, other)


def _tells(one: Array, other: Array) -> bool:
    """Say whether an array has two elements other than zero, and isn't another one."""
    return int(np.count_nonzero(one)) > 1 and not _equal(one, other)


def _sorted(array: Array) -> Array:
    return np.sort(array.ravel())


def _constant(array: Array) -> bool:
    return distance(array, np.full_like(array, array.flat[0])).within()


def _wrong_rows(example: ShownExample, name: str) -> list[bool]:
    got, right = example.got[name], example.right[name]
    if got is None or got.shape != right.shape or right.ndim < 2:
        return []
    return [not agrees(one, other) for one, other in zip(got, right, strict=True)]
