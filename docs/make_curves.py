"""Make ``docs/best-model.svg``: train the reference's best model as its notebook does, and draw it.

``CIFAR10_DIR=FOLDER python docs/make_curves.py`` runs the cells of the solved notebook that set up,
load the data and train, test and save the best model, in order. It prints what they print, the
seconds that they take, and the table of the epochs. Needs matplotlib and the real images.
"""

import os
import sys
import tempfile
import time
import tomllib
from pathlib import Path

import matplotlib as mpl
import nbformat
import numpy as np

from grader.authoring import release
from grader.model.manifest import parse

ROOT = Path(__file__).resolve().parents[1]
FOLDER, TARGET = ROOT / "assignment", ROOT / "docs" / "best-model.svg"
NOTEBOOK = "FullyConnectedNets.ipynb"
WANTED = {"setup", "data", "question:best-model"}
#: Steps whose mean loss is one point of the curve.
SMOOTHED = 49


def main() -> None:
    """Train in a scratch folder, then draw."""
    mpl.use("agg")
    with tempfile.TemporaryDirectory() as scratch:
        names = run(cells(Path(scratch)), Path(scratch))
    solver = names["best_solver"]
    print("\n| epoch | loss | training | validation |\n|---|---|---|---|")
    for epoch, row in enumerate(epochs(solver), start=1):
        print(f"| {epoch} | {row[0]:.3f} | {row[1]:.3f} | {row[2]:.3f} |")
    draw(solver)
    print(f"made {TARGET}")


def cells(folder: Path) -> list[str]:
    """Write the solved assignment into *folder*; return the sources of the cells to run."""
    assignment = parse(tomllib.loads((FOLDER / "assignment.toml").read_text("utf-8")))
    files = release.solved(FOLDER, assignment)
    release.write(files, folder)
    notebook = nbformat.reads(files[NOTEBOOK].decode("utf-8"), as_version=4)
    return [
        cell.source
        for cell in notebook.cells
        if cell.cell_type == "code" and WANTED & set(cell.metadata.tags)
    ]


def run(sources: list[str], folder: Path) -> dict[str, object]:
    """Run cells in *folder*, print the seconds of each, and return the names they leave."""
    names: dict[str, object] = {"__name__": "__main__"}
    sys.path.insert(0, str(folder))
    before = Path.cwd()
    os.chdir(folder)
    try:
        for source in sources:
            cpu, wall = time.process_time(), time.perf_counter()
            exec(compile(source, NOTEBOOK, "exec"), names)
            cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
            print(f"[{cpu:.0f} s of CPU, {wall:.0f} s on the clock]", flush=True)
    finally:
        os.chdir(before)
    return names


def epochs(solver: object) -> list[tuple[float, float, float]]:
    """Return mean loss, and training and validation accuracy after it, of each epoch."""
    losses = np.array_split(solver.loss_history, solver.num_epochs)
    means = [float(np.mean(part)) for part in losses]
    accuracies = zip(solver.train_acc_history[1:], solver.val_acc_history[1:], strict=True)
    return [(mean, *pair) for mean, pair in zip(means, accuracies, strict=True)]


def draw(solver: object) -> None:
    """Draw the loss and both accuracies over the epochs."""
    import matplotlib.pyplot as plt

    plt.rcParams.update({"svg.hashsalt": "best-model", "svg.fonttype": "none", "font.size": 11})
    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.4), layout="constrained")
    losses = np.array(solver.loss_history)
    losses = losses[: len(losses) // SMOOTHED * SMOOTHED].reshape(-1, SMOOTHED).mean(axis=1)
    steps = len(solver.loss_history) / solver.num_epochs
    left.plot((np.arange(len(losses)) + 0.5) * SMOOTHED / steps, losses)
    left.set(title=f"Training loss, mean of {SMOOTHED} steps", xlabel="epoch")
    right.plot(solver.train_acc_history, "--", label="training, images varied")
    right.plot(solver.val_acc_history, "-", label="validation")
    right.axhline(0.6, color="gray", linewidth=0.8)
    right.set(title="Accuracy", xlabel="epoch")
    right.legend(loc="lower right")
    for panel in (left, right):
        panel.grid(alpha=0.3)
    figure.savefig(TARGET, metadata={"Date": None})


if __name__ == "__main__":
    main()
