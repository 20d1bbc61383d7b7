"""What people decide over what was marked: told on pages, kept through regrades, taken back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest_results import check, result

from grader.classroom import appeals, pinning
from grader.classroom.causes import Cause, causes, occurrences
from grader.classroom.overrides import change_cause, change_points
from grader.classroom.replays import ReplayRow
from grader.classroom.steps import Steps
from grader.classroom.telling import Telling
from grader.classroom.undoing import log_undone, undo
from grader.model.problem import Problem

AXIS = check("q.one", 1, 4, diagnosis="axis")


@pytest.fixture
def steps(tmp_path: Path) -> Iterator[Steps]:
    """A gradebook with three results: two share a mistake."""
    with Steps(tmp_path) as made:
        for name in ("ada", "bo"):
            made.save(result(name, AXIS, check("q.two", 1, 1)), ["N"])  # type: ignore[arg-type]
        made.save(result("cy", check("q.one", 4, 4)), ["N"])  # type: ignore[arg-type]
        for name in ("ada", "bo", "cy"):
            made.replayable(ReplayRow(f"code{name}", name, name, "", "", "{}", "{}", "{}"))
        yield made


def cause(steps: Steps) -> Cause:
    """The one cause of that class."""
    (found,) = causes({r["submission"]: occurrences(r) for r in steps.all()})
    return found


def told(steps: Steps) -> dict[str, tuple[float, list[str]]]:
    """Return score and notes of the question as each student's page tells them."""
    results = Telling(steps).results(steps.submissions())
    return {r["submission"]: (r["score"], r["questions"][0]["notes"]) for r in results}


def test_a_note_stands_on_the_pages_of_exactly_those_with_the_cause(steps: Steps) -> None:
    """Who loses the cause loses the note, who gets it gets it, and no result holds it."""
    before = Telling(steps)
    note = pinning.pin(steps, "q", "axis", "See the lecture on axes.", "kim")
    notes = {name: notes for name, (_, notes) in told(steps).items()}
    assert notes == {**dict.fromkeys(("ada", "bo"), notes["ada"]), "cy": []}
    assert notes["ada"][0].endswith("See the lecture on axes.")
    assert Telling(steps).changed_since(before) == ["ada", "bo"]
    assert all(not r["questions"][0]["notes"] for r in steps.all())
    steps.save(result("bo", check("q.one", 4, 4)), ["N"])  # type: ignore[arg-type]
    steps.save(result("cy", AXIS), ["N"])  # type: ignore[arg-type]
    assert [name for name, (_, notes) in told(steps).items() if notes] == ["ada", "cy"]
    undo(steps, note.id, "wrong lecture", "kim")
    assert not any(notes for _, notes in told(steps).values())
    log = [(entry.who, entry.what.partition(" (")[0]) for entry in steps.logged()]
    assert log == [("kim", "pinned a note"), ("kim", "took off a note")]


def test_a_note_without_a_text_is_refused(steps: Steps) -> None:
    """Nothing is kept of it."""
    with pytest.raises(Problem, match="write the note"):
        pinning.pin(steps, "q", "axis", " ")
    assert steps.notes() == []


@pytest.mark.parametrize(
    ("change", "points", "each"), [("back", 0, 5), ("add", 1, 3), ("set", 4, 4)]
)
def test_a_cause_is_overridden_for_exactly_its_students(
    steps: Steps, change: str, points: float, each: float
) -> None:
    """A regrade keeps it, and one id takes it back from all."""
    id = change_cause(steps, cause(steps), change, points, "the check was harsh", by="kim")  # type: ignore[arg-type]
    assert {name: score for name, (score, _) in told(steps).items()} == {
        "ada": each, "bo": each, "cy": 4,
    }  # fmt: skip
    steps.save(result("ada", AXIS, check("q.two", 1, 1)), ["N"])  # type: ignore[arg-type]
    assert told(steps)["ada"][0] == each
    assert {entry.submission for entry in steps.logged()} == {"ada", "bo"}
    undo(steps, id)
    assert {name: score for name, (score, _) in told(steps).items()} == {"ada": 2, "bo": 2, "cy": 4}


def test_what_is_given_back_is_never_more_than_a_check_has(steps: Steps) -> None:
    """Whose code is right by now has all points, and no more."""
    change_cause(steps, cause(steps), "back", 0, "why")
    steps.save(result("ada", check("q.one", 4, 4), check("q.two", 0, 1)), ["N"])  # type: ignore[arg-type]
    (ada,) = Telling(steps).results(["ada"])
    assert [one["score"] for one in ada["questions"][0]["checks"]] == [4, 0]


def test_a_step_of_the_desk_is_undone_whole_and_logged(steps: Steps) -> None:
    """The marker's last step is the whole batch."""
    change_cause(steps, cause(steps), "back", 0, "why", by="kim")
    last = steps.last("kim")
    assert last is not None
    undone = steps.undo("kim", last.number)
    assert undone is not None
    log_undone(steps, undone, "kim")
    assert steps.adjustments() == []
    assert [e.what.partition(":")[0] for e in steps.logged()][-2:] == ["undid", "undid"]


def test_points_need_a_reason_and_a_number(steps: Steps) -> None:
    """Nothing is stored of a change that can't be made."""
    with pytest.raises(Problem, match="say why"):
        change_points(steps, "ada", "q", "add", 1, "")
    with pytest.raises(Problem, match="negative"):
        change_points(steps, "ada", "q", "set", -1, "why")
    for points in (float("inf"), float("nan"), 1e308):
        with pytest.raises(Problem, match="at most 1,000,000"):
            change_points(steps, "ada", "q", "set", points, "why")
    assert (steps.adjustments(), steps.logged()) == ([], [])


def test_an_appeal_is_recorded_decided_and_told(steps: Steps) -> None:
    """The decision stands on the page with its points, through a regrade; it can be taken back."""
    made = appeals.record(steps, " CODEADA ", "It is right.", "q", by="kim")
    assert told(steps)["ada"] == (2, []), "what isn't decided is on no page"
    appeals.decide(steps, made.id, "You are right.", ("add", 2), by="lee")
    steps.save(result("ada", AXIS, check("q.two", 1, 1), code="other"), ["N"])  # type: ignore[arg-type]
    score, notes = told(steps)["ada"]
    assert (score, notes[-1].endswith("You are right.")) == (4, True)
    appeals.decide(steps, made.id, "You are right in part.", ("set", 3), by="lee")
    assert told(steps)["ada"][0] == 3, "the later decision replaces the earlier one"
    assert told(steps)["bo"] == (2, [])
    undo(steps, made.id, "a mistake")
    assert told(steps)["ada"] == (2, [])
    assert [one.decision for one in steps.appeals()] == [""]
    assert {"kim", "lee"} < {entry.who for entry in steps.logged()}


def test_a_decision_about_the_whole_is_a_note_of_the_whole(steps: Steps) -> None:
    """Without a question, and without points."""
    made = appeals.record(steps, "codebo", "All of it.")
    appeals.decide(steps, made.id, "It stays.")
    (bo,) = Telling(steps).results(["bo"])
    assert bo["notes"][0].endswith("It stays.")
    assert told(steps)["bo"] == (2, [])


def test_appeals_that_cannot_be(steps: Steps) -> None:
    """A code that no page has, a question that isn't there, no words, an unknown id."""
    for arguments, why in (
        (("nothing", "x"), "has the code"),
        (("codeada", "x", "w"), "no question"),
        (("codeada", " "), "objects to"),
    ):
        with pytest.raises(Problem, match=why):
            appeals.record(steps, *arguments)
    with pytest.raises(Problem, match="no objection"):
        appeals.decide(steps, "a0", "x")
    made = appeals.record(steps, "codeada", "x")
    with pytest.raises(Problem, match="what was decided"):
        appeals.decide(steps, made.id, "")
    with pytest.raises(Problem, match="negative"):
        appeals.decide(steps, made.id, "x", ("set", -1))
    assert told(steps)["ada"] == (2, [])


def test_what_was_decided_follows_a_student_to_another_name(steps: Steps) -> None:
    """A hand-in that is known by another name later has its appeals and changes."""
    change_points(steps, "ada", "q", "add", 1, "why")
    appeals.record(steps, "codeada", "x")
    steps.take_over("cy", "ada")
    assert [row[1] for row in steps.adjustments()] == ["cy"]
    assert [one.submission for one in steps.appeals()] == ["cy"]
