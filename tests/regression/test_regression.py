"""A spread of the class, and the hand-ins that are kept, get what is on record for them."""

from __future__ import annotations

import copy
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import compare
import make
import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="nothing confines code elsewhere")

#: One in so many of those that take no seconds: ``compare.py`` grades them all.
STEP = 7
#: One hand-in that fails a check, and one whose models are trained.
WRONG, TRAINED = "mean-for-sum", "right"

Results = dict[str, dict[str, dict[str, Any]]]


@pytest.fixture(scope="module")
def record() -> Any:
    """What is on record."""
    return compare.read()


@pytest.fixture(scope="module")
def handins(tmp_path_factory: pytest.TempPathFactory) -> Results:
    """The results of the hand-ins that are kept."""
    names = [path.stem for path in (compare.HERE / "handins").iterdir()]
    return compare.graded(tmp_path_factory.mktemp("handins"), names)


def test_a_spread_of_the_class_is_graded_as_on_record(record: Any, tmp_path: Path) -> None:
    """Marks, evidence and words of forty submissions are what they were."""
    names = [one.name for one in make.handed() if not one.slow][::STEP]
    results = compare.graded(tmp_path, names)
    assert sum(map(len, results.values())) == len(names) >= 38
    assert list(compare.differences(record, results, whole=False)) == []


def test_hand_ins_made_from_an_earlier_template_keep_their_results(
    record: Any, handins: Results
) -> None:
    """Ten hand-ins are graded as they were when their template was given out."""
    assert len(handins["handins"]) == 10
    assert list(compare.differences(record, handins, whole=False)) == []


def test_the_same_seed_gives_the_same_bytes() -> None:
    """A class is made twice alike, and another seed makes another one."""
    first, second, other = make.handed(7, 40), make.handed(7, 40), make.handed(8, 40)
    assert len(first) == 40
    assert first == second
    assert first != other


def test_every_misconception_is_in_the_class() -> None:
    """Each entry of the frozen catalogue is there, by itself or with another."""
    names = [one.name for one in make.handed()]
    assert len(names) == len({name.casefold() for name in names}) == make.COUNT
    mistaken = {
        id
        for name in names
        if name.startswith(("mistake-", "pair-"))
        for id in name.partition("-")[2].split("+")
    }
    assert mistaken == {entry["id"] for entry in make.catalogue()}


# --- The tester ----------------------------------------------------------------------------------


def question(result: dict[str, Any], id: str) -> dict[str, Any]:
    return next(question for question in result["questions"] if question["id"] == id)


def check(result: dict[str, Any]) -> dict[str, Any]:
    """Return the check that the wrong hand-in fails."""
    found: dict[str, Any] = question(result, "affine-backward")["checks"][0]
    return found


def renamed(fields: dict[str, Any], old: str, new: str) -> None:
    fields[new] = fields.pop(old)


VALUES = "affine-backward.values: "


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda r: check(r).update(score=1.0), f"{VALUES}failed:value 1.33333/4 affine-"),
        (lambda r: check(r).update(stage="shape"), f"{VALUES}failed:value 1.33333/4 affine-"),
        (lambda r: check(r).update(diagnosis=None), "-> failed:value 1.33333/4"),
        (lambda r: check(r).update(message="Look."), f"{VALUES}words"),
        (lambda r: check(r)["evidence"].update(failing=[1, 25]), f"{VALUES}evidence"),
        (lambda r: check(r).update(visibility="published"), f"{VALUES}rest"),
        (lambda r: renamed(check(r), "message", "text"), f"{VALUES}words"),
        (lambda r: renamed(check(r)["evidence"], "got", "came"), f"{VALUES}evidence"),
        (lambda r: question(r, "affine-backward")["checks"].reverse(), "affine-backward: rest"),
        (
            lambda r: question(r, "affine-backward")["checks"].pop(0),
            "affine-backward.values: is gone",
        ),
        (lambda r: question(r, "adam").update(status="failed"), "adam: passed 6.0/6.0 -> failed"),
        (lambda r: question(r, "adam")["notes"].append("Slow."), "adam: words"),
        (lambda r: r["questions"].reverse(), f"{WRONG}: rest"),
        (lambda r: r.update(score=0.0), f"{WRONG}: graded 56.0/100.0 pending 0.0 -> graded"),
    ],
)
def test_a_result_that_changed_is_told(
    record: Any, handins: Results, change: Callable[[dict[str, Any]], object], told: str
) -> None:
    """The submission, the check and the part are named, and both marks are printed."""
    results = copy.deepcopy(handins)
    change(results["handins"][WRONG])
    found = list(compare.differences(record, results, whole=False))
    assert {one.submission for one in found} == {WRONG}
    assert any(told in line for line in compare.told(found)), found


def test_a_new_field_is_told_and_is_no_difference(record: Any, handins: Results) -> None:
    """What results get later is listed by its path."""
    results = copy.deepcopy(handins)
    for result in results["handins"].values():
        result["engine_version"] = {"major": 2}
        question(result, "adam")["checks"][0]["evidence"]["hint"] = "Count first."
    assert list(compare.differences(record, results, whole=False)) == []
    assert [line.rpartition(" ")[2] for line in compare.added(record, results)] == [
        "engine_version",
        "engine_version.major",
        "questions.checks.evidence.hint",
    ]


def test_what_is_gone_is_told(record: Any, handins: Results) -> None:
    """A submission without a result, and a field that no result has any more."""
    results = copy.deepcopy(handins)
    del results["handins"][WRONG]
    for result in results["handins"].values():
        del result["source"]
    short = {**record, "runs": {"handins": record["runs"]["handins"]}}
    found = list(compare.told(compare.differences(short, results)))
    assert f"{WRONG}: no result" in found
    assert "all: no result has the field source" in found


def test_times_and_versions_are_no_difference(record: Any, handins: Results) -> None:
    """What is of one run or one machine isn't compared."""
    results = copy.deepcopy(handins)
    for result in results["handins"].values():
        result.update(dict.fromkeys(compare.DROPPED, "other"))
        result["seconds"] = {"wall": 1.0, "cpu": 2.0}
    assert list(compare.differences(record, results, whole=False)) == []


@pytest.mark.parametrize(("accuracy", "differs"), [(0.77, False), (0.3, True)])
def test_an_accuracy_may_be_a_little_off(
    record: Any, handins: Results, accuracy: float, differs: bool
) -> None:
    """Rounding moves what a training reaches by some hundredths, and never by tenths."""
    results = copy.deepcopy(handins)
    (trained,) = question(results["handins"][TRAINED], "best-model")["checks"]
    trained["evidence"].update(accuracy=accuracy, accuracies={"hidden": accuracy})
    trained["message"] = (
        f"The model that this cell trains reaches {accuracy:.1%} on images that it has not seen."
    )
    found = list(compare.differences(record, results, whole=False))
    assert bool(found) == differs
    assert all(f"accuracy {accuracy}" in one.what for one in found)


def test_what_many_have_in_common_is_told_once() -> None:
    """A word that changed in every submission is one line, which names three of them."""
    found = [compare.Difference(name, "adam", "words") for name in "abcde"]
    assert list(compare.told(found)) == ["a, b, c and 2 more: adam: words"]
