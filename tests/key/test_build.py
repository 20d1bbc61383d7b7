"""Keys: drawn, answered twice, stored; and found out when they are stale."""

import json
from pathlib import Path

import numpy as np
import pytest

from grader.authoring import building
from grader.key import BadKey, load
from grader.key.certifying import BuildError
from grader.key.checks import course_checks
from grader.key.variants import VariantError
from grader.model.assignment import ManifestError


def outputs(toy: Path) -> Path:
    return toy.parent / building.OUTPUTS


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), "utf-8")


def test_a_key_holds_what_the_reference_answers(toy: Path) -> None:
    """Every hidden example has an answer, and it is the layer's."""
    building.build(toy)
    key = load(outputs(toy))
    sheet = key.sheets["scale-forward.values"]
    assert len(sheet.run.examples) == len(sheet.answers) == 25
    for inputs, answer in zip(sheet.run.examples, sheet.answers, strict=True):
        assert np.allclose(answer["out"], inputs["x"] * inputs["a"], rtol=1e-14)
    assert sum(check.points for check in key.checks) == 15
    assert key.hash.startswith("sha256:")


def test_a_build_is_repeated_to_the_byte(toy: Path) -> None:
    """Two builds on one machine make the same files."""
    building.build(toy)
    first = {path: path.read_bytes() for path in outputs(toy).iterdir()}
    building.build(toy)
    assert {path: path.read_bytes() for path in outputs(toy).iterdir()} == first
    assert building.stale(toy) == []


def test_a_secret_seed_draws_other_examples(toy: Path, tmp_path: Path) -> None:
    """A course's own key asks other examples than the demonstration, and climbs the same ladder."""
    building.build(toy)
    building.own_key(toy, tmp_path / "own", "a seed that nobody knows")
    public, own = load(outputs(toy)), load(tmp_path / "own")
    run = "scale-forward.values"
    ours = [example["x"].tobytes() for example in own.sheets[run].run.examples]
    theirs = {example["x"].tobytes() for example in public.sheets[run].run.examples}
    assert not any(example in theirs for example in ours)
    rungs = [[e["x"].tobytes() for e in k.ladders[run].run.examples] for k in (public, own)]
    assert rungs[0] == rungs[1]


def test_formulas_that_disagree_make_no_key(toy: Path) -> None:
    """A reference that the witness contradicts is refused, with the check's name."""
    edit(toy / "scales" / "scale.py", "da = (dout * x).sum(axis=0)", "da = (dout * x).mean(axis=0)")
    with pytest.raises(BuildError, match=r"scale-backward\.values: only 0 of"):
        building.build(toy)


def test_a_reference_that_misses_the_published_figures_makes_no_key(toy: Path) -> None:
    """Published figures are held against the reference before anything is written."""
    edit(toy / "checks" / "__init__.py", "[[2.0, 6.0]]", "[[2.0, 6.5]]")
    with pytest.raises(BuildError, match="misses the published figures"):
        building.build(toy)
    assert not outputs(toy).exists()


def test_points_that_do_not_add_up_make_no_key(toy: Path) -> None:
    """The rows' points of a question must be the manifest's."""
    edit(toy / "assignment.toml", "points = 5", "points = 7")
    with pytest.raises(BuildError, match="decay has 7 points in the manifest"):
        building.build(toy)


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("scales/scale.py", "dx = dout * a", "dx = dout * a * (1 + 1e-6)", "scale-backward.values"),
        ("checks/__init__.py", "Output", "The output", "differ from the rows: scale-forward"),
        ("checks/__init__.py", "sizes(2, 5", "sizes(2, 6", "examples of scale-forward.values"),
        ("scales/help.py", "that students call", "for all", "given files"),
        ("template/README.md", "steps", "strides", "student_template/stale: README.md"),
    ],
)
def test_what_is_stale_is_named(toy: Path, file: str, old: str, new: str, said: str) -> None:
    """An edit of the source that was not built shows as a line that names what differs."""
    building.build(toy)
    path = toy / file
    path.write_text(path.read_text("utf-8").replace(old, new), "utf-8")
    if file == "scales/scale.py":  # the witness would stop the build; only the answers are asked
        (toy / "witness" / "scale.py").write_bytes(path.read_bytes())
        (toy / "witness" / "__init__.py").write_text("")
        (toy / "witness" / "help.py").write_bytes((toy / "scales" / "help.py").read_bytes())
    assert any(said in line for line in building.stale(toy))


def test_a_damaged_key_says_what_to_do(toy: Path) -> None:
    """A key that is missing, cut or of another schema raises BadKey with the way out."""
    with pytest.raises(BadKey, match="grader build"):
        load(outputs(toy))
    building.build(toy)
    path = outputs(toy) / "key.json"
    whole = path.read_text("utf-8")
    path.write_text(whole[: len(whole) // 2], "utf-8")
    with pytest.raises(BadKey, match="damaged"):
        load(outputs(toy))
    for old in ("grader/key/v1", "grader/key/v9"):
        path.write_text(whole.replace("grader/key/v2", old), "utf-8")
        with pytest.raises(BadKey, match=f"{old}; this grader reads .*grader build --key"):
            load(outputs(toy))
    secret = json.loads(whole)["secret"]
    path.write_text(whole.replace(secret, secret[:8]), "utf-8")
    with pytest.raises(BadKey, match="secret is too short"):
        load(outputs(toy))


def test_no_manifest_and_no_rows_are_told_apart(toy: Path, tmp_path: Path) -> None:
    """A folder without a manifest, and one without rows, each say what is missing."""
    from grader.key import sources

    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(ManifestError, match=r"assignment\.toml"):
        sources.find(empty)
    (toy / "checks" / "__init__.py").unlink()
    with pytest.raises(ManifestError, match="ROWS"):
        course_checks(toy)


def nearly(toy: Path, above: float) -> None:
    """Declare a variant that differs where the inputs add up to more than *above*."""
    (toy / "misconceptions").mkdir(exist_ok=True)
    (toy / "misconceptions" / "scale.toml").write_text(
        f"""
file = "scale.py"

[[nearly]]
id = "scale-large"
question = "scale-forward"
function = "scale_forward"
nearly = "a little more"
edits = [{{ old = "twice(x) * a / 2", new = "twice(x) * a / 2 + 1e-7 * (x.sum() > {above})" }}]
""",
        "utf-8",
    )


def test_a_variant_that_a_secret_does_not_tell_gets_an_example(toy: Path) -> None:
    """In the place of the last one; all others stay as they were drawn."""
    building.build(toy)
    before = load(outputs(toy)).sheets["scale-forward.values"].run.examples
    largest = max(float(example["x"].sum()) for example in before)
    nearly(toy, largest)
    building.build(toy)
    sheet = load(outputs(toy)).sheets["scale-forward.values"]
    *others, last = sheet.run.examples
    for one, other in zip(others, before, strict=False):
        assert one["x"].tobytes() == other["x"].tobytes()
    assert last["x"].sum() > largest
    (variant,) = sheet.nearly
    assert np.allclose(variant.answers[-1]["out"] - sheet.answers[-1]["out"], 1e-7)
    assert building.stale(toy) == []


def test_a_variant_that_nothing_tells_makes_no_key(toy: Path) -> None:
    """It is the reference, whatever was meant by it."""
    nearly(toy, 1e9)
    with pytest.raises(VariantError, match="scale-large answers as the reference does"):
        building.build(toy)
