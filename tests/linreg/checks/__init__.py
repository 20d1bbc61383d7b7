"""Rows of the assignment, and a kind of its own."""

import numpy as np
from hypothesis import strategies as st

from grader.kinds.function import Function, Gradient, Relation
from grader.kinds.proof import Case, Published
from grader.numeric.strategies import dense, integers, seeds, sizes

from .nearest import JUDGES, WORDS, Nearest

__all__ = ["JUDGES", "ROWS", "WORDS"]


@st.composite
def pairs(draw):
    """X (N, D), Z (M, D), classes y (N,) and k, all sizes distinct."""
    n, m, d = draw(sizes(3, 7, count=3))
    seed = draw(seeds())
    X, Z = dense((n, d), seed), dense((m, d), seed + 1)
    moved = dense((d,), seed + 2)
    return {
        "X": X,
        "Z": Z,
        "y": integers(3, n, seed),
        "k": draw(st.integers(1, n - 1)),
        "X_moved": X + moved,
        "Z_moved": Z + moved,
    }


@st.composite
def matrix(draw):
    """Distances D (M, N), no two of a row alike, and k."""
    m, n = draw(sizes(3, 7, count=2))
    return {"D": np.abs(dense((m, n), draw(seeds()))), "k": draw(st.integers(1, n - 1))}


@st.composite
def line(draw):
    """X (N, D), y, w and b, off the fit."""
    n, d = draw(sizes(2, 6, count=2))
    seed = draw(seeds())
    return {
        "X": dense((n, d), seed),
        "y": dense((n,), seed + 1),
        "w": dense((d,), seed + 2),
        "b": dense((), seed + 3),
    }


ROWS = (
    Function(
        question="distances",
        function="neighbours:distances",
        arguments=("X", "Z"),
        returns="out",
        published=(
            Published(
                row=1,
                inputs={"X": np.array([[0.0, 0.0], [3.0, 4.0]]), "Z": np.array([[0.0, 0.0]])},
                outputs={"out": np.array([[0.0, 5.0]])},
                bound=1e-8,
            ),
        ),
        published_points=1,
        cases=(Case("values", "Distances for points of any dimension", pairs(), 3, ("out",)),),
        properties=(
            Relation(
                name="moved",
                title="Moving all points together changes no distance",
                inputs=pairs(),
                outputs=("out",),
                instead={"X": "X_moved", "Z": "Z_moved"},
                says="Check which points are subtracted: {output} changes when all points move "
                "together.",
                hint="Print the differences before they are squared, for both sets of points.",
            ),
        ),
    ),
    Nearest(
        question="nearest",
        function="neighbours:nearest",
        case=Case("values", "The k nearest, in any order", matrix(), 3, ("found",)),
    ),
    Function(
        question="classify",
        function="neighbours:classify",
        arguments=("X", "y", "Z", "k"),
        returns="labels",
        whole=("labels",),
        cases=(Case("values", "Classes of the nearest neighbours", pairs(), 5, ("labels",)),),
    ),
    Function(
        question="moments",
        function="linear:moments",
        arguments=("X",),
        returns={"mean": "mean", "spread": "spread"},
        cases=(Case("values", "Mean and spread", line(), 2, ("mean", "spread")),),
    ),
    Function(
        question="loss",
        function="linear:mse",
        arguments=("X", "y", "w", "b"),
        returns=("loss", "dw", "db"),
        cases=(
            Case("loss", "The loss", line(), 2, ("loss",)),
            Case("gradients", "Its gradients", line(), 5, ("dw", "db")),
        ),
        gradients=(Gradient("dw", wrt="w", of="loss"), Gradient("db", wrt="b", of="loss")),
        gradient_points=1,
    ),
)
