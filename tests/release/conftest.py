"""A small assignment of two questions, written for these tests."""

import tomllib
from pathlib import Path

import pytest

from grader.model.manifest import parse

MANIFEST = """\
schema = "grader/assignment/v1"
id = "halves"
title = "Halves"
package = "demo"

[files]
student = ["layers.py"]
shared = []
given = ["__init__.py"]

[[notebook]]
name = "Halves"
title = "Halves"

[[notebook]]
name = "Later"
title = "Not written yet"

[[question]]
id = "halve"
notebook = "Halves"
title = "Halve"
points = 4
file = "layers.py"
functions = ["halve"]

[[question]]
id = "why"
notebook = "Halves"
title = "Why"
points = 1
kind = "written"
"""

LAYERS = '''\
"""Layers."""


def halve(x):
    """Return half of x."""
    # BEGIN ANSWER halve: divide by two
    factor_of_a_half = 1 / 2
    if x is None:
        return None
    out = x * factor_of_a_half
    # END ANSWER
    return out
'''

NOTEBOOK = """\
# %% [markdown]
# # Halves

# %% tags=["setup"]
from demo.layers import halve

# %% tags=["question:halve", "check"]
print(halve(3.0))

# %% tags=["question:halve", "answer"]
# BEGIN ANSWER halve: choose a number
number_of_my_choice = 12345
# END ANSWER

# %% [markdown] tags=["question:why", "answer"]
# **Your answer:**
#
# BEGIN ANSWER why: one sentence
# Since twice a half is a whole, of course.
# END ANSWER
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The small assignment's folder."""
    texts = {
        "assignment.toml": MANIFEST,
        "demo/__init__.py": "",
        "demo/layers.py": LAYERS,
        "notebooks/Halves.py": NOTEBOOK,
        "checks/rows.py": "ROWS = ()\n",
        "checks/__pycache__/rows.cpython-311.pyc": "bytecode",
        "template/README.md": "# Halves\n",
        "template/requirements.txt": "numpy\n",
        "misconceptions/halve.py": "def halve(x):\n    return x * 0.25 + 0.25 * x.mean()\n",
        "witness/halve.py": "def halve(x):\n    return x - 0.5 * x + 0.0\n",
    }
    for path, text in texts.items():
        (tmp_path / "a" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "a" / path).write_text(text, encoding="utf-8")
    return tmp_path / "a"


@pytest.fixture
def assignment(folder: Path):
    """The small assignment's manifest, parsed."""
    return parse(tomllib.loads((folder / "assignment.toml").read_text("utf-8")))
