"""A training step of the notebook's two-layer network: the reference's Solver beside PyTorch.

    python benchmarks/step.py [--threads 1 2] [--rounds 24] [--steps 10]

Both draw the same batches of 400 out of 49,000 images in float64, gather them, and take a step of
plain gradient descent; PyTorch does it eagerly, by autograd and ``torch.optim.SGD``. Each has a
process of its own, and they take turns, each first in every other round, so that what else runs on
the machine slows both; a turn's first step warms the caches and isn't timed. Their losses must
agree, else the run fails. PyTorch's CPU build is needed for this benchmark only;
without it the run ends at once and says so.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
IMAGES, PIXELS, BATCH, LEARNING_RATE = 49_000, (3, 32, 32), 400, 1e-3
ENGINES = ("reference", "torch")
#: Relative; what the order of sums may cost over all steps of a run.
AGREEMENT = 1e-9

Step = Callable[[], float]


def main() -> None:
    """Measure and print, or work for the process that measures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--rounds", type=int, default=24)
    parser.add_argument("--steps", type=int, default=10, help="timed in each turn")
    parser.add_argument("--images", type=int, default=IMAGES, help="to draw batches from")
    parser.add_argument("--work", choices=ENGINES, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.work:
        work(options)
        return
    if importlib.util.find_spec("torch") is None:
        print("skipped: PyTorch isn't installed here (pip install torch)")
        return
    print(f"{platform.machine()}, {os.cpu_count()} cores, numpy {np.__version__}")
    for threads in options.threads:
        compare(threads, options)


def compare(threads: int, options: argparse.Namespace) -> None:
    """Let both engines take turns, and print what a step costs each and the ratio."""
    workers = [start(engine, threads, options) for engine in ENGINES]
    turns = []
    for number in range(options.rounds + 1):  # the first one warms up
        order = 1 if number % 2 else -1
        answers = [turn(worker) for worker in workers[::order]][::order]
        losses = [answer["loss"] for answer in answers]
        if abs(losses[0] - losses[1]) > AGREEMENT * abs(losses[1]):
            sys.exit(f"the two don't do the same: losses {losses} after turn {number}")
        turns.append(answers)
    for worker in workers:
        worker.stdin.close()
        worker.wait()
    print(f"threads: {threads}   {'  '.join(f'{e:>9}' for e in ENGINES)}  ratio (middle half)")
    for clock in ("cpu", "wall"):
        pairs = [[answer[clock] for answer in answers] for answers in turns[1:]]
        each = [1e3 * median(column) for column in zip(*pairs, strict=True)]
        ratios = np.array([ours / theirs for ours, theirs in pairs])
        low, middle, high = np.quantile(ratios, (0.25, 0.5, 0.75))
        figures = "  ".join(f"{ms:9.2f}" for ms in each)
        print(f"{clock:>4} ms a step {figures}  {middle:.2f} ({low:.2f} to {high:.2f})")


def start(engine: str, threads: int, options: argparse.Namespace) -> subprocess.Popen[str]:
    """Return the process of an engine, which waits for its turns."""
    command = [sys.executable, __file__, "--work", engine, "--threads", str(threads)]
    command += ["--steps", str(options.steps), "--images", str(options.images)]
    number = str(threads)
    names = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
    return subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, **dict.fromkeys(names, number)},
    )


def turn(worker: subprocess.Popen[str]) -> dict[str, float]:
    """Let a worker take its steps while all others wait; return seconds a step and the loss."""
    worker.stdin.write("go\n")
    worker.stdin.flush()
    line = worker.stdout.readline()
    if not line:
        sys.exit(f"{' '.join(worker.args)} ended with {worker.wait()}: see above")
    return json.loads(line)


def work(options: argparse.Namespace) -> None:
    """Take a turn's steps for each line that comes in."""
    np.random.seed(0)
    images = np.random.randint(256, size=(options.images, *PIXELS), dtype=np.uint8) - 128.0
    labels = np.random.randint(10, size=options.images)
    step = {"reference": reference, "torch": torch}[options.work](images, labels, options)
    for _ in sys.stdin:
        step()
        cpu, wall = time.process_time(), time.perf_counter()
        for _ in range(options.steps):
            loss = step()
        used = time.process_time() - cpu, time.perf_counter() - wall
        cpu, wall = (seconds / options.steps for seconds in used)
        print(json.dumps({"cpu": cpu, "wall": wall, "loss": loss}), flush=True)


def network():
    """Return the reference's network with its first weights, the same in every process."""
    sys.path.insert(0, str(ROOT / "assignment"))
    from cs682.classifiers.fc_net import TwoLayerNet

    np.random.seed(1)
    return TwoLayerNet()


def reference(images: np.ndarray, labels: np.ndarray, options: argparse.Namespace) -> Step:
    """Return the Solver's own step."""
    model = network()
    from cs682.solver import Solver

    data = {"X_train": images, "y_train": labels, "X_val": images[:1], "y_val": labels[:1]}
    solver = Solver(model, data, batch_size=BATCH, optim_config={"learning_rate": LEARNING_RATE})

    def step() -> float:
        solver.step()
        return float(solver.loss_history[-1])

    return step


def torch(images: np.ndarray, labels: np.ndarray, options: argparse.Namespace) -> Step:
    """Return the same step as PyTorch is written: draw, gather, forward, backward, update."""
    import torch

    torch.set_num_threads(options.threads[0])
    first, last = torch.nn.Linear(3072, 100), torch.nn.Linear(100, 10)
    model = torch.nn.Sequential(torch.nn.Flatten(), first, torch.nn.ReLU(), last).double()
    params = network().params
    with torch.no_grad():
        for layer, number in ((first, 1), (last, 2)):
            layer.weight.copy_(torch.from_numpy(params[f"W{number}"].T))
            layer.bias.copy_(torch.from_numpy(params[f"b{number}"]))
    loss_of = torch.nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=LEARNING_RATE)
    X, y = torch.from_numpy(images), torch.from_numpy(labels)

    def step() -> float:
        drawn = torch.from_numpy(np.random.choice(len(X), BATCH))
        optimizer.zero_grad()
        loss = loss_of(model(X[drawn]), y[drawn])
        loss.backward()
        optimizer.step()
        return loss.item()

    return step


if __name__ == "__main__":
    main()
