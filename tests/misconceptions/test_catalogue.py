"""Every misconception is found out, told from all others, and named in another's code too."""

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from grader.key import sources
from grader.key.fingerprints import Misconception, Probe, alike

Variant = Callable[[str], dict[str, bytes]]

RIGHT = ("loops", "einsum", "inplace", "rows", "staged")
#: The share of misconceptions that must be named when planted in other code than the reference's.
NAMED = 0.95


def same(one: Probe, other: Probe) -> bool:
    """Say whether no answer tells two misconceptions apart."""
    return (
        one.verdicts == other.verdicts
        and one.runs.keys() == other.runs.keys()
        and all(alike(signed, other.runs[run]) for run, signed in one.runs.items())
    )


def declared(one: Misconception, other: Misconception) -> bool:
    return other.id in one.same_as or one.id in other.same_as


def test_there_are_enough_over_all_questions(course: Any, catalogue: dict[str, Any]) -> None:
    """At least eighty misconceptions, and several for each question of code."""
    assert len(catalogue) >= 80
    asked = {q.id for q in course.assignment.questions if q.kind == "code"}
    assert {q for q, entries in course.key.probes.items() if len(entries) >= 4} == asked


def test_each_loses_points_of_its_question(course: Any) -> None:
    """Every misconception fails a check that carries points."""
    points = {check.id: check.points for check in course.key.checks}
    for entries in course.key.probes.values():
        for probe in entries:
            assert sum(points[id] for id in probe.verdicts) > 0, probe.misconception.id


def test_pairs_are_told_apart_or_declared(course: Any) -> None:
    """Two misconceptions of one question differ in an answer, or are declared the same."""
    for entries in course.key.probes.values():
        for i, one in enumerate(entries):
            for other in entries[:i]:
                pair = one.misconception, other.misconception
                assert same(one, other) == declared(*pair), [m.id for m in pair]


def test_what_is_declared_the_same_says_why(course: Any) -> None:
    """An entry with same_as, or one that costs another question too, has its reason beside it."""
    for path in (course.folder / "misconceptions").glob("*.toml"):
        for entry in tomllib.loads(path.read_text("utf-8")).get("misconception", ()):
            declared = entry.get("same_as") or entry.get("also")
            assert bool(declared) == bool(entry.get("because")), entry["id"]


def test_a_probe_holds_more_than_an_exception(course: Any) -> None:
    """No misconception is known by 'raised ValueError' alone, which a hundred others raise.

    That one raises on these examples, and gives what is right on the others, is more than that.
    """
    for entries in course.key.probes.values():
        for probe in entries:
            numbers = any(
                fingerprint[1] for signed in probe.runs.values() for fingerprint in signed.values()
            )
            kinds = [kind for found in probe.verdicts.values() for kind in found.values()]
            raised = all(kind.startswith("raised") for kind in kinds)
            some = any("failed" in signed and len(signed) > 1 for signed in probe.runs.values())
            shown = some if raised else max(len(kind.split(" ")) for kind in kinds) > 2
            assert numbers or shown, probe.misconception.id


@pytest.mark.parametrize("name", RIGHT)
def test_right_code_written_otherwise_loses_nothing(
    course: Any, variant: Variant, name: str
) -> None:
    """Loops, einsum, in-place work, (1, D) internals, other caches, draws and names: all points."""
    result = course.mark(variant(name))
    lost = {
        check.id: (check.stage, check.diagnosis)
        for question in result.questions
        for check in question.checks
        if check.status != "passed"
    }
    assert not lost
    assert result.score == result.max_score


def test_each_is_named_in_other_code(
    course: Any, catalogue: dict[str, Any], variant: Variant, root: Path
) -> None:
    """Planted in code that isn't the reference's, 95 % are named, and none by another's name."""
    staged = variant("staged")
    unnamed, wrong, planted = [], [], set()
    for path in sorted((root / "tests" / "variants" / "planted").glob("*.toml")):
        for entry in sources.entries(path, ("id", "file", "edits")):
            known = catalogue[entry["id"]]
            result = course.examine(known.question, sources.edited(staged, entry, path))
            assert result.score < result.max_score, known.id
            found = {check.diagnosis for check in result.checks if check.status == "failed"}
            (name,) = found
            planted.add(known.id)
            if name is None:
                unnamed.append(known.id)
            elif name != known.id and not declared(catalogue[name], known):
                wrong.append((known.id, name))
    assert planted == set(catalogue)
    assert not wrong
    assert len(unnamed) <= (1 - NAMED) * len(planted), unnamed


BACKWARD = {
    "affine_backward": ("affine-backward", 3),
    "relu_backward": ("relu-backward", 1),
    "batchnorm_backward": ("batchnorm-backward", 3),
    "batchnorm_backward_alt": ("batchnorm-backward-alt", 3),
    "layernorm_backward": ("layernorm-backward", 3),
    "dropout_backward": ("dropout-backward", 1),
}


@pytest.mark.parametrize("function", BACKWARD)
def test_one_derivative_off_by_a_thousandth_is_found(
    course: Any, variant: Variant, function: str
) -> None:
    """In each output of each backward pass, one element that is 1.001 costs the output's share."""
    question, outputs = BACKWARD[function]
    staged = variant("staged")
    for output in range(outputs):
        bent = (
            f"\n_right = {function}\n"
            f"def {function}(dout, cache):\n"
            f"    given = _right(dout, cache)\n"
            f"    gradient = np.array(given if {outputs} == 1 else given[{output}])\n"
            f"    gradient.flat[np.argmax(np.abs(gradient))] *= 1.001\n"
            f"    if {outputs} == 1:\n"
            f"        return gradient\n"
            f"    return given[:{output}] + (gradient,) + given[{output} + 1:]\n"
        )
        result = course.examine(
            question, {**staged, "layers.py": staged["layers.py"] + bent.encode()}
        )
        failed = [check for check in result.checks if check.status == "failed"]
        lost = result.max_score / outputs
        assert result.max_score - result.score == pytest.approx(lost, abs=1e-5), (function, output)
        assert not any(check.diagnosis for check in failed)


@pytest.mark.parametrize(
    ("cls", "question", "name"),
    [
        ("TwoLayerNet", "two-layer-net", "W1"),
        ("TwoLayerNet", "two-layer-net", "b2"),
        ("FullyConnectedNet", "fully-connected-net", "W1"),
        ("FullyConnectedNet", "fully-connected-net", "b2"),
        ("FullyConnectedNet", "fully-connected-net-normalization", "gamma1"),
        ("FullyConnectedNet", "fully-connected-net-dropout", "b1"),
    ],
)
def test_one_derivative_of_a_network_off_by_a_thousandth_is_found(
    course: Any, variant: Variant, cls: str, question: str, name: str
) -> None:
    """One element of a network's gradients that is 1.001 of what is right costs points."""
    staged = variant("staged")
    bent = (
        f"\nclass Bent({cls}):\n"
        f"    def loss(self, X, y=None):\n"
        f"        given = super().loss(X, y)\n"
        f"        if y is not None:\n"
        f"            g = given[1]['{name}']\n"
        f"            g.flat[np.argmax(np.abs(g))] *= 1.001\n"
        f"        return given\n"
        f"{cls} = Bent\n"
    ).replace("super()", "super(Bent, self)")
    path = "classifiers/fc_net.py"
    result = course.examine(question, {**staged, path: staged[path] + bent.encode()})
    assert result.score < result.max_score
    assert not any(check.diagnosis for check in result.checks)
