"""Make ``examples/class/``: ten small submissions, from the reference and from edits of it.

Run it from anywhere: ``python examples/make_class.py [FOLDER]``.
"""

import shutil
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
REFERENCE = ROOT / "assignment" / "cs682"
TEMPLATE = ROOT / "student_template"

#: By submission: (file, what stands in the reference, what stands there instead).
EDITS: dict[str, list[tuple[str, str, str]]] = {
    "ada": [],
    "boris": [  # right, in another style: loops, in-place work, chatter
        ("layers.py", "import numpy as np\n", "import numpy as np\n\nprint('loading my layers')\n"),
        (
            "layers.py",
            "    out = np.maximum(x, 0)\n",
            "    out = x.copy()\n    out[out < 0] = 0\n",
        ),
        (
            "layers.py",
            "    dw = x.reshape(len(x), -1).T @ dout\n",
            "    dw = sum(np.outer(row, d) for row, d in zip(x.reshape(len(x), -1), dout))\n",
        ),
        ("optim.py", "    next_w = w + velocity\n", "    w += velocity\n    next_w = w\n"),
    ],
    "dora": [("layers.py", "    db = dout.sum(axis=0)\n", "    db = dout.mean(axis=0)\n")],
    "emil": [
        ("optim.py", '    m_hat = config["m"] / (1 - beta1**t)\n', '    m_hat = config["m"]\n'),
        ("optim.py", '    v_hat = config["v"] / (1 - beta2**t)\n', '    v_hat = config["v"]\n'),
    ],
    "fatima": [
        (
            "classifiers/fc_net.py",
            "            loss += 0.5 * self.reg * np.sum(w**2)\n",
            "            loss += self.reg * np.sum(w**2)\n",
        )
    ],
    "goran": [("optim.py", "def rmsprop(w, dw, config=None):", "def rmsprop(w, dw, config=None:")],
    "hana": [
        ("layers.py", "    dx = dout * (x > 0)\n", "    while True:\n        dx = dout * (x > 0)\n")
    ],
    "ivan": [
        ("optim.py", "    decay = config[", "    import os\n    os._exit(0)\n    decay = config[")
    ],
}


def edited(name: str) -> dict[str, str]:
    """Return the files of one submission; an edit that no longer fits the reference fails."""
    files = {
        path.relative_to(REFERENCE).as_posix(): path.read_text("utf-8")
        for path in sorted(REFERENCE.rglob("*.py"))
    }
    for file, old, new in EDITS[name]:
        if files[file].count(old) != 1:
            sys.exit(f"{name}: {old!r} doesn't stand once in {file}; mend examples/make_class.py")
        files[file] = files[file].replace(old, new)
    return files


def write(folder: Path, files: dict[str, str]) -> None:
    """Write a package and the notebook beside it."""
    for file, text in files.items():
        path = folder / "cs682" / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    for notebook in TEMPLATE.glob("*.ipynb"):
        shutil.copy(notebook, folder)


def main() -> None:
    """Make the class afresh."""
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "examples" / "class"
    shutil.rmtree(target, ignore_errors=True)
    for name in EDITS:
        write(target / name, edited(name))
    shutil.copytree(
        TEMPLATE, target / "chloe", ignore=shutil.ignore_patterns("checks", "*.toml", "*.txt")
    )
    # One hands in a zip, under the package's other name.
    with zipfile.ZipFile(target / "jana.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for file, text in edited("ada").items():
            archive.writestr(f"jana final/cs231n/{file}", text)
    print(f"made {target}: {len(EDITS) + 2} submissions")


if __name__ == "__main__":
    main()
