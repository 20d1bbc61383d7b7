"""What a whole hand-in costs: code, trainings and written answers, as graded by default.

    python benchmarks/handins.py [-n 60] [--seed 1] [--record FILE | --against FILE]

Makes hand-ins by a seed: packages right and wrong, and the notebook with trainings as students
write them (one configuration, grids, random searches; some untouched, diverged or cut short). Each
is marked at ``--train short`` in one process, and what it costs is the CPU time of that process and
of all that it has started. ``--record`` keeps verdicts and accuracies, ``--against`` compares with
those of another state of the code: pass, miss and waiting must be equal, or the exit code is 1.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from classes import ASSIGNMENT, ROOT, submission

from grader.classroom.worker import Settings, Worker
from grader.submissions import Place

NOTEBOOK = "FullyConnectedNets.ipynb"
ONE = "    model = {net}\n    solver = Solver(model, data, {options})\n    solver.train()"
#: Answers as the text below the TODO line; the dice choose numbers.
TWO_LAYERS = {
    "one": lambda dice: ONE.format(
        net=f"TwoLayerNet(hidden_dim={dice.choice([50, 100, 150])}, "
        f"reg={dice.choice([0.0, 0.1, 0.5])})",
        options=f'optim_config={{"learning_rate": {dice.choice(["1e-3", "8e-4"])}}}, '
        f"lr_decay=0.95, num_epochs={dice.choice([10, 15, 20])}, "
        f"batch_size={dice.choice([100, 200, 400])}, print_every=100",
    ),
    "grid": lambda dice: (
        "    best = -1\n"
        f"    for lr in {dice.choice(['[1e-3, 5e-4, 1e-4]', '[2e-3, 1e-3]'])}:\n"
        f"        for reg in {dice.choice(['[0.0, 0.1]', '[1e-2, 1e-1, 0.5]'])}:\n"
        "            model = TwoLayerNet(hidden_dim=100, reg=reg)\n"
        "            trained = Solver(\n"
        '                model, data, update_rule="sgd", optim_config={"learning_rate": lr},\n'
        f"                lr_decay=0.95, num_epochs={dice.choice([5, 10])}, verbose=False,\n"
        "            )\n"
        "            trained.train()\n"
        "            if trained.best_val_acc > best:\n"
        "                best, solver = trained.best_val_acc, trained"
    ),
    "diverged": lambda dice: ONE.format(
        net="TwoLayerNet()", options='optim_config={"learning_rate": 10.0}, num_epochs=10'
    ),
    "slow": lambda dice: ONE.format(
        net="TwoLayerNet()", options='optim_config={"learning_rate": 1e-6}, num_epochs=5'
    ),
}
OVERFIT = {
    "overfit-three-layers": {"right": "7e-4 0.06", "other": "1e-2 0.02", "slow": "1e-6 1e-2"},
    "overfit-five-layers": {"right": "4e-4 0.17", "other": "2e-3 0.1", "slow": "1e-5 1e-3"},
}
_BEST = (
    "    best_val = -1\n"
    "    for lr, scale in {grid}:\n"
    "        model = FullyConnectedNet(\n"
    "            {layers}, weight_scale=scale, reg={reg}{more}\n"
    "        )\n"
    "        solver = Solver(\n"
    '            model, data, update_rule="{rule}", optim_config={{"learning_rate": lr}},\n'
    "            num_epochs={epochs}, batch_size={batch}, lr_decay=0.95, print_every=100,\n"
    "        )\n"
    "        solver.train()\n"
    "        if solver.best_val_acc > best_val:\n"
    "            best_val, best_model, best_solver = solver.best_val_acc, model, solver"
)
_LAYERS = ("[100, 100, 100]", "[100, 100, 100, 100]", "[200, 100]", "[256, 128, 64]", "[100, 50]")


def _best(dice: random.Random, count: int, epochs: tuple[int, ...]) -> str:
    rates = [f"{10 ** dice.uniform(-3.6, -2.7):.1e}" for _ in range(count)]
    scales = [f"{10 ** dice.uniform(-2.0, -1.2):.1e}" for _ in range(count)]
    return _BEST.format(
        grid=f"[{', '.join(f'({r}, {s})' for r, s in zip(rates, scales, strict=True))}]",
        layers=dice.choice(_LAYERS),
        reg=dice.choice(["0.0", "1e-3", "1e-2"]),
        more=dice.choice(["", "", ', normalization="batchnorm"', ", dropout=0.8"]),
        rule=dice.choice(["adam", "adam", "rmsprop", "sgd_momentum"]),
        epochs=dice.choice(epochs),
        batch=dice.choice([100, 100, 200, 256]),
    )


BEST = {
    "one": lambda dice: _best(dice, 1, (5, 10, 20)),
    "few": lambda dice: _best(dice, dice.choice([2, 3, 4]), (5, 10)),
    "search": lambda dice: _best(dice, dice.choice([8, 12, 16]), (3, 5)),
    "diverged": lambda dice: _BEST.format(
        grid="[(50.0, 1.0)]",
        layers="[100, 100]",
        reg="0.0",
        more="",
        rule="sgd",
        epochs=5,
        batch=100,
    ),
}
WRITTEN = "**Your answer:**\n\nIt depends on the scale of the weights, once for each layer."


def make(folder: Path, count: int, seed: int) -> list[Path]:
    """Write hand-ins into *folder*; return their places."""
    released = json.loads((ROOT / "student_template" / NOTEBOOK).read_text("utf-8"))
    dice = random.Random(seed)
    places = []
    for number in range(count):
        kind = "mistaken" if dice.random() < 0.3 else "right"
        place = folder / f"{number:03}-{kind}"
        for file, text in submission(kind, dice).items():
            path = place / "cs682" / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
        (place / NOTEBOOK).write_text(json.dumps(_filled(released, dice)), "utf-8")
        places.append(place)
    return places


def _filled(released: Mapping[str, Any], dice: random.Random) -> dict[str, Any]:
    notebook = json.loads(json.dumps(released))
    cells = {cell["id"]: cell for cell in notebook["cells"]}
    for number in (1, 2, 3):
        if dice.random() < 0.8:
            cells[f"inline-{number}-answer"]["source"] = WRITTEN
    two = dice.choices([*TWO_LAYERS, ""], [12, 4, 1, 1, 1])[0]
    if two:
        _fill(cells["train-two-layer-net-answer"], TWO_LAYERS[two](dice))
    for question, values in OVERFIT.items():
        choice = dice.choices([*values, ""], [12, 3, 1, 1])[0]
        if choice:
            rate, scale = values[choice].split()
            _fill(
                cells[f"{question}-answer"],
                f"    weight_scale = {scale}\n    learning_rate = {rate}",
            )
    best = dice.choices([*BEST, ""], [6, 5, 5, 1, 3])[0]
    if best:
        _fill(cells["best-model-answer"], BEST[best](dice))
    return notebook


def _fill(cell: dict[str, Any], code: str) -> None:
    """Put *code* in the place of the line that raises, below the TODO."""
    before, todo, after = "".join(cell["source"]).partition("    # TODO")
    first, _, *rest = after.split("\n")
    cell["source"] = "\n".join([before + todo + first, code, *rest])


def cpu_seconds() -> float:
    """Return the CPU seconds of this process and of all that it has started, ended or not."""
    found, ticks = 0.0, os.sysconf("SC_CLK_TCK")
    waiting = [os.getpid()]
    while waiting:
        pid = waiting.pop()
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            tasks = list(Path(f"/proc/{pid}/task").iterdir())
            found += sum(map(int, fields[11:15])) / ticks
            for task in tasks:
                waiting += map(int, (task / "children").read_text().split())
        except OSError:
            continue  # it has ended meanwhile; who waited for it counts it
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("-n", type=int, default=60, metavar="COUNT")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--record", type=Path, metavar="FILE", help="keep what came out")
    parser.add_argument("--against", type=Path, metavar="FILE", help="compare with what was kept")
    parser.add_argument("--only", default="", metavar="TEXT", help="hand-ins with this in the name")
    options = parser.parse_args()
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    kept: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as scratch:
        places = make(Path(scratch), options.n, options.seed)
        places = [place for place in places if options.only in place.name]
        worker = Worker(Settings(ASSIGNMENT, ROOT / "reference_outputs", train="short"))
        try:
            worker.mark(Place(places[0].name, places[0]))  # what is made once for a class
            for place in places:
                before = cpu_seconds()
                result = worker.mark(Place(place.name, place)).result
                kept[place.name] = {
                    "cpu": round(cpu_seconds() - before, 2),
                    **{q["id"]: _outcome(q) for q in result["questions"]},
                }
                print(place.name, json.dumps(kept[place.name]), file=sys.stderr)
        finally:
            worker.close()
    costs = [each["cpu"] for each in kept.values()]
    if len(costs) > 1:
        low, middle, high = quantiles(costs, n=4)
        print(
            f"CPU s a hand-in, of {len(costs)}: quartiles {low:.2f}, {middle:.2f}, {high:.2f}; "
            f"mean {sum(costs) / len(costs):.2f}, most {max(costs):.2f}"
        )
    right = [each["cpu"] for name, each in kept.items() if "right" in name]
    if right:
        print(f"those with a right package, {len(right)}: median {median(right):.2f}")
    if options.record:
        options.record.write_text(json.dumps(kept, indent=1))
    if options.against:
        return _compared(kept, json.loads(options.against.read_text()))
    return 0


def _outcome(question: Mapping[str, Any]) -> list[Any]:
    found = [check.get("evidence") or {} for check in question.get("checks") or ()]
    accuracy = next((each["accuracy"] for each in found if "accuracy" in each), None)
    return [question["status"], question["score"], accuracy]


def _compared(now: Mapping[str, Any], then: Mapping[str, Any]) -> int:
    """Print what differs; return the exit code."""
    different, apart = 0, []
    for name, each in now.items():
        for question, outcome in each.items():
            if question == "cpu":
                continue
            before = then[name][question]
            if outcome[:2] != before[:2]:
                different += 1
                print(f"{name} {question}: {before} became {outcome}")
            if outcome[2] is not None and before[2] is not None:
                apart.append(abs(outcome[2] - before[2]))
    print(f"{different} verdicts differ; accuracies differ by at most {max(apart, default=0):.3f}")
    return int(different > 0)


if __name__ == "__main__":
    raise SystemExit(main())
