"""Examples to paste: long arrays go to a file, and the code that loads it does the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from grader.marking.explaining.evidence import literal
from grader.selfcheck.examples import ExampleFiles, moved

PARAMS = {"W1": np.arange(120.0).reshape(20, 6), "b1": np.zeros(0)}
X = np.linspace(0, 1, 400).reshape(40, 10) / 3
CODE = "\n".join(
    [
        f"x = {literal(X, 4)}",
        f"params = {literal(PARAMS, 9)}",
        f"masks = {literal([X > 0.5, X], 8)}",
        "reg = 0.5",
        "# From here on the masks are used.",
        'out = [(x * reg).sum(), *[p.sum() for p in params.values()], params["b1"].shape, masks]',
    ]
)


def outcome(code: str) -> Any:
    """Run a script; return what it leaves."""
    scope: dict[str, Any] = {"np": np}
    exec(code.replace(" True", " 1").replace("[True", "[1"), scope)
    return scope["out"]


def test_the_shorter_script_does_the_same(tmp_path: Path) -> None:
    """To the last digit, in few lines, its comment where it was."""
    files = ExampleFiles(tmp_path, shown=f"{tmp_path.as_posix()}/")
    short = files.shortened("scale.values", CODE, 12)
    assert CODE.count("\n") > 60
    assert short.count("\n") < 12
    assert "np.load(" in short.splitlines()[0]
    assert short.splitlines()[-2].startswith("# From here on")
    one, other = outcome(CODE), outcome(short)
    assert one[:-1] == other[:-1]
    for mine, theirs in zip(one[-1], other[-1], strict=True):
        assert np.array_equal(mine, theirs)


def test_a_short_script_stays_as_it_is(tmp_path: Path) -> None:
    """And no file is written."""
    assert ExampleFiles(tmp_path).shortened("a.b", "x = 1\nprint(x)", 5) == "x = 1\nprint(x)"
    assert not list(tmp_path.iterdir())


def test_no_more_is_moved_than_has_to_be() -> None:
    """The longest first: what a person can read stays readable."""
    small = "w = np.array([[1.0, 2.0],\n              [3.0, 4.0]])"
    code = f"{small}\nx = {literal(X, 4)}\nprint(x)"
    short, arrays = moved(code, 8, "f.npz")
    assert set(arrays) == {"x"}
    assert small in short


def test_nothing_is_written_through_a_link(tmp_path: Path) -> None:
    """A folder's links lead nowhere."""
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / ".grader").symlink_to(tmp_path / "elsewhere")
    assert ExampleFiles(tmp_path).shortened("a.b", CODE, 5) == CODE
    assert not list((tmp_path / "elsewhere").iterdir())
