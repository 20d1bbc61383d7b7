"""Where functions stand in a submission's files: told as numbers by the process that has them."""

from __future__ import annotations

from typing import Any

import pytest

from grader.model.programs import Program, Run

TEXT = '''import numpy as np
from numpy import linspace


def plain(x,
          y=(1,
             2)):
    """What it does.

    >>> plain(1)
    """
    # A comment that no code object holds.
    total = (x
             + y)
    return [(lambda z:
             z + 1)(t) for t in total]


class Net(object):
    size = 3

    def loss(self):
        def inner():
            return 1
        return inner()
'''
RUN = Run("r", Program((["line_ranges", "s", "layers"],), {"ranges": {"@": "s"}}), [{}])


def test_functions_and_methods_are_found_with_their_first_and_last_lines(ask: Any) -> None:
    """A span begins at the def, says where code begins after the docstring, ends with the code."""
    ranges = ask({"layers.py": TEXT}, RUN)[0].gave["ranges"]
    assert ranges == {"plain": [5, 13, 16], "Net.loss": [22, 23, 25]}


@pytest.mark.parametrize(
    "text",
    [
        "def f(x:\n",
        "__file__ = '/etc/passwd'\ndef f(): pass\n",
        "import numpy as np\nf = np.sum\n",
        "__file__ = 3\nf = type('F', (), {'__code__': 3})()\n",
    ],
    ids=["doesn't parse", "another file", "not Python's own", "no text"],
)
def test_what_has_no_lines_has_no_span(ask: Any, text: str) -> None:
    """Nothing is told of functions that stand in no file of the submission; nothing breaks."""
    outcome = ask({"layers.py": text}, RUN)[0]
    assert not outcome.gave.get("ranges")


def test_a_module_full_of_names_is_bounded(ask: Any) -> None:
    """A namespace of thousands of functions gives a short answer."""
    text = "def f(): pass\nfor i in range(5000): globals()[f'f{i}'] = f\n"
    assert len(ask({"layers.py": text}, RUN)[0].gave["ranges"]) <= 200
