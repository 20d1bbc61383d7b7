"""Inputs as code to paste: what a student runs must be what the grader ran."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from grader.marking.explaining.evidence import literal, script
from grader.model.programs import Program

VALUES = st.one_of(
    st.integers(-9, 9),
    st.text(max_size=5),
    arrays(np.float64, array_shapes(max_dims=4, max_side=4), elements=st.floats(-1e9, 1e9)),
    arrays(np.int64, array_shapes(max_dims=2, max_side=9), elements=st.integers(-9, 9)),
)


@settings(max_examples=50)
@given(st.dictionaries(st.text("abc", min_size=1), VALUES, max_size=3), st.integers(0, 30))
def test_a_literal_reads_back_as_what_it_stands_for(tree: dict[str, Any], column: int) -> None:
    """Every digit of every array comes back, whatever the shapes."""
    back = eval(literal(tree, column), {"np": np})
    assert back.keys() == tree.keys()
    for name, value in tree.items():
        np.testing.assert_array_equal(back[name], value)


def test_rows_stand_under_each_other() -> None:
    """The rows of an array begin at one column, in a dict too."""
    text = "config = " + literal({"m": np.eye(2), "t": 1}, 9)
    rows = [line.index("[" if i else "[[") + (not i) for i, line in enumerate(text.split("\n")[:2])]
    assert rows[0] == rows[1]
    assert text.endswith("\n          't': 1}")


@pytest.mark.parametrize(("output", "printed"), [("dx", ["g", "g[1]"]), ("dw", [])])
def test_what_is_judged_is_printed_and_probe_points_are_not(
    output: str, printed: list[str]
) -> None:
    """A property's outputs, ``dx.g`` and ``dx.z``, count as ``dx``."""
    program = Program(
        (["call", "g", "layers:back", [{"$": "x"}], {}],),
        {"dx.g": {"@": "g"}, "dx.z": {"@": "g", "item": 1}, "x_plus": {"@": "p"}},
    )
    code = script(program, {"x": np.ones(2), "x_plus": np.ones(2)}, (output,))
    assert "x_plus" not in code
    assert [line for line in code.split("\n") if "print" in line] == [
        f"print({name})" for name in printed
    ]
