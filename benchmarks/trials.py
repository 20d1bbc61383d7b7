"""What it costs to find out why a training falls short, and what is told, for planted mistakes.

``python benchmarks/trials.py`` hands in the course's own work with one mistake in it, one after
another, and has the training questions marked alone, so that nothing is known of the code. Printed
are the CPU seconds of the marking, those of the trials among them, and what the trials said.
"""

from __future__ import annotations

import json
from pathlib import Path

from grader.authoring import building, release
from grader.key import load, sources
from grader.marking.marker import Marker
from grader.marking.training import repeats
from grader.sandbox import Sandbox
from grader.submissions import Submission

ROOT = Path(__file__).resolve().parents[1]
BOOK = "FullyConnectedNets"
TWO, THREE, FIVE, BEST = (
    "train-two-layer-net",
    "overfit-three-layers",
    "overfit-five-layers",
    "best-model",
)
OPTIM, LAYERS, NETWORK = "optim.py", "layers.py", "classifiers/fc_net.py"
#: A best model that trains in a second or two.
MODEL = """\
best_model = FullyConnectedNet([100, 50], weight_scale=2e-2, reg=1e-4)
best_solver = Solver(best_model, data, update_rule="adam", optim_config={"learning_rate": 1e-3},
                     num_epochs=10, batch_size=100, verbose=False)
best_solver.train()
"""
#: What is planted: the question whose training misses by it, and edits of its cell and of files.
PLANTED: dict[str, tuple[str, list[tuple[str, str]], dict[str, tuple[str, str]]]] = {
    "learning rate 1e-6, two layers": (TWO, [("1e-3", "1e-6")], {}),
    "learning rate 1e-6, best model": (BEST, [("1e-3", "1e-6")], {}),
    "weight scale 10, three layers": (THREE, [("0.06", "10")], {}),
    "weight scale 1e-3, five layers": (FIVE, [("0.17", "1e-3")], {}),
    "one epoch, three layers": (THREE, [("num_epochs=20", "num_epochs=1")], {}),
    "momentum's sign, best model": (
        BEST,
        [('"adam"', '"sgd_momentum"'), ("1e-3", "3e-3")],
        {OPTIM: ('velocity - config["learning', 'velocity + config["learning')},
    ),
    "adam without correction, best model": (
        BEST,
        [],
        {OPTIM: ('"] * m_hat / (np.sqrt(v_hat)', '"] * config["m"] / (np.sqrt(config["v"])')},
    ),
    "dw's sign, two layers": (TWO, [], {LAYERS: ("dw = x.reshape", "dw = -x.reshape")}),
    "dw's sign, three layers": (THREE, [], {LAYERS: ("dw = x.reshape", "dw = -x.reshape")}),
    "ReLU's mask, five layers": (FIVE, [], {LAYERS: ("dout * (x > 0)", "dout * (x < 0)")}),
    "first weights of zero, three layers": (
        THREE,
        [],
        {NETWORK: ('"W{i}"] = weight_scale', '"W{i}"] = 0 * weight_scale')},
    ),
}  # fmt: skip


def main() -> None:
    folder = ROOT / "assignment"
    assignment, key = sources.manifest(folder), load(ROOT / building.OUTPUTS)
    reference = sources.package(folder / assignment.package)
    taken = {path: reference[path] for path in assignment.files.taken}
    solved = json.loads(release.solved(folder, assignment)[f"{BOOK}.ipynb"])
    seconds, runs = _counted()
    print(f"{'planted':<38}{'CPU':>7}{'trials':>8}{'runs':>6}  told")
    with Sandbox(assignment.limits) as sandbox:
        marker = Marker(assignment, key, sandbox, reference=reference, kinds=("training",))
        for name, (question, edits, files) in PLANTED.items():
            seconds.clear(), runs.clear()
            own = {path: _edited(taken[path].decode(), [edit]) for path, edit in files.items()}
            book = json.dumps(_answered(solved, question, edits)).encode()
            handed_in = {**taken, **{path: text.encode() for path, text in own.items()}}
            marker.questions = (assignment.question(question),)
            submission = Submission("s", "s", assignment.package, handed_in, {BOOK: book}, "")
            result = marker.mark(submission)
            (check,) = result.questions[0].checks
            told = [entry["text"] for entry in check.evidence.get("explanations", [])]
            figures = f"{result.seconds['cpu']:7.1f}{sum(seconds):8.1f}{len(runs):6}"
            print(f"{name:<38}{figures}  {' '.join(told) or check.message}", flush=True)


def _counted() -> tuple[list[float], list[int]]:
    """Return lists that every repeated training adds its CPU seconds and its seed to."""
    run, seconds, runs = repeats.Repeats._run, [], []

    def counted(self, task, seed, answered):  # type: ignore[no-untyped-def]
        before = self.cpu_seconds
        found = run(self, task, seed, answered)
        seconds.append(self.cpu_seconds - before)
        runs.append(seed)
        return found

    repeats.Repeats._run = counted  # type: ignore[method-assign]
    return seconds, runs


def _answered(book: dict, question: str, edits: list[tuple[str, str]]) -> dict:  # type: ignore[type-arg]
    copy = json.loads(json.dumps(book))
    for cell in copy["cells"]:
        if cell["metadata"].get("tags") == [f"question:{question}", "answer"]:
            text = MODEL if question == BEST else "".join(cell["source"])
            cell["source"] = _edited(text, edits)
    return copy


def _edited(text: str, edits: list[tuple[str, str]]) -> str:
    for old, new in edits:
        assert old in text, old
        text = text.replace(old, new)
    return text


if __name__ == "__main__":
    main()
