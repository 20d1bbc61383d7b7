"""What isn't written is told as not written, whatever the blank of its edition looks like."""

from __future__ import annotations

from textwrap import dedent, indent
from typing import Any

import numpy as np
import pytest

BLANKS = {
    "pass": "pass",
    "out": "out = None\n# TODO: write this\npass\ncache = (x, config)\nreturn out, cache",
    "grads": "dx, dw = None, None\nx, w = config, x\npass\nreturn dx, dw",
    "options": """
        if config is None:
            config = {}
        config.setdefault("rate", 1e-2)
        v = config.get("velocity", np.zeros_like(x))
        out = None
        return out, config
    """,
    "modes": """
        mode = config["mode"]
        mean = config.get("mean", np.zeros(3, dtype=x.dtype))
        out, cache = None, None
        if mode == "train":
            pass
        elif mode == "test":
            pass
        else:
            raise ValueError('Invalid mode "%s"' % mode)
        config["mean"] = mean
        return out, cache
    """,
    "loss": "scores = None\nloss, grads = 0.0, {}\nreturn loss, grads",
}
WRITTEN = {
    "nothing returned": "out = x * 2",
    "a call": "out = np.maximum(x, 0)",
    "in place": "x += 1",
    "another branch": "if x.sum() > 0:\n    return x",
    "none after work": "out = x + 1\nreturn None, out",
}


def text(body: str) -> str:
    lines = indent(dedent(body).strip("\n"), "    ")
    return f"import numpy as np\n\ndef f(x, config):\n{lines}\n"


@pytest.mark.parametrize("body", BLANKS.values(), ids=BLANKS)
def test_a_blank_of_another_edition_is_not_written(failed: Any, body: str) -> None:
    """It returns None after lines that were given out: as one that raises NotImplementedError."""
    found = failed(text(body), np.ones(3), {"mode": "train"})
    assert (found.stage, found.cause) == ("not_implemented", "blank")


@pytest.mark.parametrize("body", WRITTEN.values(), ids=WRITTEN)
def test_what_works_something_out_is_written(returned: Any, body: str) -> None:
    """Though it returns None: that is the fault to tell."""
    got = returned(text(body), -np.ones(3), {"mode": "train"})
    assert got is None or got[0] is None
