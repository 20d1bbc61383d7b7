"""Masks that draw at random: right ones pass, and each wrong one is named with what it is like."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.kinds import judge
from grader.kinds.dropout import RESEEDED
from grader.kinds.factors import alike, drops, kept, like, other_mask
from grader.model.checks import Check
from grader.model.programs import Outcome
from grader.numeric.strategies import seeds

SHAPE = (40, 50)


def drawn(seed: int, rate: float, shape: tuple[int, ...] = SHAPE) -> np.ndarray:
    return (np.random.default_rng(seed).random(shape) < rate).astype(float)


@given(seeds(), st.sampled_from([0.3, 0.6, 0.8]))
def test_a_right_mask_passes(seed: int, keep: float) -> None:
    """A mask drawn at the right rate and scaled by 1/p is right, however it was drawn."""
    assert kept("out", drawn(seed, keep) / keep, keep, single=True).passed
    many = np.stack([drawn(seed + i, keep) for i in range(8)])
    assert kept("out", many / keep, keep).passed
    assert kept("out", many / np.float32(keep), keep).passed


def test_a_single_row_or_column_may_be_alike() -> None:
    """One row is like itself: that says nothing."""
    assert kept("out", drawn(1, 0.3, (1, 500)) / 0.3, 0.3, single=True).passed
    assert kept("out", drawn(1, 0.3, (500, 1)) / 0.3, 0.3, single=True).passed


ONE_ROW, ONE_COLUMN = drawn(2, 0.3, (1, 50)), drawn(2, 0.3, (40, 1))


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    ("factor", "name", "known"),
    [
        (np.ones(SHAPE), "nothing_dropped", "1, 1"),
        (np.zeros(SHAPE), "all_dropped", "0, "),
        (np.tile(ONE_ROW, (40, 1)) / 0.3, "rows_alike", "p, 1/p"),
        (np.tile(ONE_COLUMN, (1, 50)) / 0.3, "columns_alike", "p|P(z<p), 1/p"),
        (drawn(3, 0.3), "mask_scale", "p, 1"),
        (drawn(3, 0.3) * 0.3, "mask_scale", "p, p"),
        (drawn(3, 0.3) / 0.7, "mask_scale", "p, 1/(1-p)"),
        (drawn(3, 0.3) / 0.09, "mask_scale", "p, 1/p^2"),
        (drawn(3, 0.3) / 0.31, "mask_scale", "p, "),
        (drawn(3, 0.7) / 0.3, "keep_rate", "1-p, 1/p"),
        (drawn(3, 0.618) / 0.3, "keep_rate", "P(z<p), 1/p"),
        (drawn(3, 0.45) / 0.3, "keep_rate", ", 1/p"),
        (np.ones(SHAPE) / 0.3, "keep_rate", "1, 1/p"),
    ],
)
def test_a_wrong_mask_is_named(factor: np.ndarray, name: str, known: str) -> None:
    """What is wrong is named, with what the rate and the factor are like."""
    verdict = kept("out", factor, 0.3, single=True)
    assert (verdict.stage, verdict.output) == ("value", "out")
    found = verdict.evidence["property"]
    assert (found["name"], found["like"]) == (name, known)


def test_what_was_measured_stands_beside_what_was_expected() -> None:
    """A wrong factor and a wrong rate come with their numbers."""
    found = kept("out", drawn(3, 0.3) / 0.5, 0.3, single=True).evidence["property"]
    assert (found["got"], found["expected"]) == (2.0, 1 / 0.3)
    mask = drawn(3, 0.45)
    found = kept("out", mask / 0.3, 0.3, single=True).evidence["property"]
    assert (found["got"], found["expected"]) == (mask.mean(), 0.3)


@pytest.mark.parametrize(
    ("off", "passes"), [(7.7, True), (-7.7, True), (8.0, False), (-8.0, False)]
)
def test_a_rate_is_wrong_where_no_right_draw_comes_to(off: float, passes: bool) -> None:
    """Of a million values, from sqrt(2 log(2e13)) = 7.8 standard errors on."""
    size, keep = 1_000_000, 0.3
    error = np.sqrt(keep * (1 - keep) / size)
    flat = np.zeros(size)
    flat[: round(size * (keep + off * error))] = 1 / keep
    factor = np.random.default_rng(0).permutation(flat).reshape(1000, 1000)
    assert kept("out", factor, keep, single=True).passed is passes


ROWS, COLUMNS = np.indices(SHAPE)


@pytest.mark.parametrize(
    "on",
    [
        np.broadcast_to(np.arange(50) % 3 == 0, SHAPE),
        (COLUMNS + ROWS) % 2 == 0,
        (COLUMNS + 2 * ROWS) % 5 < 2,
        ROWS % 16 < 8,
        COLUMNS // 4 % 2 == 0,
        np.repeat(drawn(7, 0.5, (20, 50)), 2, axis=0),
        np.tile(drawn(7, 0.5, (40, 10)), (1, 5)),
        np.sort(drawn(7, 0.5), axis=0),
    ],
    ids=["columns", "chessboard", "diagonals", "bands", "blocks", "doubled", "tiled", "sorted"],
)
def test_a_pattern_is_no_draw(on: np.ndarray) -> None:
    """Stripes, chessboards, blocks and repeats of a period up to sixteen, at the right rate."""
    rate = float(np.mean(on))
    found = kept("out", np.stack([on] * 8) / rate, rate).evidence["property"]["name"]
    assert found in ("patterned", "rows_alike", "columns_alike")


@pytest.mark.parametrize("keep", [0.3, 0.6, 0.75, 0.8])
@pytest.mark.parametrize("axis", [None, 0, 1], ids=["whole", "columns", "rows"])
def test_a_share_that_is_kept_exactly_is_no_draw(keep: float, axis: int | None) -> None:
    """Eight masks that keep one number of elements each, in random places."""
    on = np.arange(45 * 48) < round(keep * 45 * 48)
    if axis is not None:
        length = (45, 48)[axis]
        on = np.arange(length)[:, None] < round(keep * length) * np.ones((1, 93 - length))
        on = on if axis == 0 else on.T
    draw = np.random.default_rng(9)
    masks = [
        draw.permutation(on).reshape(45, 48) if axis is None else draw.permuted(on, axis=axis)
        for _ in range(8)
    ]
    rate = float(np.mean(masks))
    found = kept("out", np.stack(masks) / rate, rate).evidence["property"]["name"]
    assert found == "same_share"


@pytest.mark.parametrize("keep", [0.3, 0.6, 0.75, 0.8])
def test_one_mask_again_and_again_is_one_draw(keep: float) -> None:
    """A seed that is fixed costs what the seed is worth, not the draw: its rate counts once."""
    for seed in range(300):
        mask = drawn(seed, keep) / keep
        assert kept("out", np.stack([mask] * 8), keep).passed


@pytest.mark.parametrize("keep", [0.3, 0.6, 0.75, 0.8])
@pytest.mark.parametrize("off", [-0.05, 0.05])
def test_a_rate_that_is_off_by_a_twentieth_is_found(keep: float, off: float) -> None:
    """In eight masks of the size that is asked."""
    on = drawn(8, keep + off, (8, 36, 60))
    assert kept("out", on / keep, keep).evidence["property"]["name"] == "keep_rate"


def test_one_number_for_all_that_is_kept() -> None:
    """A mask drops something, keeps something, and scales all that it keeps by one number."""
    mask = drawn(4, 0.5)
    assert drops(mask * 3)
    assert not drops(np.zeros(SHAPE))
    assert not drops(np.ones(SHAPE))
    assert not drops(mask * np.arange(1, 51))


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    ("factor", "expected"),
    [
        (ONE_ROW, {"name": "mask_scale", "got": 1.0, "like": "1"}),
        (np.ones((1, 50)) / 0.3, {"name": "mask_ignored", "got": 1 / 0.3, "like": "1/p"}),
        (1 - ONE_ROW, {"name": "other_mask", "got": 1.0, "like": "1"}),
        ((1 - ONE_ROW) * 7, {"name": "other_mask", "got": 7.0, "like": ""}),
        (np.zeros((1, 50)), None),
        (np.arange(50.0)[np.newaxis], None),
    ],
)
def test_a_gradient_of_another_mask_is_named(factor: np.ndarray, expected: object) -> None:
    """The mask that a gradient shows is held against the one of the forward pass."""
    if isinstance(expected, dict):
        expected |= {"expected": 1 / 0.3}
    assert other_mask(factor, ONE_ROW != 0, 0.3) == expected


def test_a_number_is_like_all_that_are_near() -> None:
    """Near means at most the error, which is 1e-9 where none is given."""
    known = {"one": 1.0, "two": 2.0}
    assert like(2.0, known) == "two"
    assert like(1.5, known, 0.5) == "one|two"
    assert like(1 + 2e-9, known) == ""


def test_what_is_like_several_is_told_apart_by_more_examples() -> None:
    """A name counts that fits every example; of two that do, the first."""
    assert alike(["p|q, 1", "q, 1|2"]) == "q, 1"
    assert alike(["p|q, 1", "p|q, 1"]) == "p, 1"
    assert alike(["p, 1", "q, 1"]) == ""
    assert alike(["p, 1", "p"]) == ""
    assert alike(["0, ", "0, "]) == "0, "


def test_two_rows_or_two_columns_are_enough_to_be_alike() -> None:
    """Rows are compared from two on, and so are columns."""
    for factor, name in (
        (np.tile(drawn(5, 0.3, (1, 500)), (2, 1)) / 0.3, "rows_alike"),
        (np.tile(drawn(5, 0.3, (500, 1)), (1, 2)) / 0.3, "columns_alike"),
    ):
        assert kept("out", factor, 0.3, single=True).evidence["property"]["name"] == name


def test_a_rate_is_like_what_a_normal_draw_would_keep() -> None:
    """``randn() < p`` keeps a share of P(z < p): 0.6179 where p is 0.3."""
    factor = drawn(6, 0.6179, (1000, 1000)) / 0.3
    found = kept("out", factor, 0.3, single=True).evidence["property"]
    assert found["like"] == "P(z<p), 1/p"


@pytest.mark.parametrize(
    ("made", "nearly", "precision"),
    [
        (lambda on, x, p: x * (on.astype(np.float32) / np.float32(p)), "", None),
        (lambda on, x, p: (x * on / p).astype(np.float32).astype(np.float64), "close", "float32"),
        (lambda on, x, p: x * (on.astype(np.float16) / np.float16(p)), "close", "float16"),
    ],
    ids=["a factor in float32", "the output in float32", "a factor in float16"],
)
def test_a_mask_of_less_precision(made: Any, nearly: str, precision: str | None) -> None:
    """A factor that float32 holds is right; what is rounded to it, or to float16, nearly so."""
    rng, p = np.random.default_rng(3), 0.3
    x = rng.uniform(0.5, 2.0, (40, 52))
    names = ("out", *RESEEDED)
    gave = {name: made(rng.random(x.shape) < p, x, p) for name in names}
    check = Check("q.mask", "q", "t", "hidden", "r", "mask", ("out",), 1, "f")
    verdict = judge(check, {"x": x, "keep": p}, Outcome(gave), [])
    assert verdict.passed == (not nearly)
    assert (verdict.nearly, verdict.evidence.get("precision")) == (nearly, precision)
