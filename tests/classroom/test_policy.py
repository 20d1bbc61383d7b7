"""A course's rules and a person's word: what they make of a result, and what they never do."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.classroom.adjustments import CHANGES, Adjustment, adjusted
from grader.classroom.grading import Handed, grade
from grader.classroom.policy import Late, Policy, PolicyError, find, parse
from grader.classroom.scoring import scored

DUE = datetime(2026, 10, 5, 23, 59, tzinfo=UTC)


def result(score: float = 8.0, maximum: float = 10.0) -> dict[str, Any]:
    """A result with a question of two checks, and one that waits."""
    checks = [
        {"id": "q.one", "status": "passed", "score": min(score, 6.0), "max_score": 6.0},
        {"id": "q.two", "status": "failed", "score": max(score - 6.0, 0.0), "max_score": 4.0},
    ]
    question = {"id": "q", "notebook": "N", "title": "Q", "status": "partial", "score": score,
                "max_score": maximum, "notes": [], "checks": checks, "evidence": {}}  # fmt: skip
    waiting = {"id": "w", "notebook": "N", "title": "W", "status": "needs_marking", "score": 0.0,
               "max_score": 3.0, "notes": [], "checks": [], "evidence": {}}  # fmt: skip
    return {"submission": "ada", "score": score, "max_score": maximum, "pending": 3.0,
            "status": "graded", "notebooks": {"N": {"score": score, "max_score": maximum}},
            "questions": [question, waiting]}  # fmt: skip


def late(hours: float, **rules: Any) -> dict[str, Any]:
    """Return the grade of 8 of 10 points that came so many hours after the due date."""
    policy = Policy(due=DUE, **{"late": Late(penalty=0.1), **rules})
    when = (DUE + timedelta(hours=hours)).isoformat()
    return grade(result(), policy, Handed(when, said=frozenset({"ada", "s1"})))


@pytest.mark.parametrize(
    ("hours", "rules", "points"),
    [
        (-1, {}, 8.0),
        (1, {}, 7.2),
        (25, {}, 6.4),
        (0.2, {"grace": timedelta(minutes=15)}, 8.0),
        (0.3, {"grace": timedelta(minutes=15)}, 7.2),
        (47, {"late_days": 2}, 8.0),
        (49, {"late_days": 2}, 7.2),
        (25, {"late": Late(penalty=0.1, per=timedelta(hours=1))}, 0.0),
        (25, {"late": Late(penalty=0.1, per=timedelta(hours=1), floor=0.5)}, 4.0),
        (1, {"late": Late(points=3.0)}, 5.0),
        (80, {"late": Late(penalty=0.1, until=timedelta(days=3))}, 0.0),
        (49, {"extensions": {"s1": timedelta(days=2)}}, 7.2),
        (49, {"extensions": {"s1": DUE + timedelta(days=3)}}, 8.0),
        (49, {"extensions": {"s2": timedelta(days=9)}}, 5.6),
    ],
)
def test_lateness(hours: float, rules: dict[str, Any], points: float) -> None:
    """Grace, free days, steps, a floor, a last day and extensions, with lines that add up."""
    told = late(hours, **rules)
    assert told["points"] == pytest.approx(points)
    assert math.fsum(line["points"] for line in told["lines"]) == pytest.approx(told["points"])


def test_lateness_that_nobody_measured() -> None:
    """A mark without a time is one step; an extension forgives it; without a mark it is in time."""
    policy = Policy(due=DUE, late=Late(penalty=0.1), extensions={"s1": timedelta(days=1)})
    assert grade(result(), policy, Handed(late=True))["points"] == 7.2
    assert grade(result(), policy, Handed(late=True, said=frozenset({"s1"})))["points"] == 8.0
    assert grade(result(), policy, Handed())["points"] == 8.0
    unread = grade(result(), policy, Handed("gestern"))
    assert (unread["points"], "'gestern' can't be read" in unread["notes"][0]) == (8.0, True)


def test_a_time_without_a_zone_is_in_the_due_date_s() -> None:
    """Where names tell a time, they tell it as the course's clocks do."""
    policy = parse({"due": "2026-10-05 23:59", "timezone": "America/New_York",
                    "late": {"penalty": "10%"}})  # fmt: skip
    assert grade(result(), policy, Handed("2026-10-05T23:58:00"))["points"] == 8.0
    assert grade(result(), policy, Handed("2026-10-06T03:58:00+00:00"))["points"] == 8.0
    assert grade(result(), policy, Handed("2026-10-06T04:00:00+00:00"))["points"] == 7.2


def test_who_is_excused_has_no_number() -> None:
    """By the rules or by a person's word."""
    policy = Policy(excused=frozenset({"s1"}))
    told = grade(result(), policy, Handed(said=frozenset({"s1"})))
    assert (told["points"], told["excused"]) == (None, True)
    word = Adjustment("c1", "ada", "", "", "excuse", 0.0, "ill")
    assert grade(result(), Policy(), Handed(), [word])["points"] is None


def word(change: str, points: float = 0.0, *, question: str = "", check: str = "", **more: Any):
    """Return a change of a person's."""
    return Adjustment("c1", more.pop("who", "ada"), question, check, change, points, "why", **more)


@pytest.mark.parametrize(
    ("words", "points", "maximum"),
    [
        ([word("set", 3.0)], 3.0, 10.0),
        ([word("add", -2.0)], 6.0, 10.0),
        ([word("add", 5.0)], 10.0, 10.0),
        ([word("bonus", 5.0)], 13.0, 10.0),
        ([word("add", -20.0)], 0.0, 10.0),
        ([word("set", 9.0, question="q")], 9.0, 10.0),
        ([word("set", 4.0, question="q", check="q.two")], 10.0, 10.0),
        ([word("exempt", question="q")], 0.0, 0.0),
        ([word("set", 2.0, question="w")], 10.0, 13.0),
        ([word("set", 9.0, who="somebody")], 8.0, 10.0),
        ([word("add", 1.0, who="*")], 9.0, 10.0),
        ([word("add", 1.0, who="S-1")], 9.0, 10.0),
    ],
)
def test_a_person_s_word(words: list[Adjustment], points: float, maximum: float) -> None:
    """Set, add, take, go above the maximum, leave a question out, for one or for all."""
    said = frozenset({"s1"})
    made, lines = adjusted(result(), words, said)
    told = grade(made, Policy(), Handed(said=said), words, lines)
    assert (told["points"], told["max_points"]) == (points, maximum)
    assert math.fsum(line["points"] for line in told["lines"]) == pytest.approx(points)


WORDS = st.builds(
    Adjustment,
    id=st.uuids().map(str),
    submission=st.sampled_from(["ada", "*"]),
    question=st.sampled_from(["", "q"]),
    check=st.sampled_from(["", "q.one"]),
    change=st.sampled_from(CHANGES),
    points=st.floats(0, 12).map(lambda x: round(x, 2)),
    reason=st.just("why"),
    by=st.just(""),
    at=st.sampled_from(["2026-01-01", "2026-01-02"]),
)


@given(words=st.lists(WORDS, max_size=5), turned=st.randoms())
def test_the_order_of_changes_doesn_t_matter(words: list[Adjustment], turned: Any) -> None:
    """Whoever enters them first: the same grade, with lines that add up to it."""
    other = list(words)
    turned.shuffle(other)
    grades = []
    for one in (words, other):
        made, lines = adjusted(result(), one, frozenset())
        grades.append(grade(made, Policy(due=DUE), Handed(), one, lines))
    assert grades[0] == grades[1]
    if grades[0]["points"] is not None:
        assert math.fsum(x["points"] for x in grades[0]["lines"]) == pytest.approx(
            grades[0]["points"]
        )


SPANS = st.integers(0, 10 * 24 * 60).map(lambda minutes: timedelta(minutes=minutes))
RULES = st.builds(
    Policy,
    due=st.just(DUE),
    grace=SPANS,
    late_days=st.floats(0, 3),
    late=st.builds(
        Late,
        penalty=st.floats(0, 1),
        points=st.just(0.0) | st.floats(0, 4),
        per=SPANS.map(lambda span: span + timedelta(minutes=1)),
        floor=st.floats(0, 1),
        until=st.none() | SPANS,
    ),
)


@given(policy=RULES, when=SPANS, extension=SPANS, score=st.floats(0, 10), known=st.booleans())
def test_an_extension_never_lowers_a_grade(
    policy: Policy, when: timedelta, extension: timedelta, score: float, known: bool
) -> None:
    """Nor does lateness raise one, and nobody falls below the floor within the last day."""
    import dataclasses

    handed = Handed(
        (DUE + when).isoformat() if known else "", late=not known, said=frozenset({"ada"})
    )
    plain = grade(result(score), policy, handed)["points"]
    more = dataclasses.replace(policy, extensions={"ada": extension})
    assert plain <= grade(result(score), more, handed)["points"] <= round(score, 6) + 1e-6
    if policy.late.until is None:
        assert plain >= score * policy.late.floor - 1e-6


def test_points_and_shares_score_a_stored_result_anew() -> None:
    """A question's points, a check's weight, a check that is dropped; the stored one stays."""
    stored = result(6.0)
    assert scored(stored, Policy(points={"q": 5.0}))["score"] == 3.0
    dropped = scored(stored, parse({"drop": ["q.two"]}))
    assert (dropped["score"], dropped["max_score"]) == (10.0, 10.0)
    assert dropped["questions"][0]["status"] == "passed"
    assert scored(stored, Policy(shares={"q.one": 4.0, "q.two": 12.0}))["score"] == 2.5
    assert scored(stored, parse({"drop": ["q.one", "q.two"]}))["max_score"] == 0.0
    assert scored(stored, Policy(points={"w": 5.0}))["pending"] == 5.0
    assert stored == result(6.0)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"due": "tomorrow"}, "due must be a time"),
        ({"due": "2026-10-05 23:59"}, "no time zone"),
        ({"due": DUE, "timezone": "Mars"}, "timezone is 'Mars'"),
        ({"late": {"penalty": 0.1}}, "due is missing"),
        ({"due": DUE, "late": {"penalty": 10}}, "late.penalty"),
        ({"due": DUE, "late": {"penalty": "x%"}}, "late.penalty"),
        ({"due": DUE, "late": {"per": "1 fortnight"}}, "late.per"),
        ({"due": DUE, "late": {"each": "1 day"}}, "late.each is no field"),
        ({"due": DUE, "grace": "soon"}, "grace is 'soon'"),
        ({"due": DUE, "extensions": {"ada": "later"}}, "extensions.ada"),
        ({"points": {"q": -1}}, "points.q"),
        ({"drop": "q"}, "drop must be a list"),
        ({"bonus": True}, "bonus is True"),
        ({"duh": 1}, "duh is no field"),
    ],
)
def test_a_wrong_rule_is_named(data: dict[str, Any], said: str) -> None:
    """The message has the field and what it should be."""
    with pytest.raises(PolicyError, match=said):
        parse(data)


def test_the_policy_stands_in_the_folder_or_beside_it(tmp_path: Path) -> None:
    """The nearer one counts; a named one comes first; none at all changes nothing."""
    (tmp_path / "grades").mkdir()
    assert find(tmp_path / "grades") == Policy()
    (tmp_path / "policy.toml").write_text("bonus = 1")
    assert find(tmp_path / "grades").bonus == 1
    (tmp_path / "grades" / "policy.toml").write_text("bonus = 2")
    assert find(tmp_path / "grades").bonus == 2
    (tmp_path / "own.toml").write_text("bonus = 3")
    assert find(tmp_path / "grades", tmp_path / "own.toml").bonus == 3
    with pytest.raises(PolicyError, match="none"):
        find(tmp_path / "grades", tmp_path / "none.toml")


def test_a_manifest_has_rules_and_a_file_stands_over_them(tmp_path: Path) -> None:
    """A file's fields replace the manifest's; those about people stand in a file alone."""
    given = {"due": DUE, "bonus": 2, "late": {"penalty": "10%"}}
    assert find(tmp_path, None, given) == Policy(due=DUE, bonus=2.0, late=Late(penalty=0.1))
    (tmp_path / "policy.toml").write_text("bonus = 3\n[extensions]\nada = '2 days'\n")
    found = find(tmp_path, None, given)
    assert (found.due, found.bonus) == (DUE, 3.0)
    assert found.extensions == {"ada": timedelta(days=2)}
    with pytest.raises(PolicyError, match=r"policy\.excused is about people"):
        find(tmp_path, None, {**given, "excused": ["ada"]})
    with pytest.raises(PolicyError, match=r"the manifest's \[policy\]: late\.penalty"):
        find(tmp_path, None, {**given, "late": {"penalty": "x"}})


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("2026-10-12 08:00", datetime(2026, 10, 12, 6, 0, tzinfo=UTC)),
        ("2026-10-12T08:00:00+00:00", datetime(2026, 10, 12, 8, 0, tzinfo=UTC)),
        # The latest due date that anyone has, not the class's.
        ("due", datetime(2026, 10, 8, 22, 0, tzinfo=UTC)),
        ("1 day", datetime(2026, 10, 9, 22, 0, tzinfo=UTC)),
    ],
)
def test_when_feedback_may_be_seen(said: str, expected: datetime) -> None:
    """A time, with the policy's zone where it has none, or a span after the last due date."""
    data = {"due": "2026-10-06 00:00", "timezone": "Europe/Berlin", "feedback_after": said,
            "extensions": {"s1": "1 day", "s2": "2026-10-09 00:00"}}  # fmt: skip
    assert parse(data).feedback_after == expected


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"feedback_after": "due"}, "due is missing"),
        ({"feedback_after": "2026-10-12 08:00"}, "feedback_after has no time zone"),
        ({"feedback_after": "soon"}, "feedback_after must be a time"),
    ],
)
def test_a_time_of_feedback_that_is_none_is_refused(data: Any, field: str) -> None:
    """By the field that is missing or wrong."""
    with pytest.raises(PolicyError, match=field):
        parse(data)
