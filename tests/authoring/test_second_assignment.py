"""An assignment that is no network, with a kind of its own: built, graded, checked, explained."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from conftest import HandIn  # type: ignore[import-not-found]

from grader.authoring import building
from grader.authoring.explaining import course, explain
from grader.cli import main
from grader.key import load, sources
from grader.key.checks import course_checks, judged
from grader.model.assignment import ManifestError

PLAIN = ("--isolation", "process", "--allow-unsandboxed", "-q")
POINTS = {"distances": 4, "nearest": 3, "classify": 5, "moments": 2, "loss": 8, "fit": 5}


def graded(linreg: Path, tmp_path: Path, *options: object) -> dict[str, dict[str, object]]:
    """Grade the class; return each submission's result by name."""
    out = tmp_path / "grades"
    code = main(
        ["grade", "-a", str(linreg), "-o", str(out), "--as", "class", *PLAIN]
        + [str(option) for option in (*options, tmp_path / "class")]
    )
    assert code == 0
    found = {}
    for path in out.rglob("result.json"):
        result = json.loads(path.read_text("utf-8"))
        found[result["submission"]] = {q["id"]: q for q in result["questions"]}
    return found


def failed(question: dict[str, object]) -> dict[str, dict[str, object]]:
    return {c["id"]: c for c in question["checks"] if c["status"] != "passed"}  # type: ignore


def test_a_build_is_repeated_to_the_byte(linreg: Path) -> None:
    """Its outputs stand where the manifest says, and nothing is stale."""
    places = [linreg.parent / "linreg_template", linreg.parent / "linreg_key"]
    before = {p: p.read_bytes() for place in places for p in place.rglob("*") if p.is_file()}
    assert building.build(linreg) == places
    assert {p: p.read_bytes() for p in before} == before
    assert building.stale(linreg) == []


def test_the_reference_earns_all_and_the_template_nothing(
    linreg: Path, tmp_path: Path, hand_in: HandIn
) -> None:
    """Plain values, tuples, dicts, whole numbers and the course's own kind alike."""
    hand_in("right")
    shutil.copytree(linreg.parent / "linreg_template", tmp_path / "class" / "blank")
    found = graded(linreg, tmp_path)
    assert {id: q["score"] for id, q in found["right"].items()} == {**POINTS, "why-k": 0}
    assert found["right"]["why-k"]["status"] == "needs_marking"
    assert {q["score"] for q in found["blank"].values()} == {0.0}
    assert "why-k" in load(linreg.parent / "linreg_key").rubrics


def test_a_fault_costs_its_own_question_and_is_named(
    linreg: Path, tmp_path: Path, hand_in: HandIn
) -> None:
    """What builds on a failed function is judged with the reference's in its place."""
    hand_in(
        "wrong",
        neighbours={
            "np.sqrt((apart**2).sum(axis=2))": "(apart**2).sum(axis=2) - 3",
            "[:, :k]": "[:, -k:]",
        },
        linear={"dw = 2 * X": "dw = X"},
    )
    found = graded(linreg, tmp_path)["wrong"]
    assert {id: q["score"] for id, q in found.items()} == {
        "distances": 0,
        "nearest": 0,
        "classify": 5,
        "moments": 2,
        "loss": 5,
        "fit": 5,
        "why-k": 0,
    }
    assert found["classify"]["given"] == ["distances", "nearest"]
    assert failed(found["nearest"])["nearest.values"]["diagnosis"] == "nearest-farthest"
    assert failed(found["loss"])["loss.gradients"]["diagnosis"] == "loss-half"
    assert failed(found["loss"])["loss.gradient"]["stage"] == "gradient"


def test_a_course_s_judge_has_words_of_its_own(
    linreg: Path, tmp_path: Path, hand_in: HandIn
) -> None:
    """What a judge of the course reports is said in the course's words; any order is right."""
    hand_in("reversed", neighbours={"[:, :k]": "[:, :k][:, ::-1]"})
    hand_in("twice", neighbours={"[:, :k]": "[:, :k] * 0"})
    found = graded(linreg, tmp_path, "--only", "code")
    assert found["reversed"]["nearest"]["score"] == 3
    message = failed(found["twice"]["nearest"])["nearest.values"]["message"]
    assert str(message).startswith(("Give each neighbour once: row", "Look for the smallest"))


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        ("return x @ w + b", "passed"),
        ("return x[:, 0]", "needs_marking"),
        ("return x", "failed"),
        ("return None", "failed"),
    ],
)
def test_a_fit_is_measured_by_what_it_explains(
    linreg: Path, tmp_path: Path, hand_in: HandIn, answer: str, status: str
) -> None:
    """The variable is a function, it answers values, and its words are the manifest's."""
    hand_in("fit", Fits={"return x @ w + b": answer})
    question = graded(linreg, tmp_path)["fit"]["fit"]
    assert question["status"] == status
    (check,) = question["checks"]  # type: ignore[misc]
    if status == "passed":
        assert "points that it has not seen" in check["message"]
        assert len(check["evidence"]["histories"]["loss_history"]) == 100
    elif status == "failed":
        assert "a number for each input, of shape (N,) from the function" in check["message"]


def test_the_key_alone_explains_its_checks(linreg: Path, tmp_path: Path) -> None:
    """A course's own judge is explained without importing anything of the course's."""
    bare = tmp_path / "bare"
    bare.mkdir()
    shutil.copy(linreg / "assignment.toml", bare)
    found = course(bare, linreg.parent / "linreg_key")
    assert "k smallest distances, each once" in explain("nearest.values", found)
    assert "two inputs" not in explain("loss.gradient", found)
    assert "squared distances" in explain("distances-squared", found)


def test_a_judge_is_looked_for_in_the_course_only(linreg: Path, tmp_path: Path) -> None:
    """A key whose judge can't be had says so; below a graded path nothing is imported."""
    key = load(linreg.parent / "linreg_key")
    assert "same_indices" in judged(key, linreg).judges
    other = tmp_path / "linreg"
    shutil.copytree(linreg, other)
    text = (other / "checks" / "__init__.py").read_text("utf-8")
    (other / "checks" / "__init__.py").write_text(
        text.replace("import JUDGES,", "import JUDGES as J,") + "\nJUDGES = {}\n"
    )
    with pytest.raises(ManifestError, match="no judge same_indices in JUDGES"):
        judged(key, other)
    (other / "checks" / "__init__.py").write_text("raise SystemExit('imported')\n")
    with pytest.raises(ManifestError, match="which is being graded"):
        judged(key, other, [tmp_path])


def test_two_courses_judges_never_meet(linreg: Path) -> None:
    """A course's judges belong to what was read of it, and are no global state."""
    from grader.kinds import JUDGES

    assert "same_indices" in course_checks(linreg).judges
    assert "same_indices" not in JUDGES


def test_the_students_own_checks_search(
    linreg: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """`grader check` runs in the template: differences, relations and the course's kind."""
    folder = Path(shutil.copytree(linreg.parent / "linreg_template", tmp_path / "mine"))
    for path in (linreg / "fits").glob("*.py"):
        text = path.read_text("utf-8").replace("dw = 2 * X", "dw = X")
        text = text.replace("Z[:, None, :] - X[None, :, :]", "Z[:, None, :] + X[None, :, :]")
        (folder / "fits" / path.name).write_text(text)
    monkeypatch.chdir(folder)
    assert main(["check", "-q", "--examples", "10"]) == 1
    said = capsys.readouterr().out
    assert "ok   nearest: " in said
    assert "FAIL loss.gradients" in said
    assert "FAIL distances.moved" in said
    assert "changes when all points move together" in said
    assert main(["check", "-q", "--examples", "10", "distances"]) == 1
    assert "Print the differences before they are squared" in capsys.readouterr().out


def test_a_key_of_another_assignment_is_refused(
    linreg: Path,
    toy_course: Path,
    tmp_path: Path,
    hand_in: HandIn,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A key says which assignment it is of."""
    hand_in("right")
    key = sources.key_folder(toy_course, sources.manifest(toy_course))
    where = ["--key", str(key), "-o", str(tmp_path / "g"), str(tmp_path / "class")]
    code = main(["grade", "-a", str(linreg), *PLAIN, *where])
    assert code == 2
    assert "is of toy, and the assignment is linreg" in capsys.readouterr().err


def test_a_key_whose_training_asks_too_much_is_refused(linreg: Path, tmp_path: Path) -> None:
    """The reference's answer is trained on the key's own points before the key is written."""
    manifest = linreg / "assignment.toml"
    building.own_key(linreg, tmp_path / "own", "a seed of sixteen letters")
    assert load(tmp_path / "own").secret
    manifest.write_text(manifest.read_text().replace("reach = 0.9,", "reach = 0.999,"))
    with pytest.raises(building.BuildError, match=r"answer to fit reaches 0\.99\d on them"):
        building.own_key(linreg, tmp_path / "other", "a seed of sixteen letters")
    assert not (tmp_path / "other").exists()
