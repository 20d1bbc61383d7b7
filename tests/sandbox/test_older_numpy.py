"""What numpy 1.26 runs, runs: names that are gone since, and what later versions refuse."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from grader.sandbox.guest.older_numpy import NEWER
from grader.sandbox.guest.removed_names import MOVED, RENAMED, WRITTEN

#: An expression with a name that 1.26 has, and its value there.
NAMES = {
    "np.product([2, 3])": 6,
    "np.cumproduct([2, 3])": [2, 6],
    "np.alltrue([1, 0])": False,
    "np.sometrue([1, 0])": True,
    "np.float_(2)": 2.0,
    "np.zeros(2, dtype=np.float_)": [0.0, 0.0],
    "np.complex_(1).real": 1.0,
    "np.in1d([1, 2], [2])": [False, True],
    "np.row_stack(([1], [2]))": [[1], [2]],
    "np.trapz([1.0, 3.0])": 2.0,
    "np.isinf([np.Inf, np.infty, np.PINF, np.NINF, np.Infinity])": [True] * 5,
    "np.isnan([np.NaN, np.NAN])": [True, True],
    "np.cast['int64']([1.5, 2.5])": [1, 2],
    "np.round_(1.26, 1)": 1.3,
    "np.asfarray([1, 2])": [1.0, 2.0],
    "np.asfarray([1], dtype=int)": [1.0],
    "np.msort([[2, 1], [1, 2]])": [[1, 1], [2, 2]],
    "np.find_common_type([np.float32], [np.float64]) == np.float64": True,
    "np.asarray(np.mat([[1, 2]]))": [[1, 2]],
    "np.unicode_('x') == 'x'": True,
    "np.string_(b'x') == b'x'": True,
    "np.issubclass_(np.int32, np.integer)": True,
    "np.issubsctype(np.int32, np.integer)": True,
    "np.obj2sctype('f8') is np.float64": True,
    "np.sctype2char(np.float64) == 'd'": True,
    "np.nbytes[np.float64]": 8,
    "np.float64 in np.sctypes['float']": True,
    "np.fastCopyAndTranspose(np.array([[1, 2]]))": [[1], [2]],
    "np.math.sqrt(4)": 2.0,
    "np.lib.pad([1], 1)": [0, 1, 0],
    "np.linalg.linalg.norm([3.0, 4.0])": 5.0,
    "issubclass(np.VisibleDeprecationWarning, Warning)": True,
    "issubclass(np.AxisError, Exception)": True,
}

#: A body of f(x), with x = [1.0, 2.0], that 1.26 runs, and what it returns there.
BODIES = {
    "return float(x[:1])": 1.0,
    "return int(x[1:].reshape(1, 1))": 2,
    "out = np.zeros(2)\n    out[1] = x[1:]\n    return out": [0.0, 2.0],
    "out = np.zeros((2, 2))\n    out[1, 0] = x[:, None].T.dot(x[:, None])\n    return out": [
        [0.0, 0.0],
        [5.0, 0.0],
    ],
    "out = np.zeros(2)\n    out[1] += x[1:]\n    return out": [0.0, 2.0],
    "return math.exp(x[:1] - 1)": 1.0,
    "print('%f' % x[:1])\n    return x": [1.0, 2.0],
    "print('%d %.2f' % (1, x[:1]))\n    return x": [1.0, 2.0],
    "return np.array(list(x), copy=False)": [1.0, 2.0],
    "return np.asarray(x, dtype='float64').reshape(2) + np.array([0], copy=False)": [1.0, 2.0],
    "return np.reshape(x, newshape=(2, 1))": [[1.0], [2.0]],
    "return np.sum(i * i for i in x)": 5.0,
    "return x.ptp()": 1.0,
    "x.itemset(0, 7)\n    return x": [7.0, 2.0],
    "return np.frombuffer(x.tostring())": [1.0, 2.0],
    "return len(np.array(5).nonzero()[0]) + len(np.nonzero(np.array(5))[0])": 2,
}


@pytest.mark.parametrize(("text", "value"), NAMES.items())
def test_a_name_that_1_26_has_is_there(returned: Any, text: str, value: Any) -> None:
    """Under every later numpy, with the value that it had."""
    got = returned(f"import numpy as np\n\ndef f():\n    return {text}\n")
    assert np.array_equal(got, value)


@pytest.mark.parametrize(("body", "value"), BODIES.items())
def test_what_a_later_numpy_refuses_runs(returned: Any, body: str, value: Any) -> None:
    """Scalars from arrays of one element, arguments and methods that are gone."""
    got = returned(
        f"import math\nimport numpy as np\n\ndef f(x):\n    {body}\n", np.array([1.0, 2.0])
    )
    assert np.array_equal(got, value)


@pytest.mark.parametrize(
    "body",
    [
        "out = np.zeros(2)\n    out[1] = x\n    return out",
        "return float(x)",
        "return math.exp(x)",
        "return np.reshape(x, newshape=(3, 1))",
        "return x.nothing()",
    ],
)
def test_what_1_26_refuses_too_fails_at_its_line(failed: Any, body: str) -> None:
    """The second way of running it makes nothing right that isn't."""
    found = failed(f"import math\nimport numpy as np\n\ndef f(x):\n    {body}\n", np.arange(2.0))
    assert (found.stage, found.file) == ("raised", "layers.py")
    assert found.line == (6 if "\n" in body else 5)


def test_the_state_of_a_module_begins_anew_with_the_second_way(returned: Any) -> None:
    """What the refused run left behind isn't seen by the one that counts."""
    text = "count = []\n\ndef f(x):\n    count.append(1)\n    return len(count) + float(x[:1])\n"
    assert returned(text, np.array([1.0, 2.0])) == 2.0


def test_numpy_stays_as_it_is_in_this_process() -> None:
    """The names are given back where a student's code runs, and nowhere else."""
    given = {*RENAMED, *MOVED, *WRITTEN}
    assert "product" in given
    assert not NEWER or "product" not in vars(np)
