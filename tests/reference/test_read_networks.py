"""A network read from its arrays gives the scores of the reference's, whatever they are called."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest

from cs682.classifiers.fc_net import FullyConnectedNet, TwoLayerNet
from grader.numeric.networks import Averages, ReadNetwork, readings

D, C = 12, 5
Params = Mapping[str, Any]


def trained(normalization: str | None, hidden: list[int], dtype: Any = np.float64) -> Any:
    """Return a network with parameters off their start, and running averages from some batches."""
    draw = np.random.default_rng(3)
    net = FullyConnectedNet(
        hidden, D, C, dropout=0.7, normalization=normalization, weight_scale=0.4, dtype=dtype
    )
    for name, value in net.params.items():
        net.params[name] = (value + draw.normal(0, 0.3, value.shape)).astype(dtype)
    for _ in range(5):
        net.loss(draw.normal(1, 2, (20, 3, 4)), draw.integers(0, C, 20))
    return net


def averages(net: Any) -> list[Averages | None]:
    return [
        Averages(kept["running_mean"], kept["running_var"]) if "running_mean" in kept else None
        for kept in net.bn_params
    ]


def first(net: Any, params: Params) -> ReadNetwork:
    return next(readings(params, averages(net), D, C))


X = np.random.default_rng(5).normal(1, 2, (30, 3, 4))


@pytest.mark.parametrize("hidden", [[], [7], [7, 7, 7], [9, 6, 8, 6, 7]])
@pytest.mark.parametrize("normalization", [None, "batchnorm", "layernorm"])
def test_scores_are_the_references(normalization: str | None, hidden: list[int]) -> None:
    """Of any depth and normalization, with dropout off: to rounding."""
    net = trained(normalization, hidden)
    expected = net.loss(X)
    found = first(net, net.params)
    assert len(found.layers) == 1 + len(hidden)
    assert np.allclose(found.scores(X), expected, rtol=1e-12, atol=1e-12)


def test_parameters_in_float32_pick_the_same_classes() -> None:
    """What a network in float32 scores differs by rounding only."""
    net = trained("batchnorm", [8, 8], np.float32)
    assert np.allclose(first(net, net.params).scores(X), net.loss(X), atol=1e-4)


def renamed(**names: str) -> Callable[[Params], Params]:
    def rename(params: Params) -> Params:
        found = {}
        for name, value in params.items():
            letters, number = name.rstrip("0123456789"), int(name.lstrip("Wbgamet"))
            found[names.get(letters, letters).format(number, number - 1)] = value
        return found

    return rename


OTHER_NAMES: list[Callable[[Params], Params]] = [
    renamed(W="weights{0}", b="bias{0}", gamma="gamma{0}", beta="beta{0}"),
    renamed(W="W{1}", b="b{1}", gamma="gamma{1}", beta="beta{1}"),
    renamed(W="('w', {0})", b="('b', {0})", gamma="('g', {0})", beta="('shift', {0})"),
    renamed(W="theta_{0}", b="u_{0}", gamma="v_{0}", beta="w_{0}"),
    lambda params: dict(reversed(params.items())),
    lambda params: {name: p.T for name, p in params.items()},
    lambda params: {name: p[None] if p.ndim == 1 else p for name, p in params.items()},
    lambda params: {**params, "spare": np.ones((7, C))},
]


@pytest.mark.parametrize("other", OTHER_NAMES)
@pytest.mark.parametrize("normalization", [None, "batchnorm", "layernorm"])
def test_other_names_and_forms_are_read(
    other: Callable[[Params], Params], normalization: str | None
) -> None:
    """One of the readings is it: names from zero, tuples, turned weights, another order."""
    net = trained(normalization, [7, 7, 7])
    found = list(readings(other(net.params), averages(net), D, C))
    assert len(found) <= 40
    assert any(np.allclose(network.scores(X), net.loss(X)) for network in found)


def test_a_two_layer_network_is_one() -> None:
    """The smaller class's parameters are those of a network of one hidden layer."""
    net = TwoLayerNet(D, 6, C, weight_scale=1.0)
    found = next(readings(net.params, [], D, C))
    assert np.allclose(found.scores(X), net.loss(X))


GOOD = {"W1": np.ones((D, 4)), "b1": np.ones(4), "W2": np.ones((4, C)), "b2": np.ones(C)}


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"templates": np.ones((C, 50))},
        {**GOOD, "W2": np.ones((5, C))},
        {**GOOD, "b1": np.full(4, np.nan)},
        {**GOOD, "b1": "no array"},
        {**GOOD, "b1": np.array(["a"] * 4)},
        {**GOOD, "b1": np.ones(3)},
        {**GOOD, "W1": np.ones((1 << 13, 1 << 12))},
        {f"W{n}": np.ones((D, D)) for n in range(500)},
    ],
    ids=["none", "templates", "no chain", "nan", "text", "letters", "bias", "large", "many"],
)
def test_what_is_no_network_has_no_reading(params: Params) -> None:
    """Nothing is made up, and nothing large is computed."""
    assert not list(readings(params, [], D, C))


def test_another_number_is_another_network() -> None:
    """A wrong formula would show: each array changes the scores."""
    net = trained("batchnorm", [7, 7])
    scores = first(net, net.params).scores(X)
    for name, value in net.params.items():
        changed = first(net, {**net.params, name: value + 0.1})
        assert not np.allclose(changed.scores(X), scores), name
