"""Item analysis against slow computations by the textbook, by hand, and by its symmetries."""

import math
from fractions import Fraction
from itertools import permutations
from statistics import StatisticsError, correlation, fmean, pvariance, variance

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from grader.numeric import items

#: Five students, three items of 4, 2 and 2 points. By hand: totals 8, 6, 5, 3, 0; variances of the
#: items 3.3, 0.7 and 0.7 and of the totals 9.3; so alpha = 3/2 (1 - 4.7/9.3) = 23/31.
WORKED = [[4, 2, 2], [4, 1, 1], [3, 2, 0], [1, 1, 1], [0, 0, 0]]
MAXIMA = [4, 2, 2]


def classes(most_items: int = 5) -> st.SearchStrategy[list[list[float]]]:
    """Marks in half points of 3 to 12 students on 2 items or more."""
    mark = st.integers(0, 8).map(lambda n: n / 2)
    return st.integers(2, most_items).flatmap(
        lambda k: st.lists(st.lists(mark, min_size=k, max_size=k), min_size=3, max_size=12)
    )


def slow_correlation(a: list[float], b: list[float]) -> float:
    try:
        return correlation(a, b)
    except StatisticsError:
        return math.nan


def slow_alpha(rows: list[list[float]]) -> float:
    columns = list(zip(*rows, strict=True))
    total = variance([sum(row) for row in rows])
    if not total or len(columns) < 2:
        return math.nan
    k = len(columns)
    return k / (k - 1) * (1 - sum(map(variance, columns)) / total)


def slow_group(totals: list[float], column: list[float], size: int) -> float:
    """Return the mean of the group over all ways to fill it where some are equal at its edge."""
    means = []
    for order in permutations(range(len(totals))):
        best = sorted(order, key=lambda i: -totals[i])[:size]
        means.append(sum(column[i] for i in best) / size)
    return fmean(means)


def test_an_example_worked_by_hand() -> None:
    """Facility, item-rest correlation, alpha and the standard error of five students."""
    assert items.facility(WORKED, MAXIMA) == pytest.approx([0.6, 0.6, 0.4])
    assert items.alpha(WORKED) == pytest.approx(float(Fraction(23, 31)))
    assert items.error_of_measurement(WORKED) == pytest.approx(math.sqrt(9.3 * 8 / 31))
    # The first item, 4, 4, 3, 1, 0, against 4, 2, 2, 2, 0 of the others: 8 / sqrt(13.2 * 8).
    first = items.item_rest(WORKED, np.sum(WORKED, axis=1))[0]
    assert first == pytest.approx(8 / math.sqrt(13.2 * 8))
    # 27 % of five is one: the best has 8, the last 0.
    assert items.discrimination(WORKED, MAXIMA, np.sum(WORKED, axis=1)) == pytest.approx([1, 1, 1])


@given(classes())
def test_the_item_rest_correlation_is_the_textbook_s(rows: list[list[float]]) -> None:
    """Each item against the sum of the others, as the standard library computes it."""
    totals = [sum(row) for row in rows]
    found = items.item_rest(rows, totals)
    for j, column in enumerate(zip(*rows, strict=True)):
        rest = [total - mark for total, mark in zip(totals, column, strict=True)]
        assert found[j] == pytest.approx(slow_correlation(list(column), rest), nan_ok=True)


@given(classes())
def test_it_is_numpy_s_coefficient(rows: list[list[float]]) -> None:
    """``numpy.corrcoef`` gives the same where nothing is constant."""
    marks = np.array(rows)
    totals = marks.sum(axis=1)
    for j in range(marks.shape[1]):
        rest = totals - marks[:, j]
        if marks[:, j].std() > 1e-9 and rest.std() > 1e-9:
            assert items.item_rest(marks, totals)[j] == pytest.approx(
                np.corrcoef(marks[:, j], rest)[0, 1]
            )


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 20)), min_size=3, max_size=20))
def test_it_is_the_point_biserial_one_of_what_is_right_or_wrong(
    pairs: list[tuple[bool, int]],
) -> None:
    """(M1 - M0) / sigma * sqrt(p (1 - p)), as Canvas has it, is Pearson's correlation."""
    right = [float(total) for passed, total in pairs if passed]
    wrong = [float(total) for passed, total in pairs if not passed]
    totals = [float(total) for _, total in pairs]
    assume(right and wrong and pvariance(totals) > 0)
    p = len(right) / len(pairs)
    expected = (fmean(right) - fmean(wrong)) / math.sqrt(pvariance(totals)) * math.sqrt(p * (1 - p))
    found = items.correlation([[float(passed)] for passed, _ in pairs], [[t] for t in totals])
    assert found[0] == pytest.approx(expected)


@given(classes())
def test_alpha_is_the_textbook_s(rows: list[list[float]]) -> None:
    """Of all items, and of all but one."""
    assert items.alpha(rows) == pytest.approx(slow_alpha(rows), nan_ok=True)
    without = items.alpha_if_deleted(rows)
    for j in range(len(rows[0])):
        rest = [[*row[:j], *row[j + 1 :]] for row in rows]
        assert without[j] == pytest.approx(slow_alpha(rest), nan_ok=True)


@given(st.lists(st.lists(st.booleans(), min_size=4, max_size=4), min_size=3, max_size=12))
def test_alpha_is_kr20_of_right_and_wrong(rows: list[list[bool]]) -> None:
    """Kuder and Richardson's formula 20 is alpha of items that are right or wrong."""
    totals = [sum(row) for row in rows]
    assume(pvariance(totals) > 0)
    shares = [fmean(column) for column in zip(*rows, strict=True)]
    expected = 4 / 3 * (1 - sum(p * (1 - p) for p in shares) / pvariance(totals))
    assert items.alpha(np.array(rows, float)) == pytest.approx(expected)


@given(st.data())
def test_the_upper_and_lower_groups_do_not_depend_on_the_order(data: st.DataObject) -> None:
    """Those who are equal at an edge count in part: the mean over all orders of the class."""
    rows = data.draw(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=3,
                              max_size=6))  # fmt: skip
    totals = [float(a + b) for a, b in rows]
    column = [float(a) for a, _ in rows]
    size = max(1, math.floor(0.27 * len(rows) + 0.5))
    upper = slow_group(totals, column, size)
    lower = slow_group([-total for total in totals], column, size)
    found = items.discrimination([[mark] for mark in column], [3.0], totals)
    assert found[0] == pytest.approx((upper - lower) / 3)


@given(classes(), st.floats(0.5, 20), st.integers(0, 1000))
def test_scale_and_order_change_nothing(rows: list[list[float]], scale: float, seed: int) -> None:
    """Points in other units and students in another order give the same figures."""
    marks = np.array(rows)
    other = np.random.default_rng(seed).permutation(marks) * scale
    maxima = np.full(marks.shape[1], 4.0)
    assert items.alpha(other) == pytest.approx(items.alpha(marks), nan_ok=True)
    # A root: where alpha is 1 but for rounding, it is of the size of the rounding's root.
    assert items.error_of_measurement(other) == pytest.approx(
        scale * items.error_of_measurement(marks), nan_ok=True, abs=1e-6 * scale
    )
    assert items.item_rest(other, other.sum(axis=1)) == pytest.approx(
        items.item_rest(marks, marks.sum(axis=1)), nan_ok=True
    )
    assert items.facility(other, maxima * scale) == pytest.approx(items.facility(marks, maxima))


@given(classes(), st.data())
def test_pairs_are_correlated_over_those_who_reached_both(
    rows: list[list[float]], data: st.DataObject
) -> None:
    """Against a loop that takes out whoever reached one of the two only."""
    k = len(rows[0])
    row = st.lists(st.booleans(), min_size=k, max_size=k)
    reached = data.draw(st.lists(row, min_size=len(rows), max_size=len(rows)))
    found, counts = items.pairwise(rows, reached)
    for i in range(k):
        for j in range(k):
            both = [
                (row[i], row[j])
                for row, there in zip(rows, reached, strict=True)
                if there[i] and there[j]
            ]
            assert counts[i, j] == len(both)
            expected = slow_correlation([a for a, _ in both], [b for _, b in both])
            assert found[i, j] == pytest.approx(expected, nan_ok=True, abs=1e-7)


@given(st.integers(0, 60), st.integers(1, 60))
def test_the_interval_of_a_share_holds_it(hits: int, count: int) -> None:
    """Wilson's ends solve his equation: (p - share)^2 = z^2 p (1 - p) / n."""
    hits = min(hits, count)
    low, high = items.wilson(hits, count)
    share = hits / count
    assert 0 <= low <= share + 1e-12
    assert share - 1e-12 <= high <= 1
    for p in (low, high):
        if 1e-9 < p < 1 - 1e-9:
            assert (p - share) ** 2 == pytest.approx(3.841458820694124 * p * (1 - p) / count)


@given(st.floats(-0.99, 0.99), st.integers(4, 5000))
def test_the_highest_correlation_is_fisher_s(r: float, count: int) -> None:
    """Transformed, it is 1.96 standard errors of 1 / sqrt(n - 3) above what was seen."""
    high = items.highest(r, count)
    z = [math.log((1 + x) / (1 - x)) / 2 for x in (r, high)] if high < 1 - 1e-9 else [0.0, 0.0]
    if high < 1 - 1e-9:
        assert (z[1] - z[0]) * math.sqrt(count - 3) == pytest.approx(1.95996398, rel=1e-4)
    assert r < high <= 1
    assert items.highest(r, 3) == 1


@pytest.mark.parametrize(
    "rows", [[[1.0, 2.0]], [[1.0, 2.0], [1.0, 2.0]], [[1.0], [2.0], [3.0]]], ids=str
)
def test_what_has_no_value_is_nan(rows: list[list[float]]) -> None:
    """One student, equal students, or one item: no figure is made up."""
    assert math.isnan(items.alpha(rows))
    assert math.isnan(items.error_of_measurement(rows))
    assert np.isnan(items.alpha_if_deleted(rows)).all()


def test_the_test_sees_a_correlation_with_the_whole_total() -> None:
    """A deliberately wrong one, item against total, differs on the example."""
    totals = np.sum(WORKED, axis=1)
    wrong = [np.corrcoef([row[j] for row in WORKED], totals)[0, 1] for j in range(3)]
    assert items.item_rest(WORKED, totals) != pytest.approx(wrong, abs=0.01)


def test_marks_have_rows_and_columns() -> None:
    """A flat list is refused by its shape."""
    with pytest.raises(ValueError, match=r"\(3,\)"):
        items.alpha([1.0, 2.0, 3.0])
