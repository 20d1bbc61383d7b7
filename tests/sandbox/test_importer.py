"""Packages as students hand them in: names, missing files, broken files, odd imports."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from conftest_sandbox import call, package

from grader.model.programs import Program, Run
from grader.model.trees import Opaque
from grader.sandbox import Batch

NET = "from {start}layers import *\n\ndef g(x):\n    return f(x)\n"
GIVEN = "def f(x):\n    raise NotImplementedError\n\ndef loss(x):\n    return x + 10\n"


@pytest.mark.parametrize("start", ["..", "cs682.", "cs231n.", "asgn2."])
def test_imports_are_absolute_or_relative_under_any_name(ask: Any, start: str) -> None:
    """The package imports under its own name and its aliases, without any __init__.py."""
    files = {
        "layers.py": "def f(x):\n    return x + 1\n",
        "classifiers/fc_net.py": NET.format(start=start),
    }
    out = ask(files, call("classifiers.fc_net:g", 1.0), aliases=("cs231n", "asgn2"))[0]
    assert out.gave == {"out": 2.0}


def test_all_names_give_the_same_module_objects(returned: Any) -> None:
    """A counter in a module is the same one by each name."""
    text = """
        import cs682.state, cs231n.state as other
        from . import state
        def f():
            state.count += 1
            return [other.count, cs682.state.count, other is state, other.__name__ == 'cs682.state']
    """
    given = {"state.py": "count = 0\n"}
    result = returned(dedent(text), given=given, aliases=("cs231n",))
    assert result == [1, 1, True, True]


def dedent(text: str) -> str:
    import textwrap

    return textwrap.dedent(text)


def test_a_package_called_numpy_hides_nothing(returned: Any) -> None:
    """A package or a file with a library's name doesn't come in the library's place."""
    text = (
        "import numpy\nimport random\n\ndef f():\n    return numpy.ones(2) * random.randint(2, 2)\n"
    )
    assert np.array_equal(returned(text, name="numpy"), [2.0, 2.0])


def test_a_file_that_does_not_parse_costs_only_what_needs_it(ask: Any) -> None:
    """Its own functions say where it broke, others' `import *` works, given names work."""
    files = {
        "layers.py": "import numpy as np\n\ndef f(x:\n    return x\n",
        "optim.py": "def sgd(w):\n    return w\n",
        "classifiers/fc_net.py": NET.format(start="..") + "\ndef h(x):\n    return loss(x)\n",
    }
    runs = [
        call("layers:f", 1.0),
        call("optim:sgd", 1.0),
        call("classifiers.fc_net:g", 1.0),
        call("classifiers.fc_net:h", 1.0),
        call("layers:helper", 1.0),
    ]
    given = {"layers.py": GIVEN}
    outs = ask(files, *runs, given=given, given_names={"layers": ("loss",)})
    for broken in (outs[0], outs[2]):
        assert broken.failed.stage == "raised"
        assert (broken.failed.type, broken.failed.cause) == ("SyntaxError", "compile")
        assert (broken.failed.file, broken.failed.line) == ("layers.py", 3)
    assert outs[4].failed.stage == "missing"
    assert outs[2].failed.target == "classifiers.fc_net:g"
    assert outs[1].gave == {"out": 1.0}
    assert outs[3].gave == {"out": 11.0}


def test_a_file_in_latin_1_that_says_so_is_read(returned: Any) -> None:
    """A coding line is honoured."""
    text = "# coding: latin-1\ndef f():\n    return len('é')\n".encode("latin-1")
    assert returned(text) == 1


def test_the_course_puts_its_functions_over_the_students(ask: Any) -> None:
    """They are replaced before another module's `import *` sees them; the rest stays."""
    files = {
        "layers.py": "def loss(x):\n    return -1\n\ndef f(x):\n    return loss(x)\n",
        "classifiers/fc_net.py": "from cs682.layers import *\n\ndef g(x):\n    return loss(x)\n",
    }
    runs = [call(t, 1.0) for t in ("layers:loss", "layers:f", "classifiers.fc_net:g")]
    outs = ask(files, *runs, given={"layers.py": GIVEN}, given_names={"layers": ("loss",)})
    assert [out.gave["out"] for out in outs] == [11.0] * 3


def test_given_files_are_used_where_the_student_has_none(ask: Any) -> None:
    """A missing file is the course's: its helpers work, its blanks are not implemented."""
    files = {"optim.py": "from .layers import loss\n\ndef g(x):\n    return loss(x)\n"}
    outs = ask(files, call("optim:g", 1.0), call("layers:f", 1.0), given={"layers.py": GIVEN})
    assert outs[0].gave == {"out": 11.0}
    assert outs[1].failed.stage == "not_implemented"


def test_unused_imports_cost_nothing(returned: Any) -> None:
    """Plots, bridges to Python 2 and libraries that aren't here import as stand-ins."""
    text = """
        from __future__ import print_function
        from builtins import range
        from past.builtins import xrange
        from future.utils import iteritems
        from six.moves import cPickle as pickle, range as moved
        import six.moves.cPickle
        import matplotlib
        import matplotlib.pyplot as plt
        from scipy.misc import imread
        import scipy.ndimage as nd
        import torch, torch.nn as nn
        import torch.nn.functional as F
        from torch import *
        import autograd.numpy as anp
        import subprocess
        from IPython import get_ipython
        from .im2col_cython import col2im
        from cs682.nowhere import *
        plt.rcParams["figure.figsize"] = (10, 8)
        plt.figure(); plt.plot([1]).set(x=1)
        get_ipython().run_line_magic("matplotlib", "inline")

        class Net(nn.Module):
            pass

        def f():
            total = 0
            for i in xrange(3):
                total += i
            return [total, dict(iteritems({"a": 1})), pickle.loads(pickle.dumps(4))]
    """
    assert returned(dedent(text)) == [3, {"a": 1}, 4]


@pytest.mark.parametrize(
    "use",
    [
        "import torch\ndef f(x):\n    return torch.tensor(x)",
        "from scipy.special import expit\ndef f(x):\n    return expit(x)",
        "import autograd.numpy as np\ndef f(x):\n    return np.dot(x, x)",
        "import torch.nn as nn\nclass N(nn.Module):\n    pass\ndef f(x):\n    return N(3)",
        "import subprocess\ndef f(x):\n    return subprocess.run(['true'])",
        "def f(x):\n    import pandas\n    return pandas.DataFrame(x)",
        "import jax\nvalue = jax.grad(1)\ndef f(x):\n    return value * x",
    ],
)
def test_using_what_is_not_allowed_is_refused_and_says_what_is(failed: Any, use: str) -> None:
    """The stage is ``refused`` and the sentence begins with what to use."""
    failure = failed(use, 1.0)
    assert failure.stage == "refused"
    assert failure.text.startswith("Use numpy, the standard library and your own files: ")


def test_a_hung_import_costs_its_deadline_once(sandbox: Any) -> None:
    """Each further question of that file answers at once; other files go on."""
    files = {
        "layers.py": "print('tried', flush=True)\nwhile True:\n    pass\n",
        "optim.py": "from .layers import loss\n\ndef g(x):\n    return loss(x)\n",
    }
    subject = package(files, given={"layers.py": GIVEN}, given_names={"layers": ("loss",)})
    runs = [call("layers:f", 1.0), call("layers:other", 1.0), call("optim:g", 1.0)]
    with sandbox.start(subject) as session:
        outs = [reply.outcomes[0] for reply in session.ask(Batch(runs))]
    assert [out.failed and out.failed.stage for out in outs] == ["timed_out", "timed_out", None]
    assert outs[1].failed.file == "layers.py"
    assert outs[2].gave == {"out": 11.0}
    assert session.printed.count(b"tried") < len(runs)  # once; a busy machine has it tried again


def test_an_import_that_ends_the_process_is_remembered_too(ask: Any) -> None:
    """os._exit at import is ``died``, for that file only."""
    files = {"layers.py": "import os\nos._exit(0)\n", "optim.py": "def g(x):\n    return x\n"}
    outs = ask(files, call("layers:f", 1.0), call("layers:f", 2.0), call("optim:g", 3.0))
    assert [out.failed and out.failed.stage for out in outs] == ["died", "died", None]


def test_a_traceback_has_the_students_line(failed: Any) -> None:
    """The line is the innermost one of the student's files, though numpy raised further in."""
    text = "import numpy as np\n\ndef f(x):\n    y = x + 1\n    return np.linalg.inv(y)\n"
    failure = failed(text, np.zeros((2, 3)))
    assert (failure.stage, failure.type, failure.file, failure.line) == (
        "raised",
        "ValueError",
        "layers.py",
        5,
    )


@pytest.mark.parametrize(
    ("body", "line", "caller"),
    [
        ("    return g(x)\n\ndef g(x):\n    return h(x)\n\ndef h(x):\n    return 1 / 0\n", 8, 2),
        ("    return 1 / 0\n", 2, 0),
        ("    return f(x - 1) if x > 0 else 1 / 0\n", 2, 0),
        ("    import numpy as np\n    return np.linalg.inv(np.zeros((2, 3)))\n", 3, 0),
    ],
    ids=["a helper's helper", "itself", "itself, again", "numpy"],
)
def test_a_traceback_has_the_callers_line(failed: Any, body: str, line: int, caller: int) -> None:
    """Where a helper raises, the function asked has a line as well."""
    failure = failed("def f(x):\n" + body, 2.0)
    assert (failure.file, failure.line) == ("layers.py", line)
    assert (failure.caller_file, failure.caller_line) == ("layers.py" if caller else "", caller)


def test_the_source_is_there_for_a_students_own_traceback(returned: Any) -> None:
    """traceback shows the line's text, and __file__ is a path."""
    text = """
        import os, traceback

        def f():
            try:
                raise ValueError("here")
            except ValueError:
                shown = traceback.format_exc()
                name = os.path.basename(__file__)
                return ['raise ValueError("here")' in shown, name == 'layers.py']
    """
    assert returned(dedent(text)) == [True, True]


def test_missing_functions_and_modules_are_missing(ask: Any) -> None:
    """A name or a module that isn't there is the stage ``missing``."""
    run = Run("r", Program((["new", "m", "nets:Net", [], {}, []],), {"m": {"@": "m"}}), [{}])
    outs = ask({"layers.py": "x = 1\n"}, call("layers:f", 1.0), run)
    assert [out.failed.stage for out in outs] == ["missing", "missing"]


@pytest.mark.parametrize(
    "guard", ["except ImportError:", "except (OSError, ImportError) as e:", "except:"]
)
@pytest.mark.parametrize("module", ["numba", "torch.nn", "cs682.fast_layers"])
def test_an_import_that_may_fail_fails(returned: Any, guard: str, module: str) -> None:
    """Code that tries a library and does without it does without it here."""
    text = f"""
        try:
            from {module} import njit
        {guard}
            def njit(f):
                return f

        @njit
        def f():
            try:
                import {module}
            {guard}
                return "without"
    """
    assert returned(dedent(text)) == Opaque("str")


def test_an_import_in_another_try_is_a_stand_in(returned: Any) -> None:
    """A ``try`` that expects something else doesn't make an unused import fail."""
    text = "try:\n    import torch\nexcept ValueError:\n    pass\n\ndef f():\n    return 1\n"
    assert returned(text) == 1


def test_all_of_numpy_can_be_imported(returned: Any) -> None:
    """``from numpy import *``: what numpy itself looks for and isn't here, it does without."""
    text = "from numpy import *\nimport numpy.typing\n\ndef f():\n    return sum(ones(3))\n"
    assert returned(text) == 3.0
