"""The floor: the calls of all code questions in a plain loop, in one process, nothing compared.

Prints, as JSON, the CPU milliseconds for one submission: importing its package, and calling.
Inputs are in memory, each call gets fresh copies, what comes back is dropped.

    python benchmarks/floor.py FOLDER_OF_SUBMISSIONS [REPEATS]
"""

from __future__ import annotations

import io
import json
import sys
import time
from pathlib import Path
from statistics import median
from typing import Any

from classes import ASSIGNMENT, ROOT

from grader.key import load
from grader.key.sources import manifest, package
from grader.sandbox.guest.decoding import typed
from grader.sandbox.guest.importer import Importer
from grader.sandbox.guest.interpreter import Interpreter
from grader.sandbox.guest.received import ReceivedPackage


class Nothing:
    """Takes what a packer takes and keeps none of it."""

    def pack(self, value: Any, depth: int = 0) -> str:
        return "null"


def main() -> None:
    """Measure and print."""
    folder, repeats = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 3
    assignment, key = manifest(ASSIGNMENT), load(ROOT / "reference_outputs")
    runs: dict[str, tuple[dict[str, Any], list[dict[str, Any]]]] = {}
    for question in assignment.code_questions((assignment.notebooks[0].name,)):
        for check in key.by_question[question.id]:
            if check.visibility != "property":
                run = key.sheets[check.run].run
                runs[check.run] = (
                    typed(run.program.to_json()),
                    [typed(dict(e)) for e in run.examples],
                )
    importing, calling = [], []
    out, sys.stdout = sys.stdout, io.StringIO()  # submissions print
    for _ in range(repeats):
        for place in sorted(folder.iterdir()):
            began = time.process_time()
            files = package(place / assignment.package)
            importer = Importer(received(assignment.package, files), {}, _quiet)
            importer.install()
            for question in assignment.code_questions((assignment.notebooks[0].name,)):
                importer.target(f"{_module(question.file)}:{question.functions[0]}")
            ready = time.process_time()
            interpreter = Interpreter(importer.target)
            for program, examples in runs.values():
                interpreter.answer(program, examples, Nothing())  # type: ignore[arg-type]
            importing.append(ready - began)
            calling.append(time.process_time() - ready)
    examples = sum(len(examples) for _, examples in runs.values())
    sys.stdout = out
    print(
        json.dumps(
            {
                "importing": 1e3 * median(importing),
                "calling": 1e3 * median(calling),
                "runs": len(runs),
                "examples": examples,
            }
        )
    )


def received(name: str, files: dict[str, bytes]) -> ReceivedPackage:
    """Return a package as a child receives it, with nothing of the course's in it."""
    return ReceivedPackage(
        name,
        aliases=(),
        files=files,
        given={},
        given_names={},
        broken={},
        absent={},
        replaced={},
        sealed=b"",
        prefilled={},
        notebook=False,
        kernel_cells=(),
    )


def _quiet(module: str, begins: bool) -> None:
    pass


def _module(file: str) -> str:
    return file.removesuffix(".py").replace("/", ".")


if __name__ == "__main__":
    main()
