"""Before and after: what a class mended, and whom it is told of."""

from __future__ import annotations

import json
from typing import Any

import pytest
from class_records import check, mistaken, question, result
from hypothesis import given
from hypothesis import strategies as st

from grader.classroom import comparison
from grader.classroom.comparison import Fact, Snapshot, compared, matched, snapshot
from grader.classroom.replays import ReplayRow, verdicts_of
from grader.classroom.roster import Person


def snapshots(**having: bool | None) -> dict[str, Snapshot]:
    """Return snapshots of who has a mistake; of ``None`` nothing was judged."""
    made = {}
    for name, has in having.items():
        if has is None:
            made[name] = snapshot(result(name, question("q")))
        else:
            made[name] = snapshot(
                result(name, mistaken("q", 2.0, "m") if has else question("q", check("q.c", 2.0)))
            )
    return made


def test_what_is_counted_of_a_mistake() -> None:
    """Then and now are of all; mended, kept and new of those who are in both."""
    then = snapshots(a=True, b=True, c=False, d=True, gone=True)
    now = snapshots(a=False, b=True, c=True, d=None, joined=True)
    found = compared(then, now, {name: name for name in "abcd"})
    assert (found.then, found.now, found.both) == (5, 5, 4)
    for fact in (Fact("mistake", "m", "q"), Fact("check", "q.c", "q")):
        (moved,) = [one for one in found.movements if one.fact == fact]
        assert (moved.then, moved.now) == (4, 3)
        # What isn't judged any more is not mended.
        assert (moved.mended, moved.kept, moved.new) == (1, 1, 1)


@given(st.lists(st.tuples(st.booleans(), st.booleans()), max_size=30))
def test_the_numbers_add_up(class_: list[tuple[bool, bool]]) -> None:
    """Where everybody is in both runs: then is mended and kept, now is kept and new."""
    names = {f"s{i}": f"s{i}" for i in range(len(class_))}
    then = snapshots(**{f"s{i}": old for i, (old, _) in enumerate(class_)})
    now = snapshots(**{f"s{i}": new for i, (_, new) in enumerate(class_)})
    for moved in compared(then, now, names).movements:
        assert moved.then == moved.mended + moved.kept
        assert moved.now == moved.kept + moved.new
        low, high = moved.interval
        assert 0 <= low <= high <= 1


def person(**ids: str) -> list[Person]:
    return [Person("Ada", ids)]


@pytest.mark.parametrize(
    ("then", "now", "expected"),
    [
        # By ids, whatever the files are called.
        ({"x": person(canvas="7")}, {"y": person(canvas="7")}, {"y": "x"}),
        ({"x": person(canvas="7")}, {"x": person(canvas="8")}, {}),
        # By names, where neither run knows an id.
        ({"ada": []}, {"ada": []}, {"ada": "ada"}),
        ({"ada": []}, {"ada": person(canvas="7")}, {"ada": "ada"}),
        ({"ada": []}, {"bo": []}, {}),
        # One kind of id is no other.
        ({"x": person(canvas="7")}, {"y": person(moodle="7")}, {}),
    ],
)
def test_who_is_who(then: Any, now: Any, expected: dict[str, str]) -> None:
    """Submissions of two runs are of one student by their ids."""
    assert matched(then, now) == expected


def test_stored_verdicts_tell_of_checks() -> None:
    """What a replay keeps of an earlier hand-in says which checks failed, and no mistake."""
    one = result("s", question("q", check("q.c", 0.0), check("q.d", 2.0)), mistaken("r", 2.0, "m"))
    row = ReplayRow("c", "s", "s", "", "", "{}", "{}", json.dumps(verdicts_of(one)))  # type: ignore[arg-type]
    found = comparison.from_verdicts(row)
    assert found.wrong == {Fact("check", "q.c", "q"), Fact("check", "r.c", "r")}
    assert {"q.c", "q.d", "q", "r"} <= found.judged
