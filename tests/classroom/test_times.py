"""Times as rules write them: days, clocks that are set back, and what no clock shows."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from test_policy import result

from grader.classroom.grading import Handed, grade
from grader.classroom.policy import PolicyError, parse

BERLIN = ZoneInfo("Europe/Berlin")
RULES = '{due}\ntimezone = "Europe/Berlin"\n{more}\n[late]\npenalty = "10%"\nper = "{per}"\n'


def points(due: str, when: str, per: str = "1 day", more: str = "") -> float | None:
    """Return what is left of 8 points."""
    rules = RULES.format(due=f"due = {due}", per=per, more=more)
    told = grade(result(), parse(tomllib.loads(rules)), Handed(when, said=frozenset({"ada"})))
    return told["points"]


@pytest.mark.parametrize("due", ["2026-10-05", '"2026-10-05"', '"2026-10-05 23:59:59"'])
def test_a_day_lasts_to_its_end(due: str) -> None:
    """With quotes as without them."""
    assert points(due, "2026-10-05T22:00:00+02:00") == 8.0
    assert points(due, "2026-10-06T00:00:00+02:00") == 7.2


@pytest.mark.parametrize(
    ("due", "when", "per", "left"),
    [
        # Clocks go back on 25 October at three, and forward on 29 March at two.
        ("2026-10-25 01:00", "2026-10-25T03:30:00", "1 hour", 4.8),
        ("2026-10-25 01:00", "2026-10-25T03:30:00+01:00", "1 hour", 4.8),
        ("2026-03-29 01:00", "2026-03-29T03:30:00", "1 hour", 6.4),
        ("2026-03-29 01:00", "2026-03-29T01:30:00Z", "1 hour", 6.4),
        ("2026-10-24 23:59", "2026-10-25T23:58:00", "1 day", 7.2),
        ("2026-10-24 23:59", "2026-10-25T22:58:00Z", "1 day", 7.2),
        ("2026-10-24 23:59", "2026-10-26T00:00:00", "1 day", 6.4),
    ],
)
def test_clocks_that_are_set(due: str, when: str, per: str, left: float) -> None:
    """Hours are as long as they last, and a day is a day, however many hours it has."""
    assert points(f'"{due}"', when, per) == pytest.approx(left)


def test_an_extension_by_days_ends_at_the_same_hour() -> None:
    """Also where clocks are set between."""
    more = '[extensions]\nada = "2 days"'
    due = '"2026-10-24 12:00"'
    assert points(due, "2026-10-26T12:00:00", more=more) == 8.0
    assert points(due, "2026-10-26T12:01:00", more=more) == 7.2
    assert points(due, "2026-10-26T12:00:00", more="[extensions]\nada = 2") == 8.0


@pytest.mark.parametrize(
    "field",
    [
        "grace = inf", "grace = nan", 'grace = "99999999999 days"', "grace = -1", "late_days = inf",
        "due = 9999-12-31", "due = 0001-01-01", "due = 23:59:00",
        '[extensions]\na = "9999999 days"',
        "[extensions]\na = -3", '[extensions]\na = "-3 days"', "[extensions]\na = [1]",
        '[late]\nuntil = "9e99 days"', '[late]\nper = "0.0000001 seconds"',
    ],
)  # fmt: skip
def test_what_no_clock_shows_is_refused(field: str) -> None:
    """By a line that names the field, never by a traceback."""
    first = "" if field.startswith("due") else "due = 2026-10-05\n"
    with pytest.raises(PolicyError, match=field.split()[0].strip("[]").partition("\n")[0]):
        parse(tomllib.loads(f'{first}timezone = "UTC"\n{field}\n'))


@given(st.text(max_size=30) | st.datetimes().map(datetime.isoformat))
@example("0001-01-01T00:00:00+14:00")
@example("9999-12-31T23:59:59-12:00")
def test_no_time_of_handing_in_stops_a_class(text: str) -> None:
    """It may stand in a file or a tag of the student's own."""
    for due in ('"2026-10-24 23:59"', '"2026-10-25 02:30"'):
        left = points(due, text, more='grace = "3 days"\n[extensions]\nada = "4 weeks"')
        assert left is not None
        assert 0 <= left <= 8


@given(
    st.datetimes(datetime(2026, 10, 24), datetime(2026, 10, 27)),
    st.integers(0, 4000),
    st.integers(0, 4000),
    st.sampled_from(["1 day", "1 hour", "90 min"]),
)
def test_an_extension_over_a_night_of_set_clocks_lowers_nothing(
    due: datetime, minutes: int, extension: int, per: str
) -> None:
    """Whatever is due in the hour that there is twice."""
    when = (due.replace(tzinfo=BERLIN).astimezone(UTC) + timedelta(minutes=minutes)).isoformat()
    without = points(f'"{due.isoformat()}"', when, per)
    extended = points(
        f'"{due.isoformat()}"', when, per, f'[extensions]\nada = "{extension} minutes"'
    )
    assert without is not None
    assert extended is not None
    assert extended >= without
