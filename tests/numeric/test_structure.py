"""In what way an array is wrong: each relation is named, and none where there is none."""

import numpy as np
import pytest
from hypothesis import given

from grader.numeric.strategies import dense, seeds
from grader.numeric.structure import Structure, WrongPair, common, structure

RIGHT = dense((3, 5), 7)
SIZES = {"x": np.ones((4, 3)), "param": {"eps": 1e-5}}


def one_row_off() -> np.ndarray:
    wrong = RIGHT.copy()
    wrong[1] += 1
    return wrong


@pytest.mark.parametrize(
    ("got", "expected"),
    [
        (np.zeros_like(RIGHT), Structure("zeros")),
        (RIGHT.T, Structure("transposed")),
        (RIGHT.ravel(), Structure("reshaped")),
        (-RIGHT, Structure("sign")),
        (RIGHT / 4, Structure("mean", 4)),
        (RIGHT * 4, Structure("sum", 4)),
        (RIGHT + 2.5, Structure("offset", 2.5)),
        (one_row_off(), Structure("rows", 1)),
        (one_row_off().T, Structure("columns", 1)),
        (RIGHT.T * [1.1, 0.9, 1.3] + [1, 2, 3], Structure("columns_scaled")),
        (RIGHT * np.array([[1.1], [0.9], [1.3]]), Structure("rows_scaled")),
    ],
    ids=lambda value: value.kind if isinstance(value, Structure) else "",
)
def test_a_relation_is_named(got: np.ndarray, expected: Structure) -> None:
    """Each known relation between a wrong and a right array is found and named."""
    right = RIGHT.T if expected.kind.startswith("columns") else RIGHT
    found = structure(got, right, SIZES)
    assert found is not None
    assert found.kind == expected.kind
    assert found.value == pytest.approx(expected.value)


def test_a_factor_is_measured() -> None:
    """A factor that is no size of an axis is given as a number."""
    found = structure(1.5 * RIGHT, RIGHT, SIZES)
    assert found is not None
    assert found.kind == "factor"
    assert found.value == pytest.approx(1.5)


@given(seeds())
def test_unrelated_arrays_have_no_relation(seed: int) -> None:
    """Two arrays drawn apart are not said to be related."""
    assert structure(dense((4, 5), seed), dense((4, 5), seed + 1), SIZES) is None


def test_what_is_not_finite_has_no_relation() -> None:
    """NaN is related to nothing."""
    assert structure(np.full((2, 2), np.nan), np.ones((2, 2))) is None


@given(seeds())
def test_a_sum_over_the_wrong_axis_is_named(seed: int) -> None:
    """A sum of an input, or of two multiplied, over the other axis than the one asked."""
    x, dout = dense((4, 5), seed), dense((4, 5), seed + 1)
    for whole in (dout, x * dout):
        found = structure(whole.sum(axis=1), whole.sum(axis=0), {"x": x, "dout": dout})
        assert found == Structure("axis", 1)
    assert structure(dout.sum(axis=0), dout.sum(axis=0) + 1, {"dout": dout}) == Structure(
        "offset", pytest.approx(-1.0)
    )


def test_a_sum_over_the_first_axis_is_named_by_its_number() -> None:
    """Axes count as numpy's do, and inputs that aren't matrices are passed over."""
    x = dense((4, 5), 1)
    given = {"b": np.ones(5), "x": x}
    assert structure(x.sum(axis=0), x.sum(axis=1), given) == Structure("axis", 0)


@pytest.mark.parametrize(("got", "right"), [(np.zeros(3), np.nan), (np.full(3, np.inf), 1.0)])
def test_one_side_that_is_not_finite_is_enough(got: np.ndarray, right: float) -> None:
    """Not even zeros are named where what was expected is no number."""
    assert structure(got, np.full(3, right)) is None


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    ("got", "right"),
    [
        (np.zeros((0, 3)), np.zeros((0, 3))),
        (RIGHT, np.zeros_like(RIGHT)),
        (np.array([3.0]), np.array([1.5])),
        (dense((3, 4), 1), dense((5, 4), 2)),
        (dense((2, 5), 1), dense((2, 5), 2)),
        (1e-14 * dense((3, 5), 1), 1e-14 * dense((3, 5), 2)),
        (RIGHT * (1 + 1e-8), RIGHT),
        (np.stack([RIGHT] * 3) * [1.1, 0.9, 1.3, 1.0, 2.0], np.stack([RIGHT] * 3)),
        (dense((4, 5), 1), dense((4, 5), 2) * [0, 1, 1, 1, 1]),
    ],
    ids=[
        "nothing",
        "zeros expected",
        "two numbers",
        "other shapes",
        "two rows",
        "tiny",
        "rounding",
        "three axes",
        "a constant column",
    ],
)
def test_where_nothing_can_be_said_nothing_is(got: np.ndarray, right: np.ndarray) -> None:
    """Arrays that can't be compared so, or agree but for rounding, have no relation."""
    assert structure(got, right, {"x": np.ones((1, 7))}) is None


@pytest.mark.parametrize(
    ("got", "expected"),
    [
        ([0.5, 1.0], Structure("mean", 2)),
        ([2.0, 4.0], Structure("sum", 2)),
        ([1.5, 3.0], Structure("factor", 1.5)),
        ([4.0, 5.0], Structure("offset", 3.0)),
    ],
)
def test_two_numbers_are_enough(got: list[float], expected: Structure) -> None:
    """The smallest arrays and the smallest axes have their relations too."""
    found = structure(np.array(got), np.array([1.0, 2.0]), {"x": np.ones((2, 7))})
    assert found is not None
    assert found.kind == expected.kind
    assert found.value == pytest.approx(expected.value)


@given(seeds())
def test_a_relation_holds_but_for_small_noise(seed: int) -> None:
    """A factor is named where noise of some 1e-8 lies over it: CLOSE is wider than agreement."""
    noise = 1 + 1e-8 * dense(RIGHT.shape, seed)
    found = structure(1.5 * RIGHT * noise, RIGHT)
    assert found is not None
    assert found.kind == "factor"


@pytest.mark.parametrize("scale", [1e-9, 1.0, 1e6])
def test_wrong_rows_are_counted_at_any_scale(scale: float) -> None:
    """Up to half of the rows may be wrong, the rest right but for rounding."""
    right = scale * dense((4, 5), 3)
    wrong = right * (1 + 1e-9)
    wrong[1] *= 2
    assert structure(wrong, right) == Structure("rows", 1)
    wrong[3] *= 3
    assert structure(wrong, right) == Structure("rows", 2)
    wrong[0] += scale * dense((5,), 4)
    assert structure(wrong, right) is None


@pytest.mark.parametrize("size", [1e-9, 1.0])
def test_rows_may_be_scaled_where_a_column_is_constant(size: float) -> None:
    """A column that says nothing doesn't hide what the rows say, however small the factors."""
    right = dense((3, 5), 3)
    right[:, 0] = 1.0
    factors = size * np.array([[1.1], [0.9], [1.3]])
    assert structure(factors * right, right) == Structure("rows_scaled")


def test_two_elements_other_than_zero_are_needed() -> None:
    """Any number is a multiple of another, and so is an array with one element that isn't zero."""
    for right in (np.array(2.0), np.array([3.0]), np.array([0.0, 3.0, 0.0])):
        assert structure(right / 4, right, SIZES) is None
        assert structure(0 * right, right, SIZES) is None


def test_a_relation_holds_on_every_example() -> None:
    """A factor of one example alone is none; the value told is that of the first."""
    half, third = WrongPair(RIGHT / 2, RIGHT), WrongPair(RIGHT / 3, RIGHT)
    assert common([half, half]) == Structure("factor", 0.5)
    assert common([half, third]) is None
    assert common([half, WrongPair(np.full_like(RIGHT, np.nan), RIGHT)]) is None
    assert common([]) is None


def test_a_mean_is_one_over_the_size_of_one_axis_on_every_example() -> None:
    """Of two examples, the factors are the sizes of one axis, not each of any."""

    def mean(size: int, n: int, d: int) -> WrongPair:
        return WrongPair(RIGHT / size, RIGHT, {"x": np.ones((n, d))})

    assert common([mean(4, 4, 3), mean(6, 6, 2)]) == Structure("mean", 4)
    assert common([mean(4, 4, 3), mean(2, 6, 2)]) is None


def test_an_example_too_small_to_show_a_relation_does_not_speak_against_it() -> None:
    """One that has a single number, or two rows, has to agree with those that show it."""
    one = np.array([2.0])
    sure = WrongPair(RIGHT / 2, RIGHT)
    assert common([WrongPair(one / 2, one), sure]) == Structure("factor", 0.5)
    assert common([WrongPair(one / 3, one), sure]) is None
    assert common([WrongPair(one / 2, one)]) is None
    scaled = WrongPair(RIGHT.T * [1.1, 0.9, 1.3] + [1, 2, 3], RIGHT.T)
    small = WrongPair(RIGHT.T[:2] * [1.2, 0.7, 1.4] + [1, 2, 3], RIGHT.T[:2])
    assert common([small, scaled]) == Structure("columns_scaled")
