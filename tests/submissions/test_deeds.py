"""What a code cell does is told from its text, and nothing else is taken for it."""

from __future__ import annotations

import pytest

from grader.model.notebooks import Cell
from grader.submissions.deeds import Deed, score, sets

TWO = Deed("two", ("Small", "Solver"))
THREE = Deed("three", ("Deep", "Solver"), first=50, layers=3)
FIVE = Deed("five", ("Deep", "Solver"), first=50, layers=5)
BEST = Deed("best", ("Deep", "Solver"), variable="best")
ALL = (TWO, THREE, FIVE, BEST)


def does(source: str) -> list[str]:
    """Return what a cell does, the surest first."""
    found = {deed.question: score(Cell("", "code", source), deed, ALL) for deed in ALL}
    return sorted((name for name in found if found[name]), key=lambda name: -found[name])


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        ("solver = Solver(Small(hidden=9), data)", ["two"]),
        ("model = Small()", []),
        ("# Solver(Small())\nmodel = Small(", []),
        ("m = Deep([100, 100])\nSolver(m, {'X': X[:50]}).train()", ["three"]),
        ("m = Deep([9] * 4)\nSolver(m, few).train()", ["five"]),
        ("n = 50\nm = Deep(sizes)\nSolver(m, d)", ["three", "five"]),
        ("m = Deep([9, 9, 9, 9, 9])\nSolver(m, d[:4000])", []),
        ("best = None\nm = Deep([9, 9])\nSolver(m, d)\nbest = m", ["best"]),
        ("for s in (1,):\n    m = Deep(z)\n    Solver(m, d)\n    if s: best = m", ["best"]),
        ("score, best = search(Deep, Solver)", ["best"]),
        ("best, score = search()", ["best"]),
        ("best = None", ["best"]),
        ("print(best == 3, best_of == 4)", []),
        ("x = 1", []),
    ],
)
def test_a_cell_does_what_it_calls_and_sets(source: str, wanted: list[str]) -> None:
    """Comments do nothing; a network of another depth, or on more images, is another one."""
    assert does(source) == wanted


def test_the_cell_that_loads_the_data_is_told() -> None:
    """By a call whose result the variable is."""
    assert sets(Cell("", "code", "# load\ndata = get_data()\n"), "data")
    assert not sets(Cell("", "code", "data = data['X']\nmy_data = get()"), "data")
    assert not sets(Cell("", "markdown", "data = get_data()"), "data")
