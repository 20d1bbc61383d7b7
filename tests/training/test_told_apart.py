"""A model counts for the question whose cells made it, and a page says why it falls short."""

from __future__ import annotations

from dataclasses import replace

import pytest
from handed_in import BEST, FIVE, THREE, Hand, answer

from grader.key import Key
from grader.marking.training.histories import Left, Trained, left
from grader.model.steps import Held

TWO = "train-two-layer-net"
SOLVER = """\
solver = Solver(FullyConnectedNet([20, 20], weight_scale=1e-2), data,
                optim_config={"learning_rate": 1e-3}, num_epochs=1, verbose=False)
solver.train()
"""


@pytest.mark.parametrize(
    "cell",
    [
        "best_model = None\nprint(hidden)",
        "best_model = None\nprint(later)",
        "best_model = None\nprint(hidden)\nbest_model = solver",
        "print(hidden)\nbest_model = solver.model",
        "print(hidden)\nimport copy\nbest_model = copy.deepcopy(solver.model)",
        "print(hidden)\nbest_model = FullyConnectedNet([100])\n"
        "best_model.params = dict(solver.model.params)",
    ],
)
def test_another_questions_model_is_not_this_ones(hand_in: Hand, cell: str) -> None:
    """Whatever name it gets, or whose copy it is: it was there before the cell ran."""
    two = f"hidden = 100\n{SOLVER}"
    result = hand_in({TWO: two, BEST: cell}, only=(BEST,))[BEST]
    assert (result.status, result.score) == ("failed", 0.0)
    said = result.checks[0].message
    assert ("was there before" if "solver" in cell else "best_model is None") in said


def test_a_model_made_in_another_cell_waits_for_a_person(hand_in: Hand) -> None:
    """Its variable is this question's alone, so it may be the answer, in the wrong place."""
    two = SOLVER + "best_model, there = solver.model, 1\n"
    result = hand_in({TWO: two, BEST: "print(there)"}, only=(BEST,))[BEST]
    assert (result.status, result.score) == ("needs_marking", 0.0)


def test_what_an_earlier_cell_has_begun_may_be_trained_on(hand_in: Hand, solved: bytes) -> None:
    """A network that is made above and trained in the answer's own cell counts."""
    made = "made = FullyConnectedNet([100, 100], weight_scale=0.06, dtype=np.float64)\n"
    cell = answer(solved, THREE)
    start, end = cell.index("    model = "), cell.index("    solver = ")
    cell = cell[:start] + "    model = made\n" + cell[end:]
    results = hand_in({TWO: made, THREE: cell}, only=(THREE,))
    assert results[THREE].status == "passed", results[THREE].checks[0].message


def test_the_same_training_twice_is_two(hand_in: Hand, solved: bytes) -> None:
    """A solver that is new has trained its model, though the weights were there before."""
    again = answer(solved, THREE)
    cells = {TWO: again + "\nneeded = 1\n", THREE: "needed\n" + again}
    assert hand_in(cells, only=(THREE,))[THREE].status == "passed"


def test_a_function_that_is_missing_costs_what_needs_it(
    hand_in: Hand, package: dict[str, bytes]
) -> None:
    """The first cell imports rmsprop by name: where it isn't there, all other names are."""
    optim = package["optim.py"]
    lost = optim[: optim.index(b"def rmsprop")] + optim[optim.index(b"def adam") :]
    results = hand_in(only=(TWO, THREE, FIVE), files={"optim.py": lost})
    assert {result.status for result in results.values()} == {"passed"}
    cell = "best_model = rmsprop(1, 2)"
    result = hand_in({BEST: cell}, files={"optim.py": lost})[BEST]
    assert "rmsprop" in result.checks[0].message


def test_what_the_course_prints_is_not_quoted(hand_in: Hand, key: Key) -> None:
    """Only what was printed while the answer's own cells ran stands on the page."""
    result = hand_in({BEST: "best_model = None\nprint('mine')"})[BEST]
    notes = " ".join(result.notes)
    assert "mine" in notes
    assert "not implemented yet" not in notes


def solver(options: str, more: str = "") -> str:
    return (
        "model = FullyConnectedNet([20, 20], weight_scale=1e-2)\n"
        f"solver = Solver(model, data, verbose=False, {options})\nsolver.train()\n{more}"
    )


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        (solver("num_epochs=0"), "its solver has taken no step"),
        (
            solver("num_epochs=1, optim_config={'learning_rate': 1e9}"),
            "is not a finite number, with a learning rate of 1e+09",
        ),
        (solver("num_epochs=3, optim_config={'learning_rate': 1e-9}"), "guessing, 2.30"),
        (
            f"best_model = FullyConnectedNet([10])\n"
            f"first = Solver(best_model, data, num_epochs=0, verbose=False)\nfirst.train()\n"
            f"first.val_acc_history.append(0.1)\n{SOLVER}"
            f"solver.val_acc_history.append(0.99)\nfirst.loss_history.append(2.3)",
            "another one that this cell trained reached 99.0% on the validation images",
        ),
    ],
    ids=["untrained", "diverged", "chance", "better"],
)
def test_a_page_says_why_a_model_falls_short(hand_in: Hand, cell: str, said: str) -> None:
    """From the histories of the solvers that the cell has left."""
    result = hand_in({BEST: cell})[BEST]
    assert result.status == "needs_marking"
    assert said in result.checks[0].message


def test_training_on_validation_images_is_for_the_instructor(hand_in: Hand) -> None:
    """The class's page has it; no note and no message of the student's does."""
    mixed = "{**data, 'X_train': np.concatenate([data['X_train'], data['X_val'][:70]])}"
    labels = "np.concatenate([data['y_train'], data['y_val'][:70]])"
    cell = (
        f"mixed = {mixed}\nmixed['y_train'] = {labels}\n"
        "solver = Solver(FullyConnectedNet([10]), mixed, num_epochs=1, verbose=False)\n"
        "solver.train()"
    )
    result = hand_in({BEST: cell})[BEST]
    assert "70 of the images" in result.evidence["trained_on"][0]
    assert "70" not in " ".join([*result.notes, result.checks[0].message])


def test_images_prepared_in_another_way_wait_for_a_person(hand_in: Hand) -> None:
    """A model of scaled images is measured on the notebook's: that says little of it."""
    cell = "scaled = {**data, 'X_train': data['X_train'] / 64, 'X_val': data['X_val'] / 64}\n"
    cell += "solver = Solver(FullyConnectedNet([10]), scaled, num_epochs=1, verbose=False)\n"
    result = hand_in({BEST: cell + "solver.train()"})[BEST]
    assert result.status == "needs_marking"
    assert "other images" in result.checks[0].message


def trained(**facts: object) -> Trained:
    plain = Trained(False, 9, 0, 0.1, 0.5, True, 0, 1.0)
    return replace(plain, **facts)  # type: ignore[arg-type]


def test_a_better_model_is_better_on_the_same_images() -> None:
    """And by more than chance; the one kept isn't compared with itself."""
    kept = trained(kept=True)
    for other, found in (
        (trained(best=0.6), True),
        (trained(best=0.51), False),
        (trained(best=0.6, same=False), False),
        (trained(best=0.6, kept=True), False),
    ):
        assert bool(Left({}, trainings=(kept, other)).better) == found


HOLDINGS = {"held": [1, 4], "assigned": [False, True], "printed": 3}


@pytest.mark.parametrize(
    "wrong",
    [
        None,
        [],
        {**HOLDINGS, "held": [1]},
        {**HOLDINGS, "held": "ab"},
        {**HOLDINGS, "held": [1.0, True]},
        {**HOLDINGS, "printed": "3"},
    ],
)
def test_what_a_process_tells_is_read_strictly(wrong: object) -> None:
    """What has another form than asked says nothing."""
    names = ("a", "b")
    assert left(names, HOLDINGS, []).held == {"a": Held.NONE, "b": Held.MODEL}
    assert left(names, wrong, []).held == {}  # type: ignore[arg-type]
    odd = [{"kept": 1}, 3, {**vars(trained()), "steps": 1.5}, {**vars(trained()), "best": "x"}]
    assert left(names, HOLDINGS, odd).trainings == ()
    assert left(names, HOLDINGS, [vars(trained())]).trainings == (trained(),)


def test_what_an_untrained_model_leads_to_is_told_after_it(hand_in: Hand, solved: bytes) -> None:
    """A cell that takes the best of no accuracies raises; that no step was taken is why."""
    cell = answer(solved, THREE).replace("num_epochs=20", "num_epochs=0")
    said = hand_in({THREE: cell})[THREE].checks[0].message
    assert said.startswith("Train the model: its solver has taken no step. Look at line")
