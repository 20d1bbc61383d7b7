"""Wrong weights of terms are found and named, and nothing is said where that isn't sure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.model.terms import OutputTerms
from grader.numeric.terms import equation, fitted, quantity
from grader.numeric.weights import Fitted

SHAPES = ((4, 3), (5, 6), (7, 4), (6, 5))
WEIGHTS = {
    "0": lambda n: 0.0,
    "-1": lambda n: -1.0,
    "1/2": lambda n: 0.5,
    "2": lambda n: 2.0,
    "N": lambda n: float(n),
    "1/N": lambda n: 1 / n,
    "N/(N - 1)": lambda n: n / (n - 1),
}


def drawn(seed: int, names: Sequence[str] = "abc", extra: str = "z") -> list[OutputTerms]:
    """Return terms of a few examples, with a known wrong form of the first."""
    found = []
    for shape in SHAPES:
        draw = np.random.default_rng([seed, *shape])
        terms = {name: draw.standard_normal(shape) for name in names}
        first = names[0]
        found.append(
            OutputTerms(
                terms,
                instead={first: {"it is squared": terms[first] ** 2}},
                others={extra: draw.standard_normal(shape)},
                symbols={"N": shape[0], "D": shape[1]},
            )
        )
    return found


def explained(
    examples: Sequence[OutputTerms], outputs: Sequence[np.ndarray], *, product: bool = False
) -> list[Fitted] | None:
    """Return what is otherwise in *outputs*."""
    made = [equation(o, t, product=product) for o, t in zip(outputs, examples, strict=True)]
    assert None not in made
    return fitted(
        [one for one in made if one is not None], list(examples[0].others), product=product
    )


def weighted(examples: Sequence[OutputTerms], weights: Mapping[str, str]) -> list[np.ndarray]:
    """Return sums in which some terms come in with a weight of that name."""
    return [
        sum(
            (WEIGHTS[weights[name]](t.symbols["N"]) if name in weights else 1.0) * array
            for name, array in t.terms.items()
        )
        for t in examples
    ]


def test_a_right_sum_has_nothing_otherwise() -> None:
    """An empty list, which isn't the same as no reading."""
    assert explained(drawn(0), weighted(drawn(0), {})) == []


@given(seed=st.integers(0, 999), name=st.sampled_from("abc"), weight=st.sampled_from([*WEIGHTS]))
def test_one_wrong_weight_is_named(seed: int, name: str, weight: str) -> None:
    """Whichever term it is, and whatever its weight."""
    examples = drawn(seed)
    found = explained(examples, weighted(examples, {name: weight}))
    assert found == [Fitted((name,), weight)]


@given(seed=st.integers(0, 999), weights=st.permutations([*WEIGHTS]))
def test_two_wrong_weights_are_named(seed: int, weights: list[str]) -> None:
    """Each with its own name."""
    examples = drawn(seed)
    found = explained(examples, weighted(examples, {"a": weights[0], "c": weights[1]}))
    assert found == [Fitted(("a",), weights[0]), Fitted(("c",), weights[1])]


@given(seed=st.integers(0, 999), weight=st.sampled_from([*WEIGHTS]))
def test_a_weight_that_terms_share_is_one_thing(seed: int, weight: str) -> None:
    """Two terms out of one sum with the same wrong weight."""
    examples = drawn(seed)
    found = explained(examples, weighted(examples, {"a": weight, "b": weight}))
    assert found == [Fitted(("a", "b"), weight)]


def test_a_known_wrong_form_and_a_term_too_many_are_found() -> None:
    """Both at once."""
    examples = drawn(3)
    outputs = [
        t.instead["a"]["it is squared"] + t.terms["b"] + t.terms["c"] + 0.5 * t.others["z"]
        for t in examples
    ]
    assert explained(examples, outputs) == [
        Fitted(("z",), "1/2", extra=True),
        Fitted(("a",), "1", "it is squared"),
    ]


@given(seed=st.integers(0, 999), size=st.sampled_from([1e-6, 1e-3, 1.0]))
def test_what_is_no_sum_of_terms_is_not_explained(seed: int, size: float) -> None:
    """A wrong weight, and a little of something else: nothing is said."""
    examples = drawn(seed)
    draw = np.random.default_rng(seed)
    outputs = [
        array + size * draw.standard_normal(array.shape)
        for array in weighted(examples, {"a": "1/2"})
    ]
    assert explained(examples, outputs) is None


def test_a_weight_of_another_name_on_one_example_is_not_told() -> None:
    """Half on three examples, a third on the fourth."""
    examples = drawn(4)
    outputs = weighted(examples, {"a": "1/2"})
    outputs[3] = outputs[3] - examples[3].terms["a"] * (0.5 - 1 / 3)
    assert explained(examples, outputs) is None


def test_terms_that_are_alike_are_not_told_apart() -> None:
    """Where two terms are the same array, the weight of neither is known."""
    examples = [
        OutputTerms({"a": t.terms["a"], "b": t.terms["a"], "c": t.terms["c"]}, symbols=t.symbols)
        for t in drawn(5)
    ]
    assert explained(examples, weighted(examples, {"a": "1/2"})) is None


def test_numbers_have_terms_too() -> None:
    """A loss is one number an example: that all of them agree is what shows it."""
    draw = np.random.default_rng(6)
    examples = [
        OutputTerms(
            {name: np.array(draw.uniform(0.5, 2.0)) for name in ("data", "W1", "W2")},
            symbols={"N": n},
        )
        for n in (3, 4, 5, 6, 7, 9)
    ]
    assert explained(examples, weighted(examples, {"W1": "2", "W2": "2"})) == [
        Fitted(("W1", "W2"), "2")
    ]
    assert explained(examples, weighted(examples, {"data": "N"})) == [Fitted(("data",), "N")]
    assert explained(examples, weighted(examples, {"W1": "2", "W2": "1/2"})) == [
        Fitted(("W1",), "2"),
        Fitted(("W2",), "1/2"),
    ]
    assert explained(examples, [np.array(float(i)) for i in range(6)]) is None


@pytest.mark.parametrize(
    ("powers", "found"),
    [
        ({"b": 0.0}, [Fitted(("b",), "0")]),
        ({"a": -1.0}, [Fitted(("a",), "-1")]),
        ({"c": 2.0}, [Fitted(("c",), "2")]),
        ({"a": 0.0, "b": 2.0}, [Fitted(("a",), "0"), Fitted(("b",), "2")]),
        ({"a": 0.7}, None),
    ],
)
def test_factors_have_powers(powers: dict[str, float], found: list[Fitted] | None) -> None:
    """Missing, inverted, squared; a power that nobody writes is none."""
    examples = [OutputTerms({n: np.exp(a) for n, a in t.terms.items()}) for t in drawn(7)]
    outputs = [
        np.prod([array ** powers.get(name, 1.0) for name, array in t.terms.items()], axis=0)
        for t in examples
    ]
    assert explained(examples, outputs, product=True) == found


def test_a_product_of_the_opposite_sign_is_told_by_its_sign() -> None:
    """Its size is right; and a sign that is off here and there is not explained."""
    examples = [OutputTerms(t.terms) for t in drawn(8)]
    outputs = [-np.prod([*t.terms.values()], axis=0) for t in examples]
    assert explained(examples, outputs, product=True) == [Fitted(("a", "b", "c"), "sign")]
    outputs[0][0, 0] *= -1
    assert explained(examples, outputs, product=True) is None


def test_a_quantity_is_read_from_an_output() -> None:
    """The mean square behind an update rule's step, found from the weights after it."""
    w, dw, cache = np.array([1.0, 2.0]), np.array([0.3, -0.4]), np.array([0.04, 0.09])
    after = w - 0.1 * dw / (np.sqrt(cache) + 1e-8)
    read = [("minus", w), ("into", -0.1 * dw), ("minus", np.array(1e-8)), ("power", np.array(2.0))]
    assert np.allclose(quantity(after, read), cache, rtol=1e-12)


@pytest.mark.parametrize("output", [np.zeros((3, 4)), np.full((4, 3), np.nan)])
def test_another_shape_and_what_is_not_finite_have_no_equation(output: np.ndarray) -> None:
    """Nothing can be said of them."""
    assert equation(output, drawn(9)[0], product=False) is None
