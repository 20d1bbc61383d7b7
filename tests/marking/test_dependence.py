"""What a wrong output depends on is told beside the reference's; and nothing is where it agrees."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from grader.authoring import building
from grader.key import Key, dependence, load, sources
from grader.key.dependence import tables
from grader.marking.explaining.dependence import Dependence
from grader.marking.explaining.explainer import Explainer
from grader.marking.explaining.failure import PublicFailure
from grader.marking.marker import Marker
from grader.model.checks import AnsweredRun
from grader.model.dependence import Table, Varied
from grader.model.evidence import ExplanationFacts
from grader.model.trees import Tree
from grader.model.verdicts import CheckResult, SubmissionResult, Verdict
from grader.sandbox import Batch, Package, Sandbox, Session
from grader.submissions import find, read_submission

sys.path.append(str(Path(__file__).parents[1] / "right"))
from right_packages import NAMES, handed_in

Mark = Callable[..., SubmissionResult]
VARIANTS = sorted(
    path.name
    for path in (Path(__file__).parents[1] / "variants").iterdir()
    if (path / "layers.py").exists()
)
LAYERS, OPTIM = "layers.py", "optim.py"
AFFINE = "out = x.reshape(len(x), -1) @ w + b"
DW = "dw = x.reshape(len(x), -1).T @ dout"
VELOCITY = 'velocity = config["momentum"] * velocity - config["learning_rate"] * dw'


def found(result: SubmissionResult, id: str) -> CheckResult:
    return next(c for question in result.questions for c in question.checks if c.id == id)


def said(check: CheckResult) -> list[str]:
    """The sentences of this mechanism."""
    facts = check.evidence.get("explanations", [])
    return [fact["text"] for fact in facts if fact["mechanism"] == "dependence"]


@pytest.fixture
def alone(course_marker: Marker, key: Key, monkeypatch: pytest.MonkeyPatch) -> None:
    """No other mechanism speaks."""
    told = Explainer((Dependence(lambda: key.dependence),))
    monkeypatch.setattr(course_marker.code, "_explainer", told)


@pytest.mark.usefixtures("alone")
@pytest.mark.parametrize(
    ("edit", "check", "sentence"),
    [
        (
            (LAYERS, DW, "dw = (dout @ w.T).reshape(len(x), -1).T @ dout"),
            "affine-backward.values",
            "Let dw depend on x, and not on w: a change in x leaves dw as before, and one in w "
            "doesn't.",
        ),
        (
            (LAYERS, DW, "dw = np.outer(x.reshape(len(x), -1)[-1], dout[-1])"),
            "affine-backward.values",
            "Let every example count in dw: a change in x of the first example leaves dw as "
            "before.",
        ),
        (
            (LAYERS, DW, DW + " + w"),
            "affine-backward.values",
            "Keep w out of dw: a change in w changes dw.",
        ),
        (
            (LAYERS, DW, DW.replace("dout", "dout**2")),
            "affine-backward.values",
            "Let dw double when dout doubles: it grows fourfold.",
        ),
        (
            (LAYERS, AFFINE, "out = (x - x.mean(axis=0)).reshape(len(x), -1) @ w + b"),
            "affine-forward.values",
            "Keep examples apart: a change in x of one example changes out of another.",
        ),
        (
            (LAYERS, AFFINE, "out = np.sign(x).reshape(len(x), -1) @ w + b"),
            "affine-forward.values",
            "Let out follow x: a small change in x leaves out as before.",
        ),
        (
            (OPTIM, VELOCITY, VELOCITY.replace('config["learning_rate"] * dw', "dw")),
            "sgd-momentum.trajectory",
            "Let w1 depend on learning_rate: a change in learning_rate leaves w1 as before.",
        ),
    ],
)
def test_the_most_telling_difference_is_told(
    mark_edited: Mark, edit: tuple[str, str, str], check: str, sentence: str
) -> None:
    """Of a mistake that nobody planned for: what comes in and doesn't, where, and how it grows."""
    result = found(mark_edited(edit), check)
    assert said(result)[0] == sentence
    assert result.evidence["explained_by"] == "dependence"
    assert result.message.startswith(sentence)


def test_it_speaks_where_terms_are_silent(mark_edited: Mark) -> None:
    """The mechanisms of a marker, in their order."""
    edit = (LAYERS, DW, DW.replace("dout", "dout**2"))
    result = found(mark_edited(edit), "affine-backward.values")
    assert said(result) == ["Let dw double when dout doubles: it grows fourfold."]


@pytest.mark.usefixtures("alone")
@pytest.mark.parametrize(
    "edit",
    [
        (LAYERS, DW, DW + " / 3"),  # the same dependence, another number
        (LAYERS, DW, DW + " + 1e-9 * w"),  # too weak to be called one
        (LAYERS, DW, DW + " + np.random.default_rng().random()"),  # not the same twice
        (LAYERS, DW, DW + " * w.sum()\n    assert float(f'{w[0, 0]:.3g}') == w[0, 0]"),  # raises
    ],
)
def test_what_is_not_shown_is_not_told(mark_edited: Mark, edit: tuple[str, str, str]) -> None:
    """No sentence where nothing differs, where it may be rounding, or where a moved input raises.

    What raises on moved inputs only is asked its public examples, whose numbers are rounded.
    """
    result = found(mark_edited(edit), "affine-backward.values")
    assert (result.status, said(result)) == ("failed", [])


@pytest.mark.usefixtures("alone")
def test_outputs_that_are_right_are_not_spoken_of(mark_edited: Mark) -> None:
    """The function of the wrong output alone."""
    result = found(mark_edited((LAYERS, DW, DW + " + w")), "affine-backward.values")
    assert [f["outputs"] for f in result.evidence["explanations"]] == [["dw"]]


def test_another_assignment_has_it_for_nothing(mark: Callable[..., SubmissionResult]) -> None:
    """Its rows declare no ranges and name no axes; parts are told by indices then."""
    text = """
def scale_forward(x, a):
    return x * a{}, (x, a)

def scale_backward(dout, cache):
    x, a = cache
    return dout * a, dout.sum(axis=0)
"""
    result = mark({"scale.py": text.format("")})
    assert said(found(result, "scale-backward.values")) == [
        "Let da depend on x: a change in x leaves da as before."
    ]
    result = mark({"scale.py": text.format(" + x.sum(axis=0)")})
    assert said(found(result, "scale-forward.values")) == [
        "Keep the parts of out apart: a change in x[0] changes out[1:]."
    ]
    result = mark({"scale.py": text.format(" * 0 + x[0] * a")})
    assert said(found(result, "scale-forward.values")) == [
        "Let out depend on all of x: a change in x[-1] leaves out as before."
    ]


@pytest.fixture(scope="module")
def key(root: Path) -> Key:
    """The committed key."""
    return load(root / building.OUTPUTS)


def forced(key: Key, session: Session) -> Iterator[tuple[str, list[ExplanationFacts]]]:
    """Yield what is told of each run where all that comes is taken to be wrong."""
    told = Dependence(lambda: key.dependence)
    for check in key.checks:
        ladder = key.ladders.get(check.run)
        if ladder is None or check.run not in key.dependence:
            continue
        (reply,) = session.ask(Batch([ladder.run]))
        wrong = replace(ladder, answers=[wrongly(answer) for answer in ladder.answers], also=())
        verdict = Verdict("value", check.outputs[0])
        failure = PublicFailure(check, verdict, wrong, reply.outcomes, lambda: session)
        yield check.id, told.explain(failure)


def wrongly(tree: Tree) -> Tree:
    """Return answers that no right implementation gives."""
    if isinstance(tree, dict):
        return {name: wrongly(child) for name, child in tree.items()}
    return tree + 1.0 if isinstance(tree, (float, np.ndarray)) else tree


@pytest.mark.parametrize("name", [*NAMES, *VARIANTS])
def test_right_code_differs_in_nothing(root: Path, key: Key, name: str, tmp_path: Path) -> None:
    """Held against the reference by force, in whatever style it is written."""
    assignment = sources.manifest(root / "assignment")
    if name in NAMES:
        (place,) = find([handed_in(name, tmp_path)], assignment, as_="one").places
        files = read_submission(place, assignment).files
    else:
        files = sources.package(root / "tests" / "variants" / name)
    package = Package(
        assignment.package, files, key.given, assignment.given, assignment.package_names
    )
    with Sandbox(assignment.limits) as sandbox, sandbox.start(package) as session:
        results = dict(forced(key, session))
    assert len(results) > 30
    assert {id: told for id, told in results.items() if told} == {}


def test_by_force_a_difference_would_be_told(root: Path, key: Key) -> None:
    """The same test of code that is wrong finds what is."""
    assignment = sources.manifest(root / "assignment")
    files = dict(sources.package(root / "assignment" / assignment.package))
    files[LAYERS] = files[LAYERS].replace(AFFINE.encode(), b"out = np.zeros((len(x), 1)) + b")
    package = Package(assignment.package, files, key.given, assignment.given)
    with Sandbox(assignment.limits) as sandbox, sandbox.start(package) as session:
        results = dict(forced(key, session))
    (told,) = results["affine-forward.values"]
    assert told["text"].startswith("Let out depend on x and w:")


def test_the_table_holds_no_number(key: Key, root: Path) -> None:
    """Words and exponents, the same in the key and in the download."""
    words = {
        word
        for table in key.dependence.values()
        for outputs in table.forms.values()
        for by_path in outputs.values()
        for facts in by_path.values()
        for word in facts.values()
    }
    exponents = {"-2", "-1", "-0.5", "0", "0.5", "1", "2", "3"}
    rough = {f"~{exponent}" for exponent in exponents}
    assert words <= {"always", "mostly", "far", "never", "yes", "no"} | exponents | rough
    assert dependence.load(root / "student_template" / "checks", key.assignment) == key.dependence


def test_what_is_written_is_read_again() -> None:
    """And the table of another assignment isn't."""
    facts = {"dw": {"x": {"change": "always", "growth": "1"}, "config.v": {"change": "never"}}}
    table = Table({(("config.v", 1), ("x", 2)): facts}, {"config.v": "positive"}, {"x": ["row"]})
    written = dependence.dump("a", {"r": table})
    assert dependence.parse(written, "a") == {"r": table}
    with pytest.raises(ValueError, match="of a"):
        dependence.parse(written, "b")


@pytest.mark.parametrize("given", ["positive", "fixed"])
def test_moves_keep_to_the_declared_range(toy_course: Path, given: str) -> None:
    """What a row declares holds of every number that is asked at the build."""
    from grader.key.checks import course_checks

    asked: list[np.ndarray] = []
    key = load(toy_course.parent / building.OUTPUTS)
    (proof,) = (
        replace(p, varies={"x": Varied(range=given)})  # type: ignore[arg-type]
        for p in course_checks(toy_course).proofs()
        if p.run == "scale-forward.values"
    )

    def positive(answered: AnsweredRun) -> AnsweredRun:
        examples = [{**e, "x": np.abs(e["x"])} for e in answered.run.examples]
        return replace(answered, run=replace(answered.run, examples=examples))

    def answers(runs):
        from grader.model.programs import Outcome

        asked.extend(example["x"] for run in runs for example in run.examples)
        return [[Outcome({"out": e["x"] * e["a"]}) for e in run.examples] for run in runs]

    proof = replace(proof, inputs=proof.inputs.map(lambda e: {**e, "x": np.abs(e["x"])}))
    ladders = {proof.run: positive(key.ladders[proof.run])}
    made = tables([proof], ladders, answers, answers)
    paths = {p for f in made[proof.run].forms.values() for by in f.values() for p in by}
    assert all(np.all(x > 0) for x in asked)
    assert ("x" in paths) == (given == "positive")
