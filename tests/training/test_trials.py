"""A training that misses is tried again with one thing about it the course's own, and told why."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from handed_in import THREE, Hand, answer, changed

from grader.key import Key, sources
from grader.marking.marker import Marker
from grader.marking.training.arguments import arguments
from grader.marking.training.repeats import Repeats, repeated
from grader.model.assignment import Assignment, Scale
from grader.model.verdicts import QuestionResult
from grader.sandbox import Sandbox
from grader.sandbox.guest.notebooks.recorder import Recorder

CALLS = ("FullyConnectedNet", "Solver")


@pytest.fixture(scope="module")
def trying(assignment: Assignment, key: Key, sandbox: Sandbox, assignment_folder: Path) -> Marker:
    """A marker of the training questions alone, that can ask the reference."""
    return marker_of(assignment, key, sandbox, assignment_folder)


def marker_of(assignment: Assignment, key: Key, sandbox: Sandbox, folder: Path) -> Marker:
    reference = sources.package(folder / assignment.package)
    own = replace(key, trials=sources.trials(folder, assignment))
    return Marker(assignment, own, sandbox, reference=reference, kinds=("training",))


@pytest.fixture
def rule(solved: bytes) -> str:
    """An answer that overfits by a rule named RULE."""
    return changed(answer(solved, THREE), ('"sgd"', '"RULE"'))


def explained(result: QuestionResult) -> Mapping[str, object]:
    """Return what trials have said of a training, which its message begins with."""
    (check,) = result.checks
    assert check.evidence["explained_by"] == "trial", check.message
    (found,) = check.evidence["explanations"]
    assert check.message.startswith(found["text"])
    return found


@pytest.mark.parametrize(
    ("old", "new", "argument"),
    [
        ("learning_rate = 7e-4", "learning_rate = 1e-6", "learning_rate"),
        ("weight_scale = 0.06", "weight_scale = 10", "weight_scale"),
        ("num_epochs=20", "num_epochs=1", "num_epochs"),
        ("[100, 100]", "[1, 1]", "hidden_dims"),
        ("dtype=np.float64", "dtype=np.float64, reg=300.0", "reg"),
    ],
)
def test_the_argument_at_fault_is_told(
    hand_in: Hand, trying: Marker, solved: bytes, old: str, new: str, argument: str
) -> None:
    """By its name, and never by a value that works."""
    cell = changed(answer(solved, THREE), (old, new))
    found = explained(hand_in({THREE: cell}, by=trying)[THREE])
    assert found["argument"] == argument
    assert found["text"].startswith(f"Look at {argument} first: ")  # type: ignore[attr-defined]
    assert not any(value in str(found["text"]) for value in ("0.06", "0.0007", "7e-4", "0.02"))


PLANTED = {
    "momentum": (
        "optim.py",
        'velocity - config["learning_rate"] * dw',
        'velocity + config["learning_rate"] * dw',
        ("sgd_momentum", "7e-5"),
        ["sgd_momentum"],
    ),
    "adam": (
        "optim.py",
        'next_w = w - config["learning_rate"] * m_hat',
        'next_w = w - config["learning_rate"] * config["m"] * 1e-3',
        ("adam", "1e-3"),
        ["adam"],
    ),
    "affine": (
        "layers.py",
        "dw = x.reshape(len(x), -1).T @ dout",
        "dw = -x.reshape(len(x), -1).T @ dout",
        ("sgd", "7e-4"),
        ["affine_forward", "affine_backward"],
    ),
    "relu": (
        "layers.py",
        "dx = dout * (x > 0)",
        "dx = dout * (x < 0)",
        ("sgd", "7e-4"),
        ["relu_forward", "relu_backward"],
    ),
}


@pytest.mark.parametrize("planted", list(PLANTED))
def test_the_part_at_fault_is_told(
    hand_in: Hand, trying: Marker, rule: str, package: dict[str, bytes], planted: str
) -> None:
    """With the course's own in its place the same cells reach what is asked."""
    file, old, new, (named, rate), functions = PLANTED[planted]
    files = {file: changed(package[file].decode(), (old, new)).encode()}
    cell = changed(rule, ("RULE", named), ("7e-4", rate))
    found = explained(hand_in({THREE: cell}, by=trying, files=files)[THREE])
    assert found["replaced"] == functions, found


def test_a_network_at_fault_is_told_as_the_code(
    hand_in: Hand, trying: Marker, solved: bytes, package: dict[str, bytes]
) -> None:
    """No part in its place mends it, and with these arguments the course's own code reaches."""
    path = "classifiers/fc_net.py"
    own = changed(
        package[path].decode(),
        ('self.params[f"W{i}"] = weight', 'self.params[f"W{i}"] = 0 * weight'),
    )
    cells = {THREE: answer(solved, THREE)}
    found = explained(hand_in(cells, by=trying, files={path: own.encode()})[THREE])
    assert "not at its arguments" in str(found["text"])
    assert "replaced" not in found


def test_a_wrong_part_does_not_hide_a_wrong_argument(
    hand_in: Hand, trying: Marker, rule: str, package: dict[str, bytes]
) -> None:
    """The student's arguments with the course's own code are asked first."""
    own = changed(package["layers.py"].decode(), ("dx = dout * (x > 0)", "dx = dout * (x < 0)"))
    cell = changed(rule, ("RULE", "sgd"), ("7e-4", "1e-7"))
    results = hand_in({THREE: cell}, by=trying, files={"layers.py": own.encode()})
    assert explained(results[THREE])["argument"] == "learning_rate"


@pytest.fixture
def repeats(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """How often a training was repeated."""
    run, asked = Repeats._run, []

    def counted(self: Repeats, *args: object) -> object:
        asked.append(args)
        return run(self, *args)  # type: ignore[arg-type]

    monkeypatch.setattr(Repeats, "_run", counted)
    return asked


@pytest.mark.parametrize(
    ("old", "new", "status"),
    [
        ("7e-4", "7e-4", "passed"),
        ("num_epochs=20", "num_epochs=0", "failed"),
        (
            "small_data,",
            "{**small_data, 'X_train': small_data['X_train'] * 1e-3},",
            "needs_marking",
        ),
        ("    solver.train()", "    solver.train(); solver.model.params.clear()", "failed"),
    ],
    ids=["passes", "no step", "other images", "no model"],
)
def test_what_is_known_or_cannot_be_repeated_is_not_tried(
    hand_in: Hand,
    trying: Marker,
    solved: bytes,
    repeats: list[object],
    old: str,
    new: str,
    status: str,
) -> None:
    """A training that passes costs nothing more, nor one whose images aren't the notebook's."""
    result = hand_in({THREE: changed(answer(solved, THREE), (old, new))}, by=trying)[THREE]
    assert result.status == status, result.checks[0].message
    assert repeats == []
    assert "explained_by" not in result.checks[0].evidence


def test_a_cell_that_does_more_is_not_judged_by_its_arguments(
    hand_in: Hand, trying: Marker, solved: bytes
) -> None:
    """Another number of steps came of them: what is repeated isn't that training."""
    cell = changed(
        answer(solved, THREE),
        ("7e-4", "1e-6"),
        ("    solver.train()", "    solver.train(); solver.step()"),
    )
    result = hand_in({THREE: cell}, by=trying)[THREE]
    assert "explained_by" not in result.checks[0].evidence


def test_without_time_nothing_is_said(
    hand_in: Hand,
    assignment: Assignment,
    key: Key,
    sandbox: Sandbox,
    assignment_folder: Path,
    solved: bytes,
) -> None:
    """What doesn't fit into the manifest's seconds isn't tried."""
    short = replace(assignment, explaining=replace(assignment.explaining, training_seconds=0.1))
    by = marker_of(short, key, sandbox, assignment_folder)
    cell = changed(answer(solved, THREE), ("7e-4", "1e-6"))
    result = hand_in({THREE: cell}, by=by)[THREE]
    assert result.status == "needs_marking"
    assert "explained_by" not in result.checks[0].evidence


@pytest.mark.parametrize(
    ("runs", "reaches", "misses"),
    [
        ((0.9,), True, False),
        ((0.1,), False, True),
        ((0.52, 0.7), True, False),
        ((0.4, 0.45), False, True),
        ((0.52, 0.4), False, False),
        ((0.4, 0.6), False, False),
        ((0.52, None), False, False),
        ((None,), False, False),
    ],
)
def test_near_what_is_asked_two_runs_have_to_agree(
    runs: tuple[float | None, ...], reaches: bool, misses: bool
) -> None:
    """A miss, or a hit, that comes of the seed alone blames nothing."""
    left = list(runs)
    found = repeated(Scale(0.5, 0.2, 1, 1), (1, 2), lambda seed: left.pop(0))
    assert (found.reaches, found.misses) == (reaches, misses)
    assert not left


class Net:
    """Stands for a student's network."""

    def __init__(self, hidden: object, scale: float = 1.0, **more: object) -> None:
        self.hidden = hidden


class Trains:
    """Stands for a solver."""

    def __init__(self, model: object, data: object, **options: object) -> None:
        self.model = model


def test_arguments_cross_as_plain_values_and_come_back_as_a_cell() -> None:
    """Numbers of numpy's, dtypes and first rows of the data: all else isn't repeated."""
    X, y = np.arange(40.0).reshape(20, 2), np.arange(20)
    recorder = Recorder()

    class Network(Net):
        def __init__(self, hidden: object, scale: float = 1.0, dtype: object = None) -> None:
            super().__init__(hidden, scale)

    class Training(Trains):
        def __init__(self, model: object, data: object, rate: object = None) -> None:
            super().__init__(model, data)

    recorder.follow([Network, Training], {"X": X, "y": y})
    net = Network((3, np.int64(4)), scale=np.float64(0.5), dtype=np.float32)
    solver = Training(net, {"X": X[:5], "y": y[:5].copy()}, rate={"learning_rate": 1e-3})
    found = arguments([recorder.arguments(solver), recorder.arguments(net)], ("Net", "Trains"))
    assert found is not None
    assert found.cell("solver", "data", "train") == (
        "_model = Net(hidden=[3, 4], scale=0.5, dtype='float32')\n"
        "solver = Trains(rate={'learning_rate': 0.001}, "
        "data={'X': data['X'][:5], 'y': data['y'][:5]}, model=_model)\n"
        "solver.train()\n"
    )
    other = found.changed("Trains.rate.learning_rate", 0.1)
    assert other is not None
    assert "'learning_rate': 0.1" in other.cell("solver", "data", "train")
    assert found.changed("Trains.rate.learning_rate", 1e-3) is None
    assert found.changed("Nobody.rate", 1) is None
    for data in ({"X": X[1:5]}, {"X": X * 2}, {"Z": X}, [X]):
        strange = Training(net, data)
        told = [recorder.arguments(strange), recorder.arguments(net)]
        assert arguments(told, ("Net", "Trains")) is None
    assert recorder.arguments(object()) is None


def test_a_constructor_that_is_followed_is_as_it_was() -> None:
    """What it raises, and what a class of its own does with it, stays."""

    class Network:
        def __init__(self, hidden: int) -> None:
            self.hidden = hidden

    class Own(Network):
        pass

    recorder = Recorder()
    recorder.follow([Network, None, len], {})
    assert Network(3).hidden == 3
    with pytest.raises(TypeError, match="unexpected keyword argument 'other'"):
        Network(other=3)  # type: ignore[call-arg]
    own = Own(3)
    assert recorder.arguments(own) is None


MADE = {
    "call": 1, "plain": {"epochs": 3, "dims": [1, 2]}, "words": {"rule": {"adam": 0}},
    "tables": {"config": {"rate": 0.1}}, "rows": {"data": {"X": 5}},
    "made": {"model": 0}, "other": 0,
}  # fmt: skip
NETWORK = {"call": 0, "plain": {}, "words": {}, "tables": {}, "rows": {}, "made": {}, "other": 0}


@pytest.mark.parametrize(
    "wrong",
    [
        {"call": 2},
        {"call": True},
        {"call": -1},
        {"other": 1},
        {"plain": {"a b": 1}},
        {"plain": {"__import__('os')": 1}},
        {"plain": {"a": "b"}},
        {"plain": {"a": float("inf")}},
        {"plain": {"a": [[1]]}},
        {"plain": {"a": [1] * 21}},
        {"plain": {"rule": 1}},
        {"plain": {f"a{n}": n for n in range(41)}},
        {"words": {"a": {"b": 0, "c": 0}}},
        {"words": {"a": {"b'": 0}}},
        {"words": {"a": "b"}},
        {"tables": {"a": {"b": {"c": 1}}}},
        {"rows": {"data": {"X": -1}}},
        {"rows": {"data": {"X'": 1}}},
        {"rows": {}},
        {"made": {}},
        {"made": {"a": 0, "b": 0}},
        {"made": []},
        {"more": 1},
    ],
)
def test_what_a_process_tells_of_arguments_is_read_strictly(wrong: dict[str, object]) -> None:
    """A record of another form is no record; one of the right form gives a cell of plain calls."""
    right = arguments([MADE, NETWORK], CALLS)
    assert right is not None
    cell = ast.parse(right.cell("solver", "data", "train"))
    names = {node.id for node in ast.walk(cell) if isinstance(node, ast.Name)}
    assert names == {"_model", "solver", "data", *CALLS}
    assert right.words == {"adam"}
    assert arguments([{**MADE, **wrong}, NETWORK], CALLS) is None  # type: ignore[list-item]


def test_values_are_for_trainings_of_the_manifest(
    assignment: Assignment, assignment_folder: Path, tmp_path: Path
) -> None:
    """A question that trains nothing, a class that it doesn't call and a table are refused."""
    assert THREE in sources.trials(assignment_folder, assignment)
    for text in (
        "[[adam]]\nargument = 'Solver.x'\nvalues = [1]",
        f"[[{THREE}]]\nargument = 'Other.x'\nvalues = [1]",
        f"[[{THREE}]]\nargument = 'Solver.x'",
        f"[[{THREE}]]\nargument = 'Solver.x'\nvalues = [{{ a = 1 }}]",
        f"{THREE} = 3",
    ):
        (tmp_path / "trials.toml").write_text(text)
        with pytest.raises(sources.ManifestError, match=r"trials\.toml"):
            sources.trials(tmp_path, assignment)
