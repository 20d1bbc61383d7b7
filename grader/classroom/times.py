"""Times, time zones and lengths of time as a course's rules write them."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from grader.model.problem import Problem

_UNITS = {
    **dict.fromkeys(("second", "sec"), 1),
    **dict.fromkeys(("minute", "min"), 60),
    **dict.fromkeys(("hour", "hr", "h"), 3600),
    **dict.fromkeys(("day", "d"), 86400),
    "week": 604800,
}
_SPAN = re.compile(r"(\d+(?:\.\d+)?)\s*([a-z]+?)s?\b")
#: Longer than any course: sums with it stay within what times can be.
_LONGEST = timedelta(days=36_500)
_DAY = timedelta(days=1)


class PolicyError(Problem, ValueError):
    """A policy is wrong; the message names the field and what it should be."""


def zone(name: object) -> tzinfo | None:
    """Return the zone of that name; ``None`` for no name. Raises :class:`PolicyError`."""
    if name is None:
        return None
    try:
        return ZoneInfo(str(name))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise PolicyError(
            f"timezone is {name!r}: give a name such as Europe/Berlin, or write the due date with "
            "its offset, as in 2026-10-05T23:59:00+02:00"
        ) from None


def when(value: object, zone: tzinfo | None, path: str) -> datetime:
    """Return a time with its zone; a day alone lasts to its end. Raises :class:`PolicyError`."""
    if isinstance(value, str):
        value = _iso(value.strip())
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime.combine(value, time(23, 59, 59))
    if not isinstance(value, datetime):
        raise PolicyError(f"{path} must be a time, as in 2026-10-05T23:59:00+02:00")
    if not 1900 <= value.year <= 9000:
        raise PolicyError(f"{path} is in the year {value.year}: give one of this course")
    if value.tzinfo is None:
        if zone is None:
            raise PolicyError(
                f'{path} has no time zone: write its offset, or timezone = "Europe/Berlin"'
            )
        return value.replace(tzinfo=zone)
    return value


def _iso(text: str) -> date | None:
    for read in (date.fromisoformat, datetime.fromisoformat):
        with suppress(ValueError):
            return read(text)
    return None


def extension(value: object, zone: tzinfo | None, path: str) -> datetime | timedelta:
    """Return until when, or by how much longer, somebody may work. Raises :class:`PolicyError`."""
    if isinstance(value, (int, float)) or (
        isinstance(value, str) and _SPAN.match(value.strip().casefold())
    ):
        try:
            return span(value, path)
        except PolicyError:
            if not isinstance(value, str) or not re.match(r"\s*\d{4}-?\d\d", value):
                raise
    return when(value, zone, path)


def span(value: object, path: str) -> timedelta:
    """Return a length of time: ``15 minutes``, ``2 days 12 hours``, or a number of days.

    Raises :class:`PolicyError`.
    """
    wrong = PolicyError(f"{path} is {value!r}: write it as in 15 minutes, 2 hours or 1 day")
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        seconds = 86400.0 * value
    else:
        text = str(value).casefold().strip()
        found = _SPAN.findall(text)
        rest = _SPAN.sub("", text).replace("and", "").strip(" ,")
        if not found or rest or any(unit not in _UNITS for _, unit in found):
            raise wrong
        seconds = sum(float(number) * _UNITS[unit] for number, unit in found)
    if not 0 <= seconds <= _LONGEST.total_seconds():
        raise wrong
    return timedelta(seconds=seconds)


def later(start: datetime, by: timedelta) -> datetime:
    """Return the time that comes *by* so much after *start*: its days as a calendar has them."""
    days = timedelta(days=by.days)
    return ((start + days).astimezone(UTC) + (by - days)).astimezone(start.tzinfo)


def lateness(due: datetime, handed: datetime, per: timedelta) -> timedelta:
    """Return by how much *handed* is after *due*, as a clock between them counts it.

    Where steps are whole days, the day on which clocks are set back, in the zone of *due*, is as
    long as any other.
    """
    late = handed.astimezone(UTC) - due.astimezone(UTC)
    if per % _DAY:
        return late
    before, after = due.utcoffset(), handed.astimezone(due.tzinfo).utcoffset()
    return late - max(timedelta(), (before or timedelta()) - (after or timedelta()))
