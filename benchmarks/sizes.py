"""What the grader's own work on a hand-in's texts costs by their size, and whether that is linear.

``python benchmarks/sizes.py`` reads, aligns and shows notebooks made of one piece of text again and
again, at a size, twice and four times it. It prints the CPU seconds of each and by how much the
last doubling raised them: 2 is linear, 4 is the square. What a converter takes, in a process of its
own, is printed apart, at the size of the largest cell that is converted.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

from grader.marking.notebooks import written
from grader.marking.notebooks.alignment import Aligner
from grader.marking.notebooks.saved_outputs import shows
from grader.model.notebooks import Cell, Output
from grader.reports.markup import Refused, checked
from grader.sandbox import CellText, Limits, Sandbox
from grader.sandbox.conversion import MAX_CONVERTED
from grader.submissions import answers, deeds, notebooks
from grader.submissions.whole import whole_cells

ROOT = Path(__file__).resolve().parents[1]
NAME = "FullyConnectedNets"
RELEASED = (ROOT / "student_template" / f"{NAME}.ipynb").read_bytes()
#: Characters of a text, to begin with; a cell has 131,072 at the most.
SIZE = 1 << 15
#: What texts are made of: each begins to be something that a pattern looks for.
PIECES = (
    *("question(", "question(" + " " * 99, "question('", "TODO (", "with ", "x = ", "f(", "[1, "),
    *("[1,\n", "# ", "#\n", "answer ", "answer\n", "**Answer", "Your answer  ", "> ", "* ", "<b>"),
    *(
        "<b",
        "$\\color{",
        "{\\text",
        "[fill this ",
        "your answer here",
        "todo ",
        "run the ",
        "a.py ",
    ),
    *("open the file a/", "```\n", "\n", "\n\n", " ", "\t", "\\", "inline question ", "?\n\n"),
    *(
        "data:image/png;base64,",
        "data:image/png;base64," + "A" * 99,
        "\x1b[",
        "\x1b[0;",
        "1e-",
        "1 ",
    ),
    *(
        "_",
        "9",
        "a",
        "é",
        "\u2028",
        "solver = ",
        "data = a.",
        "best_model = ",
        "Solver(TwoLayerNet(",
    ),
)
CONVERTED = (
    *("![", "[a](", "*a_ ", "`", "$", "\\begin{a}", "> ", "- ", "|a|b\n|--|--\n", "<b a=1>", "<p>"),
    *("f'{", '"""', "(", "%%", "a.", "?"),
)
ALIGNER = Aligner({NAME: RELEASED})
DEED = deeds.Deed("q", ("Solver", "TwoLayerNet"), "best_model", 50, 3)


def notebook(kind: str, text: str) -> bytes:
    """Return the released notebook with cells of *text* in it, as another edition would have."""
    cells = [{"cell_type": kind, "metadata": {}, "source": text, "outputs": []}]
    cells.append({"cell_type": "markdown", "metadata": {}, "source": "## Inline question 1\nWhy?"})
    return json.dumps({"cells": cells * 2, "nbformat": 4, "nbformat_minor": 5}).encode()


def aligned(kind: str) -> Callable[[str], object]:
    def do(text: str) -> object:
        found = ALIGNER.align({NAME: notebook(kind, text)})[NAME]
        return [written.answer(f"inline-{number}", found) for number in (1, 2, 3)]

    return do


def show(text: str) -> object:
    try:
        return checked(text)
    except Refused:
        return None


def printed(text: str) -> object:
    text = text[: notebooks.MAX_OUTPUT // 2 - 50] + " (expect "
    return shows(Cell("", "code", "", outputs=(Output("stream", notebooks.without_colors(text)),)))


#: What is done with a text, by name.
WORK: dict[str, Callable[[str], object]] = {
    "align code": aligned("code"),
    "align a text": aligned("markdown"),
    "what a cell does": lambda text: deeds.score(
        Cell("", "code", "Solver best_model" + text), DEED
    ),
    "cut an answer": lambda text: (answers.cut_off(text), answers.below_question("?\n\n" + text)),
    "read for a page": lambda text: whole_cells(notebook("markdown", text)),
    "check HTML": show,
    "saved outputs": printed,
}
HTML = (
    "a",
    "<b></b>",
    "<b>",
    "<p>a</p>",
    '<a href="http://a">b</a>',
    '<img alt="',
    "&amp;",
    "<td>",
)


def seconds(work: Callable[[str], object], piece: str, size: int) -> float:
    """Return the CPU seconds that *work* takes on *size* characters, the least of three."""
    text = (piece * (size // len(piece) + 1))[:size]
    taken = []
    for _ in range(3):
        began = time.process_time()
        work(text)
        taken.append(time.process_time() - began)
    return min(taken)


def main() -> None:
    """Print the pieces that cost the most, for each kind of work."""
    chosen = sys.argv[1:] or list(WORK)
    for name, work in ((name, WORK[name]) for name in chosen):
        found = []
        for piece in HTML if name == "check HTML" else PIECES:
            times = [seconds(work, piece, SIZE * factor) for factor in (1, 2, 4)]
            ratio = times[2] / max(times[1], 1e-4)
            found.append((ratio, times, piece))
        for ratio, times, piece in sorted(found, reverse=True)[:3]:
            shown = " ".join(f"{each:.4f}" for each in times)
            print(f"{name:18} x {ratio:.1f}  {shown} s  {piece[:24]!r}")
    with Sandbox(Limits()) as sandbox:
        sandbox.convert([CellText("markdown", "a")])
        found = []
        for kind in ("markdown", "code"):
            for piece in CONVERTED:
                text = (piece * MAX_CONVERTED)[:MAX_CONVERTED]
                began = time.perf_counter()
                (made,) = sandbox.convert([CellText(kind, text)])
                found.append((time.perf_counter() - began, kind, piece, made.reason))
        for wall, kind, piece, reason in sorted(found, reverse=True)[:5]:
            print(f"converted in its process: {wall:.2f} s of wall, {kind}, {piece!r} {reason}")


if __name__ == "__main__":
    main()
