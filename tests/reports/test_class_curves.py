"""How a class's trainings went: quartiles, the few at either end, and a page that stays small."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.reports import curves, overview, pages

SPOT = re.compile(r"(-?[\d.]+),(-?[\d.]+)")


def only(results: list[dict[str, Any]]) -> curves.Training:
    (training,) = curves.trainings(results)
    return training


def test_the_median_and_the_quartiles_are_the_class_s(trained_class: Any) -> None:
    """Each row of a table has the class's quartiles at that share of the training."""
    training = only(trained_class)
    assert training.count == 8
    assert training.quartiles == pytest.approx((0.2775, 0.295, 0.3025))
    loss, accuracy = training.charts
    assert (loss.title, accuracy.title) == ("Loss", "Validation accuracy")
    assert accuracy.columns[:3] == ("Lower quartile", "Median", "Upper quartile")
    assert accuracy.rows[0][:4] == ("0 %", "10.0 %", "10.0 %", "10.0 %")
    assert accuracy.rows[10][:4] == ("50 %", "18.9 %", "19.8 %", "20.1 %")
    assert accuracy.rows[20][:4] == ("100 %", "27.8 %", "29.5 %", "30.2 %")


def test_the_few_at_either_end_are_named(trained_class: Any) -> None:
    """Three above the median and three below it, best first, with a line and a column each."""
    training = only(trained_class)
    assert [(who.number, who.submission, who.kind) for who in training.named] == [
        (1, "a", "high"), (2, "b", "high"), (3, "c", "high"),
        (4, "f", "low"), (5, "g", "low"), (6, "h", "low"),
    ]  # fmt: skip
    for chart in training.charts:
        assert chart.columns[3:] == ("1 a", "2 b", "3 c", "4 f", "5 g", "6 h")
        assert [line.number for line in chart.lines] == [1, 2, 3, 4, 5, 6, 0]


def test_where_all_are_alike_nobody_is_named(trained_class: Any) -> None:
    """Whom to name among equals would be chance."""
    assert only(trained_class[2:4]).named == ()


def test_what_diverges_leaves_the_others_their_scale(trained_class: Any) -> None:
    """A loss that explodes runs along the edge, the rest of the plot shows the class."""
    loss, accuracy = only(trained_class).charts
    assert loss.cut
    assert not accuracy.cut
    assert float(loss.ticks[-1][1]) < 3
    for chart in (loss, accuracy):
        for line in chart.lines:
            spots = [(float(x), float(y)) for x, y in SPOT.findall(line.points)]
            assert len(spots) == curves.PLACES
            assert all(0 <= x <= curves.WIDTH and 0 <= y <= curves.HEIGHT for x, y in spots)


def test_numbers_beside_lines_don_t_cover_one_another(trained_class: Any) -> None:
    """Lines that end at the same height have their numbers one below the other."""
    for chart in only(trained_class).charts:
        heights = sorted(line.y for line in chart.lines if line.number)
        steps = [below - above for above, below in pairwise(heights)]
        assert min(steps) >= curves.TEXT
        assert heights[-1] <= curves.HEIGHT


def test_one_training_is_no_class(trained_class: Any, people: Any) -> None:
    """A single one is on its own page; without any, or without accuracies, there is no section."""
    assert curves.trainings(trained_class[:1]) == []
    assert curves.trainings(people) == []
    for result in trained_class:
        result["questions"][0]["checks"][0]["evidence"]["accuracy"] = None
    assert curves.trainings(trained_class) == []
    assert "How the trainings went" not in overview(trained_class)


def test_a_history_that_is_missing_costs_its_own_chart(trained_class: Any) -> None:
    """Who kept no loss is among the accuracies still."""
    for result in trained_class[1:]:
        del result["questions"][0]["checks"][0]["evidence"]["histories"]["loss_history"]
    assert [chart.title for chart in only(trained_class).charts] == ["Validation accuracy"]


def test_what_a_class_page_keeps_is_enough(trained_class: Any) -> None:
    """The page is the same from results that keep nothing but the curves."""
    briefly = [pages.brief(result) for result in trained_class]
    assert "Train a two-layer network" in overview(briefly)
    assert curves.trainings(briefly) == curves.trainings(trained_class)
    kept = briefly[0]["questions"][0]["checks"][0]["evidence"]
    assert {len(values) for values in kept["histories"].values()} == {curves.PLACES}


def test_a_large_class_has_no_larger_charts(trained_class: Any, page: Any) -> None:
    """The section of a thousand is as long as that of eight, but for digits."""

    def section(results: list[dict[str, Any]]) -> str:
        html = overview(results)
        start = html.index('<section aria-labelledby="trainings"')
        return html[start : html.index("</section>", start)]

    many = [{**result, "submission": f"{i:06}"} for i, result in enumerate(trained_class * 125)]
    small, large = section(trained_class), section(many)
    assert len(large) < len(small) + 500
    assert large.count("<polyline") == small.count("<polyline") == 14


def test_every_chart_has_its_words_and_its_table(trained_class: Any, page: Any) -> None:
    """A chart is named, its numbers stand in a table, and names lead to their pages."""
    parsed = page(overview(trained_class))
    charts = [svg for svg in parsed.all("svg") if svg.get("role") == "img"]
    assert len(charts) == 3  # with the histogram
    assert len(parsed.all("caption")) == 3
    assert "Highest 1 a 50.0 %" in parsed.text
    assert "Lowest 4 f 28.0 %" in parsed.text
    assert "8 of 8 submissions trained a model here" in parsed.text


def test_names_and_titles_are_text(trained_class: Any, hostile: Any) -> None:
    """A submission's name does nothing in a table's header or a legend."""
    trained_class[0]["submission"] = hostile.text
    trained_class[0]["questions"][0]["title"] = hostile.text
    parsed = hostile.harmless(overview(trained_class))
    assert "1 </pre></style><script>alert(1)</script>" in parsed.text


@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=200))
def test_a_history_keeps_its_ends_and_its_range(values: list[float]) -> None:
    """At evenly spaced places a short history passes its own values, a long one their means."""
    found = curves.along(values)
    assert len(found) == curves.PLACES
    slack = 1e-6
    assert min(values) - slack <= min(found) <= max(found) <= max(values) + slack
    if len(values) <= curves.PLACES:
        assert (found[0], found[-1]) == pytest.approx((values[0], values[-1]))
    assert curves.along(found) == pytest.approx(found)
