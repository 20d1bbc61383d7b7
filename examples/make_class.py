"""Make ``examples/class/``: ten small submissions, from the reference and from edits of it.

Run it from anywhere: ``python examples/make_class.py [FOLDER]``.
"""

import io
import json
import os
import shutil
import sys
import zipfile
from functools import cache
from pathlib import Path

from grader.authoring.release import markers, notebooks

ROOT = Path(__file__).resolve().parents[1]
REFERENCE = ROOT / "assignment" / "cs682"
TEMPLATE = ROOT / "student_template"
BOOK = "FullyConnectedNets"
#: Who hands in a trained model; the others' are trained when they are marked.
TRAINED = ("boris", "emil")

#: What they answer where the best model is asked for, in seconds on few images: the reference's own
#: answer is made for all of them.
SMALL = """\
    best_model = FullyConnectedNet(
        [200, 200, 200], normalization="batchnorm", reg=1e-3, weight_scale=2e-2
    )
    best_solver = Solver(
        best_model,
        data,
        update_rule="adam",
        optim_config={"learning_rate": 1e-3},
        lr_decay=0.8,
        num_epochs=10,
        batch_size=200,
        print_every=200,
    )
    best_solver.train()"""

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


@cache
def notebook() -> str:
    """Return the notebook that students get, with the reference's answers in it but one."""
    text = (REFERENCE.parent / "notebooks" / f"{BOOK}.py").read_text("utf-8")
    book = json.loads((TEMPLATE / f"{BOOK}.ipynb").read_text("utf-8"))
    ids = [tag[9:] for cell in book["cells"] for tag in cell["metadata"].get("tags", [])]
    for answer, written in notebooks.answers(text, f"{BOOK}.py", ids):
        stub = notebooks.placeholder(answer) if written else markers.stub(answer)
        solved = SMALL.split("\n") if answer.question == "best-model" else markers.solved(answer)
        lines = ["\n".join(part) for part in (stub, solved)]
        if written:
            lines = [line.replace("\n# ", "\n").removeprefix("# ") for line in lines]
        for cell in book["cells"]:
            source = "".join(cell["source"])
            if f"question:{answer.question}" in cell["metadata"].get("tags", []):
                cell["source"] = source.replace(*lines)
    return json.dumps(book, indent=1)


@cache
def model(*classes: int) -> bytes:
    """Return the file of a network that the reference trains on a few drawn images.

    *classes* are the seed of what classes look like, where it isn't the one given out.
    """
    sys.path.insert(0, str(REFERENCE.parent))
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # small products wait for threads
    import numpy as np

    from cs682 import data_utils, synthetic
    from cs682.classifiers.fc_net import FullyConnectedNet
    from cs682.solver import Solver

    images, labels = synthetic.images(3000, 0, list(classes) or synthetic.CLASSES_SEED)
    data = data_utils.split(images, labels, images[:1], labels[:1], 2500)
    np.random.seed(682)
    net = FullyConnectedNet([50, 50], normalization="batchnorm", weight_scale=2e-2)
    options = {"update_rule": "adam", "optim_config": {"learning_rate": 1e-3}}
    Solver(net, data, num_epochs=4, verbose=False, **options).train()
    arrays = dict(net.params)
    for number, kept in enumerate(net.bn_params, start=1):
        arrays |= {f"{name}{number}": kept[name] for name in ("running_mean", "running_var")}
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


def write(folder: Path, files: dict[str, str]) -> None:
    """Write a package and the notebook beside it."""
    for file, text in files.items():
        path = folder / "cs682" / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    (folder / f"{BOOK}.ipynb").write_text(notebook(), "utf-8")


def main() -> None:
    """Make the class afresh."""
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "examples" / "class"
    shutil.rmtree(target, ignore_errors=True)
    for name in EDITS:
        write(target / name, edited(name))
    for name in TRAINED:
        (target / name / "best_model.npz").write_bytes(model())
    shutil.copytree(
        TEMPLATE, target / "chloe", ignore=shutil.ignore_patterns("checks", "*.toml", "*.txt")
    )
    # One hands in a zip, under the package's other name and without the notebook.
    with zipfile.ZipFile(target / "jana.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for file, text in edited("ada").items():
            archive.writestr(f"jana final/cs231n/{file}", text)
    print(f"made {target}: {len(EDITS) + 2} submissions")


if __name__ == "__main__":
    main()
