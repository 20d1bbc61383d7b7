"""Classes of submissions for the benchmarks, each made of the reference by a seed."""

from __future__ import annotations

import random
import shutil
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path

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

#: Mistakes for as long as the assignment has no catalogue of its own.
MISTAKES: tuple[Edit, ...] = (
    ("layers.py", "    db = dout.sum(axis=0)\n", "    db = dout.mean(axis=0)\n"),
    ("layers.py", "    dx = dout * (x > 0)\n", "    dx = dout * (dout > 0)\n"),
    ("optim.py", "    next_w = w + velocity\n", "    next_w = w - velocity\n"),
    ("optim.py", '    v_hat = config["v"] / (1 - beta2**t)\n', '    v_hat = config["v"]\n'),
    (_NET, "            loss += 0.5 * self.reg * np.sum(w**2)\n", "            loss += 0.0\n"),
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
        wrong = dice.choice(_mistakes())
        return edited(_reference(), [*wrong, *styles], must=len(wrong))
    if kind == "right":
        return edited(_reference(), styles, must=0)
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


def edited(files: Files, edits: Sequence[Edit], must: int | None = None) -> Files:
    """Return *files* with *edits*; of those after the first *must*, what doesn't fit is skipped.

    Raises :class:`ValueError` for an edit among the first that no longer fits the reference.
    """
    changed = dict(files)
    for number, (file, old, new) in enumerate(edits):
        if changed[file].count(old) == 1:
            changed[file] = changed[file].replace(old, new)
        elif must is None or number < must:
            raise ValueError(f"{old!r} doesn't stand once in {file}: mend benchmarks/classes.py")
    return changed


def _reference() -> Files:
    return {
        path.relative_to(REFERENCE).as_posix(): path.read_text("utf-8")
        for path in sorted(REFERENCE.rglob("*.py"))
    }


def _mistakes() -> list[list[Edit]]:
    """Return the mistakes of the assignment's catalogue that the first notebook asks about."""
    found = []
    names = {question["id"] for question in _questions()}
    for path in sorted((ASSIGNMENT / "misconceptions").glob("*.toml")):
        for entry in tomllib.loads(path.read_text("utf-8")).get("misconception", ()):
            if entry["question"] in names:
                found.append([(entry["file"], e["old"], e["new"]) for e in entry["edits"]])
    return found or [[mistake] for mistake in MISTAKES]


def _questions() -> list[dict[str, str]]:
    manifest = tomllib.loads((ASSIGNMENT / "assignment.toml").read_text("utf-8"))
    first = manifest["notebook"][0]["name"]
    return [question for question in manifest["question"] if question["notebook"] == first]
