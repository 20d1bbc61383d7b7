"""A wrong output is explained by its terms: what is said is true, or nothing is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from grader.authoring import building
from grader.key import Key, load, sources
from grader.key.certifying import BuildError
from grader.marking.marker import Marker
from grader.model.assignment import ManifestError
from grader.model.evidence import ExplanationFacts
from grader.model.verdicts import CheckResult, SubmissionResult
from grader.sandbox import Sandbox

MarkEdited = Callable[..., SubmissionResult]
LAYERS, RULES, NETWORKS = "layers.py", "optim.py", "classifiers/fc_net.py"


@pytest.fixture(scope="module")
def mark_both(root: Path, assignment_folder: Path) -> Iterator[MarkEdited]:
    """Mark the reference with edits in the code of all notebooks."""
    from grader.submissions import Submission

    assignment = sources.manifest(assignment_folder)
    reference = sources.package(assignment_folder / assignment.package)
    names = [notebook.name for notebook in assignment.notebooks]
    with Sandbox(assignment.limits) as sandbox:
        key = load(root / building.OUTPUTS)
        marker = Marker(assignment, key, sandbox, names, reference, ("code",))

        def run(*edits: tuple[str, str, str]) -> SubmissionResult:
            files = dict(reference)
            for file, old, new in edits:
                assert files[file].count(old.encode()) == 1, (file, old)
                files[file] = files[file].replace(old.encode(), new.encode())
            taken = {path: files[path] for path in assignment.files.taken}
            return marker.mark(Submission("s", "s", assignment.package, taken, {}, "sha256:0"))

        yield run


def check_of(result: SubmissionResult, id: str) -> CheckResult:
    return next(c for q in result.questions for c in q.checks or () if c.id == id)


def said(result: SubmissionResult, id: str) -> list[ExplanationFacts]:
    """Return what terms explain of a failed check."""
    check = check_of(result, id)
    assert check.status == "failed"
    return [one for one in check.evidence.get("explanations", ()) if one["mechanism"] == "terms"]


VARIANCE = (LAYERS, "dcentred += xhat * dstd / len(dout)")


@pytest.mark.parametrize(
    ("edits", "check", "text", "terms"),
    [
        (
            [(*VARIANCE, "dcentred += 0.5 * xhat * dstd / len(dout)")],
            "batchnorm-backward.values",
            "Look at the weight of the path through the variance in dx: it is half of what is "
            "asked.",
            {"the path through the variance": "1/2"},
        ),
        (
            [(*VARIANCE, "dcentred += xhat * dstd / (len(dout) - 1)")],
            "batchnorm-backward.values",
            "Look at the weight of the path through the variance in dx: it is N/(N - 1) times "
            "what is asked.",
            {"the path through the variance": "N/(N - 1)"},
        ),
        (
            [(LAYERS, " @ w + b", " @ w - b")],
            "affine-forward.values",
            "Look at the sign of b in out: it is the opposite of what is asked.",
            {"b": "-1"},
        ),
        (
            [
                (
                    RULES,
                    'config["momentum"] * velocity - config["learning_rate"] * dw',
                    'config["momentum"] * velocity - (1 - config["momentum"]) * '
                    'config["learning_rate"] * dw',
                )
            ],
            "sgd-momentum.trajectory",
            "Look at the weight of the gradient in next_w: it is 1 - momentum times what is asked.",
            {"the gradient": "1 - momentum"},
        ),
        (
            [(RULES, '"learning_rate"] * dw / (np', '"learning_rate"] ** 2 * dw / (np')],
            "rmsprop.trajectory",
            "Look at the power of the learning rate in the step to next_w: it is twice what is "
            "asked, as squared or without a root.",
            {"the learning rate": "2"},
        ),
        (
            [(RULES, "/ (1 - beta2**t)", "/ (1 - beta1**t)")],
            "adam.trajectory",
            "Look at the bias correction of v (1 - beta2^t) in the step to next_w: beta1 stands "
            "there.",
            {"the bias correction of v (1 - beta2^t)": "beta1 stands there"},
        ),
    ],
)
def test_the_term_that_is_off_is_named(
    mark_both: MarkEdited,
    edits: list[tuple[str, str, str]],
    check: str,
    text: str,
    terms: dict[str, str],
) -> None:
    """With what it comes in with, in the message and in the evidence."""
    result = mark_both(*edits)
    (found,) = said(result, check)
    assert found["text"] == text
    assert found["terms"] == terms
    assert check_of(result, check).message.startswith(text)
    assert check_of(result, check).evidence["explained_by"] == "terms"


def test_two_outputs_are_told_and_a_right_one_is_not(mark_both: MarkEdited) -> None:
    """Loss and gradients by their own terms; of the notebook's figures only what is wrong there."""
    result = mark_both(
        (
            NETWORKS,
            '"W2"):\n            loss += 0.5 * self.reg * np.sum(self.params[name] ** 2)',
            '"W2"):\n            loss += self.reg * np.sum(np.abs(self.params[name]))',
        ),
        (
            NETWORKS,
            "grads[name] += self.reg * self.params[name]",
            "grads[name] += self.reg * np.sign(self.params[name])",
        ),
    )
    found = said(result, "two-layer-net.regularization")
    assert [one["outputs"] for one in found] == [["loss"], ["grads"], ["new_loss"]]
    assert found[0]["terms"] == {
        "the squares of W1": "0",
        "the squares of W2": "0",
        "the absolute values of the weights": "2",
    }
    message = check_of(result, "two-layer-net.regularization").message
    assert message == f"{found[0]['text']} {found[1]['text']}"
    published = check_of(result, "two-layer-net.published-12")
    assert "in new_loss" in published.message
    assert "in loss" not in published.message


@pytest.mark.parametrize(
    ("edit", "check"),
    [
        ((LAYERS, "np.maximum(x, 0)", "np.clip(x, 0, 1)"), "relu-forward.values"),
        ((LAYERS, "dx = dout * (x > 0)", "dx = dout**2 * (x > 0)"), "relu-backward.values"),
        (
            (*VARIANCE, "dcentred += 0.5 * np.tanh(xhat) * dstd / len(dout)"),
            "batchnorm-backward.values",
        ),
        (
            (*VARIANCE, "dcentred = (dcentred + 0.5 * xhat * dstd / len(dout)).astype('f4')"),
            "batchnorm-backward.values",
        ),
        ((LAYERS, " @ w + b", " @ w + b[:, np.newaxis]"), "affine-forward.values"),
    ],
)
def test_nothing_is_said_where_terms_explain_nothing(
    mark_both: MarkEdited, edit: tuple[str, str, str], check: str
) -> None:
    """Other functions, float32, another shape."""
    assert said(mark_both(edit), check) == []


def test_a_gradient_that_stays_unexplained_silences_the_others(mark_both: MarkEdited) -> None:
    """A ReLU that is skipped shows in W1: that W2 isn't regularized is not told beside it."""
    result = mark_both(
        (
            NETWORKS,
            '_, grads["W1"], grads["b1"] = affine_relu_backward(dhidden, hidden_cache)',
            '_, grads["W1"], grads["b1"] = affine_backward(dhidden, hidden_cache[0])',
        ),
        (NETWORKS, 'for name in ("W1", "W2"):', 'for name in ("W1",):'),
    )
    outputs = [one["outputs"] for one in said(result, "two-layer-net.regularization")]
    assert ["grads"] not in outputs
    # The catalogue knows both, each by arrays of its own.
    named = check_of(result, "two-layer-net.regularization").evidence["explanations"]
    assert {one["misconception"]: one["outputs"] for one in named} == {
        "two-layer-reg-last-layer-missing": ["loss", "grads.W2", "new_loss"],
        "two-layer-relu-backward-missing": ["grads.W1", "grads.b1"],
    }


#: Outputs that have no terms: they are facts of a run, or later steps of a trajectory.
WITHOUT = {"params", "calls", "tested", "w3", "w4"}


def test_every_row_declares_its_terms(root: Path) -> None:
    """Each output of each check with public examples."""
    key: Key = load(root / building.OUTPUTS)
    missing = [
        (check.id, output)
        for check in key.checks
        if check.run in key.ladders and check.visibility == "hidden"
        for output in check.outputs
        if output not in WITHOUT
        and output not in [declared.output for declared in key.terms.get(check.run, ())]
    ]
    assert missing == []


# What an author declares.

DECLARED = """
from grader.kinds.terms import OutputTerms, Product, Sum

def scaled(given, answers):
    return OutputTerms({"x": given["x"], "a": given["a"] + 0 * given["x"]})

def summed(given, answers):
    return OutputTerms({"the sum": (given["dout"] * given["x"]).sum(axis=0)},
                       symbols={"N": len(given["x"])})

TERMS = (Product("scale-forward", "out", scaled), Sum("scale-backward", "da", summed))
"""


def declare(toy: Path, text: str) -> Path:
    (toy / "terms").mkdir()
    (toy / "terms" / "__init__.py").write_text(text, "utf-8")
    return toy


def test_another_assignment_declares_its_own(toy: Path) -> None:
    """They stand beside its key and in no download; what is off is named, what is stale is told."""
    from grader.submissions import Submission

    template, outputs = building.build(declare(toy, DECLARED))
    assert (outputs / "terms.json").is_file()
    assert not [path for path in template.rglob("*") if "terms" in path.name]
    assignment, key = sources.manifest(toy), load(outputs)
    files = {name: (toy / "scales" / name).read_bytes() for name in ("scale.py", "steps.py")}
    wrong = files["scale.py"].replace(b"(dout * x).sum(axis=0)", b"(dout * x).mean(axis=0)")
    with Sandbox(assignment.limits, level="process", allow_unsandboxed=True) as sandbox:
        marker = Marker(assignment, key, sandbox)
        given = {**files, "scale.py": wrong}
        result = marker.mark(Submission("s", "s", "scales", given, {}, "sha256:0"))
    (found,) = said(result, "scale-backward.values")
    assert found["text"] == "Look at the size of da: as a whole it is 1/N times what is asked."
    assert building.stale(toy) == []
    (toy / "terms" / "__init__.py").write_text(DECLARED.replace("the sum", "the total"), "utf-8")
    assert [line.partition(": ")[2] for line in building.stale(toy)] == [
        "the terms of the public answers"
    ]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (".sum(axis=0)}", ".mean(axis=0)}", r"terms of da of scale-backward .*don't add up"),
        ('{"x": given["x"],', '{"x": 2 * given["x"],', r"out of scale-forward .*don't multiply"),
        ('"da", summed', '"db", summed', r"db of scale-backward: no check with public examples"),
        ('given["dout"] * given', 'given["nothing"] * given', r"raised KeyError.*terms/__init__"),
        ('return OutputTerms({"the sum"', 'return dict({"the sum"', r"gives no OutputTerms"),
        ('"a": given["a"] + 0 * given["x"]', '"a": given["a"][:1, None, None]', r"the shape"),
        ('symbols={"N"', 'instead={"total": {}}, symbols={"N"', r"instead names total"),
    ],
)
def test_terms_that_are_wrong_make_no_key(toy: Path, old: str, new: str, message: str) -> None:
    """The row is named, and what is wrong with what it declares."""
    assert DECLARED.count(old) == 1
    with pytest.raises(BuildError, match=message):
        building.build(declare(toy, DECLARED.replace(old, new)))


def test_terms_that_are_no_declarations_are_refused(toy: Path) -> None:
    """A module without TERMS, or with something else in it."""
    with pytest.raises(ManifestError, match="has no TERMS"):
        building.build(declare(toy, "TERMS = ('out',)\n"))


def test_no_line_of_terms_is_given_out(toy: Path) -> None:
    """A line of a declaration in what students read is found before anything is written."""
    line = '    return OutputTerms({"x": given["x"], "a": given["a"] + 0 * given["x"]})\n'
    page = toy / "template" / "README.md"
    page.write_text(page.read_text("utf-8") + "\n" + line, "utf-8")
    with pytest.raises(BuildError, match="answers would leak"):
        building.build(declare(toy, DECLARED))
