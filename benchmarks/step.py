"""A training step of the notebook's two-layer network: the textbook's, a faster one, and PyTorch's.

    python benchmarks/step.py [--threads 1 2] [--rounds 24] [--steps 10]

All draw the same batches of 400 out of 49,000 images in float64, gather them, and take a step of
plain gradient descent. *textbook* is the reference's Solver with the reference's network; *fast*
the same Solver with :func:`fast_network`; *torch* does it eagerly, by autograd and
``torch.optim.SGD``, and is left out where PyTorch's CPU build isn't installed. Each has a
process of its own, and they take turns, each first in every other round, so that what else runs on
the machine slows all of them; a turn's first step warms the caches and isn't timed. Their losses
must agree, else the run fails.
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
ENGINES = ("textbook", "fast", "torch")
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
    engines = [e for e in ENGINES if e != "torch" or importlib.util.find_spec("torch")]
    print(f"{platform.machine()}, {os.cpu_count()} cores, numpy {np.__version__}")
    if "torch" not in engines:
        print("no torch: PyTorch isn't installed here (pip install torch)")
    for threads in options.threads:
        compare(engines, threads, options)


def compare(engines: list[str], threads: int, options: argparse.Namespace) -> None:
    """Let the engines take turns; print what a step costs each, and beside the textbook's."""
    workers = [start(engine, threads, options) for engine in engines]
    turns = []
    for number in range(options.rounds + 1):  # the first one warms up
        order = 1 if number % 2 else -1
        answers = [turn(worker) for worker in workers[::order]][::order]
        losses = [answer["loss"] for answer in answers]
        if max(losses) - min(losses) > AGREEMENT * abs(losses[0]):
            sys.exit(f"they don't do the same: losses {losses} after turn {number}")
        turns.append(answers)
    for worker in workers:
        worker.stdin.close()
        worker.wait()
    print(
        f"threads: {threads}   cpu ms a step   wall ms a step   textbook's wall = 1 (middle half)"
    )
    for place, engine in enumerate(engines):
        cpu, wall = (
            1e3 * median(answers[place][clock] for answers in turns[1:])
            for clock in ("cpu", "wall")
        )
        ratios = [answers[place]["wall"] / answers[0]["wall"] for answers in turns[1:]]
        low, middle, high = np.quantile(ratios, (0.25, 0.5, 0.75))
        print(f"{engine:>10} {cpu:15.2f} {wall:16.2f}   {middle:.2f} ({low:.2f} to {high:.2f})")


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
    step = {"textbook": textbook, "fast": fast, "torch": torch}[options.work](
        images, labels, options
    )
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


def fast_network():
    """Return the same network with a step that takes less time and is harder to read.

    The first layer's dx, which nobody uses, isn't computed. ``x.T @ dout`` is taken as the
    transpose of ``dout.T @ x``, which BLAS takes less time for: the large factor is then packed in
    blocks that stay in the cache. That comes column by column, so W1 is kept that way too: updates
    would otherwise read dw across its rows. Without regularization no pass over the weights is
    made for it.
    """
    plain = network()
    from cs682.layers import affine_forward, relu_backward, relu_forward, softmax_loss

    def affine_gradients(dout, x):
        return (dout.T @ x.reshape(len(x), -1)).T, dout.sum(axis=0)

    class Fast(type(plain)):
        def loss(self, X, y=None):
            params, grads = self.params, {}
            a, _ = affine_forward(X, params["W1"], params["b1"])
            hidden, _ = relu_forward(a)
            scores, _ = affine_forward(hidden, params["W2"], params["b2"])
            if y is None:
                return scores
            loss, dscores = softmax_loss(scores, y)
            grads["W2"], grads["b2"] = affine_gradients(dscores, hidden)
            da = relu_backward(dscores @ params["W2"].T, a)
            grads["W1"], grads["b1"] = affine_gradients(da, X)
            if self.reg:
                for name in ("W1", "W2"):
                    loss += 0.5 * self.reg * np.sum(params[name] ** 2)
                    grads[name] += self.reg * params[name]
            return loss, grads

    plain.__class__ = Fast
    plain.params["W1"] = np.asfortranarray(plain.params["W1"])
    return plain


def textbook(images: np.ndarray, labels: np.ndarray, options: argparse.Namespace) -> Step:
    """Return the Solver's own step of the reference's network."""
    return solved(network(), images, labels)


def fast(images: np.ndarray, labels: np.ndarray, options: argparse.Namespace) -> Step:
    """Return the Solver's own step of the faster network."""
    return solved(fast_network(), images, labels)


def solved(model, images: np.ndarray, labels: np.ndarray) -> Step:
    """Return the Solver's own step of *model*."""
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
