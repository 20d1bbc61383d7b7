"""A course's rules for points and time, as ``policy.toml`` or the manifest's ``[policy]`` has them.

Applied whenever results are told, and never stored: the automatic marks stay what they are, and a
rule that is changed tells the whole class anew without running anyone's code.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from types import MappingProxyType

from grader.classroom import times
from grader.classroom.roster import plain
from grader.classroom.times import PolicyError

__all__ = ["FILE", "Late", "Policy", "PolicyError", "find", "parse", "read_policy"]

FILE = "policy.toml"

#: Fields that name students.
_OF_PEOPLE = ("extensions", "excused")


@dataclass(frozen=True)
class Late:
    """What lateness costs: *penalty*, a share of the points that were earned, a begun step.

    With ``points``, it is so many points instead. Nobody falls below ``floor``, a share of what was
    earned, by lateness alone; after ``until`` nothing counts at all.
    """

    penalty: float = 0.0
    points: float = 0.0
    per: timedelta = timedelta(days=1)
    floor: float = 0.0
    until: timedelta | None = None


@dataclass(frozen=True)
class Policy:
    """A course's rules. The one of no fields changes nothing.

    ``due`` has a zone. ``grace`` forgives lateness up to it whole; ``late_days`` are days for
    which nobody pays. ``extensions`` give a time or a span by what stands for a student,
    ``excused`` names who needn't hand in. ``bonus`` is what a submission may have above its
    maximum. ``points`` are a question's, by its id, in place of the manifest's; ``shares`` weigh
    the checks of a question, 0 for one that is dropped. Before ``feedback_after`` no export tells
    students why points are missing.
    """

    due: datetime | None = None
    grace: timedelta = timedelta()
    late_days: float = 0.0
    late: Late = Late()
    extensions: Mapping[str, datetime | timedelta] = field(default_factory=dict)
    excused: frozenset[str] = frozenset()
    bonus: float = 0.0
    points: Mapping[str, float] = field(default_factory=dict)
    shares: Mapping[str, float] = field(default_factory=dict)
    feedback_after: datetime | None = None

    @property
    def scores(self) -> bool:
        """Whether it changes what questions are worth."""
        return bool(self.points or self.shares)

    def extended(self, said: Iterable[str]) -> datetime | None:
        """Return when work is due of whoever is called one of *said*: the latest that applies."""
        if self.due is None:
            return None
        found = [self.extensions[name] for name in said if name in self.extensions]
        until = [times.later(self.due, one) if isinstance(one, timedelta) else one for one in found]
        # In one zone Python compares what clocks show, which is wrong where they are set back.
        return max([self.due, *until], key=lambda one: one.astimezone(UTC))

    def require(self, questions: Collection[str]) -> None:
        """Raise :class:`PolicyError` where points are given to what is none of *questions*."""
        for name, ids in (("points", self.points), ("shares and drop", self.shares)):
            for id in ids:
                known = id in questions or any(id.startswith(f"{q}.") for q in questions)
                if not known or (name == "points" and id not in questions):
                    raise PolicyError(
                        f"{name}: there is no {id!r}; the questions are {', '.join(questions)}"
                    )

    def time(self, text: str) -> datetime | None:
        """Return a time of handing in; one without a zone is in the due date's."""
        try:
            found = datetime.fromisoformat(text)
        except ValueError:
            return None
        if not 1900 <= found.year <= 9000:
            return None  # from a student's own clone, and beyond what can be added to
        zone = self.due.tzinfo if self.due is not None else UTC
        return found if found.tzinfo is not None else found.replace(tzinfo=zone)


def find(
    output: Path, named: Path | None = None, given: Mapping[str, object] = MappingProxyType({})
) -> Policy:
    """Return the policy of the results in *output*.

    That is what the manifest *given* says, with each field that stands in *named*, or in the file
    in the folder or beside it, as it stands there. Raises :class:`PolicyError`.
    """
    for name in _OF_PEOPLE:
        if name in given:
            raise PolicyError(
                f"policy.{name} is about people, and students get the manifest: put it into {FILE}"
            )
    try:
        policy = parse(given)
    except PolicyError as error:
        raise PolicyError(f"the manifest's [policy]: {error}") from None
    places = [named] if named is not None else [output / FILE, output.absolute().parent / FILE]
    for path in places:
        if named is not None or path.is_file():
            return read_policy(path, given)
    return policy


def read_policy(path: Path, given: Mapping[str, object] = MappingProxyType({})) -> Policy:
    """Return the policy in a file, over what is *given*. Raises :class:`PolicyError`."""
    try:
        return parse({**given, **tomllib.loads(path.read_text("utf-8-sig"))})
    except OSError as error:
        raise PolicyError(f"{path} can't be read: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise PolicyError(f"{path} is no TOML: {error}") from None
    except PolicyError as error:
        raise PolicyError(f"{path}: {error}") from None


def parse(data: Mapping[str, object]) -> Policy:
    """Make a policy of a parsed file. Raises :class:`PolicyError`, naming the field."""
    known = [
        "due",
        "timezone",
        "grace",
        "late_days",
        "late",
        "extensions",
        "excused",
        "bonus",
        "points",
        "shares",
        "drop",
        "feedback_after",
    ]
    _known(data, known, "")
    zone = times.zone(data.get("timezone"))
    due = times.when(data["due"], zone, "due") if "due" in data else None
    if due is None and any(name in data for name in ("late", "grace", "late_days", "extensions")):
        raise PolicyError("due is missing: the rest of the rules about time starts from it")
    shares = {**_numbers(data, "shares"), **dict.fromkeys(_texts(data, "drop"), 0.0)}
    extensions = {
        plain(name): times.extension(value, zone, f"extensions.{name}")
        for name, value in _table(data, "extensions").items()
    }
    return Policy(
        due=due,
        grace=times.span(data.get("grace", 0), "grace"),
        late_days=_number(data.get("late_days", 0), "late_days"),
        late=_late(data.get("late", {})),
        extensions=extensions,
        excused=frozenset(plain(name) for name in _texts(data, "excused")),
        bonus=_number(data.get("bonus", 0), "bonus"),
        points=_numbers(data, "points"),
        shares=shares,
        feedback_after=_after(data.get("feedback_after"), due, extensions, zone),
    )


def _after(
    value: object,
    due: datetime | None,
    extensions: Mapping[str, datetime | timedelta],
    zone: tzinfo | None,
) -> datetime | None:
    """Return a time, or one that is told from the due date on: of whoever has the latest."""
    if value is None:
        return None
    path = "feedback_after"
    found = timedelta() if value == "due" else times.extension(value, zone, path)
    if isinstance(found, datetime):
        return found
    if due is None:
        raise PolicyError(f"due is missing: {path} starts from it")
    each = (due + one if isinstance(one, timedelta) else one for one in extensions.values())
    return max((due, *each)) + found


def _late(data: object) -> Late:
    if not isinstance(data, Mapping):
        raise PolicyError("late must be a table: write [late]")
    _known(data, ("penalty", "points", "per", "floor", "until"), "late.")
    per = times.span(data.get("per", "1 day"), "late.per")
    if not per:
        raise PolicyError("late.per must be longer than nothing")
    return Late(
        penalty=_share(data.get("penalty", 0), "late.penalty"),
        points=_number(data.get("points", 0), "late.points"),
        per=per,
        floor=_share(data.get("floor", 0), "late.floor"),
        until=times.span(data["until"], "late.until") if "until" in data else None,
    )


def _known(data: Mapping[str, object], known: Iterable[str], path: str) -> None:
    for name in data:
        if name not in known:
            raise PolicyError(f"{path}{name} is no field: choose from {', '.join(known)}")


def _share(value: object, path: str) -> float:
    """Return a share from 0 to 1, which may be written as a percentage."""
    if isinstance(value, str) and value.strip().endswith("%"):
        try:
            value = float(value.strip()[:-1]) / 100
        except ValueError:
            value = -1
    share = _number(value, path)
    if share > 1:
        raise PolicyError(f"{path} is {value!r}: give a share from 0 to 1, or one such as '10%'")
    return share


def _number(value: object, path: str) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < 1e9:
        raise PolicyError(f"{path} is {value!r}: give a number that is not negative")
    return float(value)


def _numbers(data: Mapping[str, object], name: str) -> dict[str, float]:
    return _each(_table(data, name), lambda key, value: _number(value, f"{name}.{key}"))


def _each(table: Mapping[str, object], made: Callable[[str, object], float]) -> dict[str, float]:
    return {key: made(key, value) for key, value in table.items()}


def _table(data: Mapping[str, object], name: str) -> Mapping[str, object]:
    found = data.get(name, {})
    if not isinstance(found, Mapping):
        raise PolicyError(f"{name} must be a table: write [{name}]")
    return found


def _texts(data: Mapping[str, object], name: str) -> list[str]:
    found = data.get(name, [])
    if not isinstance(found, list) or not all(isinstance(text, str) for text in found):
        raise PolicyError(f"{name} must be a list of texts")
    return found
