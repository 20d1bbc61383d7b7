"""Classes of submissions for the benchmarks, each made of the reference by a seed."""

from __future__ import annotations

import random
import shutil
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from grader.key import sources

ROOT = Path(__file__).resolve().parents[1]
ASSIGNMENT = ROOT / "assignment"
REFERENCE = ASSIGNMENT / "cs682"

Files = Mapping[str, str]
#: (file, what stands in the reference, what stands there instead)
Edit = tuple[str, str, str]

_NET = "classifiers/fc_net.py"

#: Right in other styles: any of these can be taken together.
STYLES: tuple[Edit, ...] = (
    (
        "layers.py",
        "    out = x.reshape(len(x), -1) @ w + b\n",
        "    n = x.shape[0]\n    d = int(np.prod(x.shape[1:]))\n"
        "    out = np.dot(x.reshape(n, d), w)\n    out = out + b.reshape(1, -1)\n",
    ),
    (
        "layers.py",
        "    dw = x.reshape(len(x), -1).T @ dout\n",
        '    dw = np.einsum("nd,nm->dm", x.reshape(x.shape[0], -1), dout)\n',
    ),
    (
        "layers.py",
        "    dw = x.reshape(len(x), -1).T @ dout\n",
        "    dw = np.zeros(w.shape)\n    rows = x.reshape(x.shape[0], -1)\n"
        "    for i in range(x.shape[0]):\n        dw += np.outer(rows[i], dout[i])\n",
    ),
    ("layers.py", "    db = dout.sum(axis=0)\n", "    db = np.ones(dout.shape[0]) @ dout\n"),
    (
        "layers.py",
        "    out = np.maximum(x, 0)\n",
        "    out = x.copy()\n    out[out < 0] = 0\n",
    ),
    (
        "layers.py",
        "    dx = dout * (x > 0)\n",
        "    dx = np.array(dout, copy=True)\n    dx[x <= 0] = 0\n",
    ),
    (
        "optim.py",
        "    next_w = w + velocity\n",
        "    w += velocity\n    next_w = w\n",
    ),
    (
        "optim.py",
        '    m_hat = config["m"] / (1 - beta1**t)\n',
        '    m_hat = config["m"] / (1 - np.power(beta1, t))\n',
    ),
    (
        _NET,
        "            loss += 0.5 * self.reg * np.sum(self.params[name] ** 2)\n",
        "            loss += self.reg / 2 * float((self.params[name] * self.params[name]).sum())\n",
    ),
)

#: What real files hold besides: it costs no points.
QUIRKS: tuple[Edit, ...] = (
    ("layers.py", "import numpy as np\n", "import numpy as np\n\nprint('my layers, 2nd try')\n"),
    ("layers.py", "import numpy as np\n", "from builtins import range\n\nimport numpy as np\n"),
    ("optim.py", "import numpy as np\n", "import numpy as np\nimport matplotlib.pyplot as plt\n"),
    ("optim.py", "import numpy as np\n", "# Schöne Grüße\nimport numpy as np\n"),
)

#: Attacks and accidents, each at the top of a file or within a function.
HOSTILE: tuple[Edit, ...] = (
    ("layers.py", "    out = np.maximum(x, 0)\n", "    import os\n    os._exit(0)\n"),
    ("layers.py", "    db = dout.sum(axis=0)\n", "    db = open('/etc/passwd').read()\n"),
    ("layers.py", "    dx = dout * (x > 0)\n", "    dx = np.ones(1 << 40)\n"),
    ("layers.py", "import numpy as np\n", "import numpy as np\n\nnp.dot = np.matmul = None\n"),
    ("optim.py", "import numpy as np\n", "import numpy as np\nimport socket\nsocket.socket()\n"),
    ("optim.py", "    next_w = w + velocity\n", "    import os\n    os.fork()\n"),
    ("optim.py", "    next_w = w + velocity\n", "    print('x' * (1 << 22))\n    next_w = w\n"),
    ("optim.py", "def rmsprop(w, dw, config=None):", "def rmsprop(w, dw, config=None:"),
)

HANGING: tuple[Edit, ...] = (
    ("layers.py", "    dx = dout * (x > 0)\n", "    while True:\n        dx = dout * (x > 0)\n"),
)

KINDS = ("right", "mistaken", "hostile", "hanging")


def submission(kind: str, dice: random.Random) -> Files:
    """Return the files of one submission of a kind of :data:`KINDS`."""
    styles = dice.sample(STYLES, dice.randrange(5))
    if dice.random() < 0.3:
        styles.append(dice.choice(QUIRKS))
    if kind == "mistaken":
        return edited(dice.choice(_mistakes()), styles, strict=False)
    if kind == "right":
        return edited(_reference(), styles, strict=False)
    return edited(_reference(), [dice.choice(HOSTILE if kind == "hostile" else HANGING)])


def mixture(count: int, dice: random.Random) -> list[str]:
    """Return the kinds of a class as real ones are: a tenth hostile, one in a hundred hanging."""
    hanging, hostile = count // 100, count // 10
    mistaken = (count - hanging - hostile) * 2 // 5
    kinds = ["hanging"] * hanging + ["hostile"] * hostile + ["mistaken"] * mistaken
    kinds += ["right"] * (count - len(kinds))
    dice.shuffle(kinds)
    return kinds


def make(folder: Path, kinds: Sequence[str], seed: int) -> None:
    """Write a class into *folder*, one submission for each of *kinds*."""
    shutil.rmtree(folder, ignore_errors=True)
    dice = random.Random(seed)
    notebooks = sorted((ROOT / "student_template").glob("*.ipynb"))
    for number, kind in enumerate(kinds):
        place = folder / f"{number:05}-{kind}"
        for file, text in submission(kind, dice).items():
            path = place / "cs682" / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
        for notebook in notebooks:
            shutil.copy(notebook, place)


def edited(files: Files, edits: Sequence[Edit], *, strict: bool = True) -> Files:
    """Return *files* with *edits*; an edit that doesn't fit raises if *strict*, else is skipped."""
    changed = dict(files)
    for file, old, new in edits:
        if changed[file].count(old) == 1:
            changed[file] = changed[file].replace(old, new)
        elif strict:
            raise ValueError(f"{old!r} doesn't stand once in {file}: mend benchmarks/classes.py")
    return changed


@cache
def _reference() -> Files:
    return {
        path.relative_to(REFERENCE).as_posix(): path.read_text("utf-8")
        for path in sorted(REFERENCE.rglob("*.py"))
    }


@cache
def _mistakes() -> list[Files]:
    """Return the catalogue's submissions whose mistake the first notebook asks about."""
    assignment = sources.manifest(ASSIGNMENT)
    asked = {q.id for q in assignment.code_questions((assignment.notebooks[0].name,))}
    return [
        {path: text.decode("utf-8") for path, text in wrong.files.items()}
        for wrong in sources.misconceptions(ASSIGNMENT, assignment, sources.package(REFERENCE))
        if wrong.misconception.question in asked
    ]
