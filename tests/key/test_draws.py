"""Examples are the same wherever and whenever they are drawn, under one version of Hypothesis."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import strategies as st

from grader.key.draws import digest, draw
from grader.numeric.strategies import dense, seeds, sizes

COUNT = 200


@st.composite
def arrays(draw_: Any) -> dict[str, Any]:
    return {"seed": draw_(seeds()), "x": dense(draw_(sizes(1, 5, count=2)), draw_(seeds()))}


def load(path: Path, numbers: range) -> None:
    """Import a module of somebody's that holds *numbers*."""
    path.write_text("\n".join(f"A{number} = {number}" for number in numbers))
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)


def test_what_else_is_loaded_changes_no_draw(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Numbers in other modules' source are none of the examples'."""
    before = [digest(example) for example in draw(arrays(), COUNT, "a seed")]
    for name in ("somebody", "somebody_else"):
        monkeypatch.setitem(sys.modules, name, None)  # gone again after this test
    load(tmp_path / "somebody.py", range(10**6, 10**6 + 300))
    load(tmp_path / "somebody_else.py", range(10**7, 10**7 + 300))
    assert [digest(example) for example in draw(arrays(), COUNT, "a seed")] == before


def test_examples_differ_and_are_as_many_as_asked() -> None:
    """No example twice, though small strategies repeat themselves; another seed, other ones."""
    few = st.sampled_from([{"x": float(i)} for i in range(40)])
    found = draw(few, 30, "a seed")
    assert len({example["x"] for example in found}) == len(found) == 30
    one, other = (
        {digest(e) for e in draw(arrays(), COUNT, seed)} for seed in ("a seed", "another")
    )
    assert len(one) == len(other) == COUNT
    assert not one & other


def test_drawing_leaves_numpy_as_it_was() -> None:
    """Published logs depend on the global generator's state."""
    np.random.seed(7)
    expected = np.random.rand(3)
    np.random.seed(7)
    draw(arrays(), 10, "a seed")
    assert np.array_equal(np.random.rand(3), expected)
