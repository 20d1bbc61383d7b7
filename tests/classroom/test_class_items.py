"""A class's figures, from results to flags, against loops over the results themselves."""

from __future__ import annotations

import math
from statistics import StatisticsError, correlation, fmean
from typing import Any

import pytest
from class_records import check, class_of, mistaken, question, result, waiting
from hypothesis import given
from hypothesis import strategies as st

from grader.classroom import items
from grader.classroom.tally import Tally


def tallied(results: Any, **kinds: Any) -> Tally:
    tally = Tally(kinds)
    for one in results:
        tally.add(one)
    return tally


def figures(results: Any) -> dict[str, items.ItemFigures]:
    """Return the figures by the id of a question or of a check."""
    return {
        one.item.check or one.item.question: one for one in items.figures(tallied(results).matrix())
    }


marks = st.lists(
    st.lists(st.integers(0, 4).map(float), min_size=3, max_size=3), min_size=3, max_size=14
)


@given(marks)
def test_figures_are_what_a_loop_over_the_results_gives(rows: list[list[float]]) -> None:
    """Of questions and of their checks: means, shares, and the correlation with the rest."""
    found = figures(class_of(rows, [4, 4, 4]))
    for j in range(3):
        own = [row[j] for row in rows]
        rest = [sum(row) - row[j] for row in rows]
        try:
            expected = correlation(own, rest)
        except StatisticsError:
            expected = math.nan
        for one in (found[f"q{j}"], found[f"q{j}.c"]):
            assert one.mean == pytest.approx(fmean(own))
            assert one.facility == pytest.approx(fmean(own) / 4)
            assert one.passed == own.count(4.0)
            assert one.item_rest == pytest.approx(expected, nan_ok=True)


def test_what_waits_is_in_no_total_and_held_against_it() -> None:
    """A question that some have a mark of: its figures are of those, their totals without it."""
    rows = [[4, 0, 4], [3, 1, 3], [2, 2, 2], [1, 3, 1], [0, 4, 0], [4, 1, 0]]
    people = class_of(rows, [4, 4, 4])
    people[4]["questions"][2] |= {"status": "needs_marking", "checks": []}
    found = figures(people)
    assert found["q2"].count == 5
    assert found["q2"].item_rest == pytest.approx(correlation([4, 3, 2, 1, 0], [4, 4, 4, 4, 5]))
    # The total of the others has no part of it.
    assert found["q0"].item_rest == pytest.approx(
        correlation([row[0] for row in rows], [row[1] for row in rows])
    )


def test_a_check_without_points_is_right_or_wrong_and_in_no_total() -> None:
    """Its facility is the share of those who pass it."""
    people = [
        result(f"s{i}", question("q", check("q.a", a, 4), check("q.p", 0.0, 0.0, stage=stage)))
        for i, (a, stage) in enumerate([(4, None), (3, None), (1, "value"), (0, "value")])
    ]
    found = figures(people)["q.p"]
    assert (found.facility, found.passed) == (0.5, 2)
    assert found.item_rest == pytest.approx(correlation([1, 1, 0, 0], [4, 3, 1, 0]))


@pytest.mark.parametrize(
    ("own", "rest", "flags"),
    [
        ([2] * 12, range(12), ("all",)),
        ([0] * 12, range(12), ("none",)),
        ([2] * 6 + [0] * 6, range(12), ("negative",)),
        ([0] * 6 + [2] * 6, range(12), ()),
        ([2, 0] * 60, [i // 2 % 7 for i in range(120)], ("weak",)),
        # Below 0, and by chance as well as not: no check is said to be at fault for it.
        ([2, 0] * 30, [i // 2 % 7 - 0.2 * (i % 2 == 0) for i in range(60)], ("weak",)),
        # So few may have it by chance, and so may a small class.
        ([2] * 4 + [0] * 8, range(12), ()),
        ([2, 0] * 6, [1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6], ()),
        # A small class is told nothing.
        ([0] * 9, range(9), ()),
    ],
)
def test_flags(own: list[float], rest: Any, flags: tuple[str, ...]) -> None:
    """Everybody or nobody right; no or negative correlation; not on a handful."""
    rows = [[mark, other] for mark, other in zip(own, rest, strict=True)]
    assert figures(class_of(rows, [2, 12]))["q0.c"].flags == flags


def test_many_who_run_out_of_time_are_flagged() -> None:
    """Three of twelve, and not two."""
    for count, flags in ((3, True), (2, False)):
        people = [
            result(
                f"s{i}",
                question(
                    "q", check("q.c", 0.0, stage="timed_out") if i < count else check("q.c", 2.0)
                ),
                question("r", check("r.c", float(i), 12.0)),
            )
            for i in range(12)
        ]
        found = figures(people)["q.c"]
        assert found.timed_out == count
        assert ("timeouts" in found.flags) == flags


def test_reliability_is_told_from_ten_on_and_with_a_warning_below_thirty() -> None:
    """Questions are its items; alpha of doubled columns is what the formula gives."""
    rows = [[float(i % 5), float(i % 5), float(i % 3)] for i in range(30)]
    assert items.reliability(tallied(class_of(rows[:9], [4, 4, 4])).matrix()) is None
    some = items.reliability(tallied(class_of(rows[:29], [4, 4, 4])).matrix())
    assert some is not None
    assert some.few
    all_ = items.reliability(tallied(class_of(rows, [4, 4, 4])).matrix())
    assert all_ is not None
    assert not all_.few
    assert all_.error == pytest.approx(all_.deviation * math.sqrt(1 - all_.alpha))
    assert [item.question for item in all_.items] == ["q0", "q1", "q2"]
    # Of two equal items alpha is 1.
    assert all_.without[2] == pytest.approx(1.0)


def test_those_who_were_asked_something_else_are_left_out() -> None:
    """Figures are of the questions that most were asked, and of no unreadable submission."""
    people = class_of([[1, 2], [2, 1], [0, 0]], [2, 2])
    people.append(result("other", question("x", check("x.c", 1.0))))
    people.append(result("broken", status="unreadable"))
    matrix = tallied(people).matrix()
    assert [row.submission for row in matrix.rows] == ["s000", "s001", "s002"]
    assert {item.question for item in matrix.items} == {"q0", "q1"}


def test_a_fault_that_is_paid_twice_is_a_pair() -> None:
    """Checks of two questions that fall together are named; those of one question aren't."""

    def one(i: int) -> Any:
        bad, lone = i < 6, i % 2 == 0
        return result(
            f"s{i:02}",
            question("a", check("a.c", 0.0 if bad else 2.0), check("a.d", 0.0 if bad else 2.0)),
            question("b", check("b.c", 0.0 if bad else 2.0)),
            question("c", check("c.c", 0.0 if lone else 2.0)),
        )

    people = [one(i) for i in range(20)]
    # Who hasn't written anything fails all, and shows nothing of it.
    people += [
        result(
            f"t{i}",
            *(question(q, check(f"{q}.c", 0.0, stage="not_implemented")) for q in "abc"),
        )
        for i in range(8)
    ]
    found = items.together(tallied(people).matrix())
    assert {(p.first.check, p.second.check) for p in found} == {("a.c", "b.c"), ("a.d", "b.c")}
    assert {(p.both, p.either, p.reached, p.correlation) for p in found} == {(6, 6, 20, 1.0)}


def test_every_lost_point_has_one_cause() -> None:
    """Known mistakes, lines of repairs, stages, texts, trainings: the sum is what is missing."""
    line = {
        "explanations": [{"mechanism": "repair", "text": "", "file": "f.py", "line": 8,
                          "edit": "operator"}],
        "source": {"file": "f.py", "name": "f", "first": 7, "lines": ["def f(x):", "  y = x"]},
    }  # fmt: skip
    one = result(
        "s",
        mistaken("a", 4.0, "m"),
        question("b", check("b.c", 1.0, 2.0, evidence=line), check("b.d", 0.5, 3.0)),
        question("c", check("c.c", 0.0, stage="not_implemented")),
        question("w", score=1.0, max_score=3.0, status="partial"),
        question("t", check("t.c", 2.0, 5.0)),
        question("g", score=0.0, max_score=2.0, status="failed"),
        waiting("v"),
    )
    # A person has given half of what the checks of the last one took.
    one["questions"][4]["score"] += 1.5
    (row,) = tallied([one], w="written", t="training").rows
    causes = {cause: points for _, cause, points in row.lost}
    assert sum(causes.values()) == pytest.approx(
        sum(q["max_score"] - q["score"] for q in one["questions"] if q["id"] != "v")
    )
    told = {tuple(cause): points for cause, points in causes.items()}
    assert told == {
        ("mistake", "m", ""): 4.0,
        ("line", "operator", "y = x"): 1.0,
        ("stage", "value", ""): 2.5,
        ("unwritten", "c", ""): 2.0,
        ("written", "w", ""): 2.0,
        ("training", "t", ""): 1.5,
        ("rest", "g", ""): 2.0,
    }
