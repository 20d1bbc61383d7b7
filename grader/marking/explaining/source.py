"""The student's own function beside a message: lines of the text that was handed in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Protocol

from grader.model.checks import AnsweredRun, Check
from grader.model.evidence import ExceptionFacts, SourceFacts
from grader.model.programs import Program, Run
from grader.model.steps import Call, LineRanges
from grader.model.trees import Tree, clean
from grader.sandbox import Batch, Reply, targets

#: What is shown at most: lines of one function, and characters of a line.
MOST_LINES = 80
MOST_CHARACTERS = 160
#: Lines on each side of one that raised outside of any function.
AROUND = 5

#: By a function's name: its first line, its first line of code, its last line.
Ranges = Mapping[str, tuple[int, int, int]]


class SourceSession(Protocol):
    """Runs programs and has the text of files: a sandbox session, or objects of this process."""

    def ask(self, batch: Batch) -> list[Reply]: ...
    def text(self, path: str) -> bytes | None: ...


class Sources:
    """Finds the functions of one submission; a module is asked for once."""

    def __init__(self, session: SourceSession) -> None:
        self._session = session
        self._found: dict[str, Ranges] = {}

    def beside(
        self, check: Check, sheet: AnsweredRun, exception: ExceptionFacts
    ) -> SourceFacts | None:
        """Return the evidence ``source`` of a failed check: the function in which it raised.

        Where nothing raised, or not in the student's files, it is the function that the check
        calls. None where the student has no such text.
        """
        file, line = exception.get("file") or "", exception.get("line") or 0
        text = self._session.text(file) if line else None
        if text is not None:
            return _cut(file, text, line, _enclosing(self._ranges(file), line))
        for target in targets(sheet.run):
            module, _, name = target.partition(":")
            if name == check.call.partition(".")[0]:
                file = module.replace(".", "/") + ".py"
                text = self._session.text(file)
                ranges = self._ranges(file) if text is not None else {}
                for wanted in (check.call, *_methods(check.call, sheet.run.program)):
                    if text is not None and wanted in ranges:
                        return _cut(file, text, 0, (wanted, ranges[wanted]))
        return None

    def around(self, file: str, line: int) -> SourceFacts | None:
        """Return the function in which a line of a file lies; where nothing raised there."""
        text = self._session.text(file)
        if text is None:
            return None
        found = _cut(file, text, line, _enclosing(self._ranges(file), line))
        return {**found, "line": None} if found else None

    def of(self, target: str) -> tuple[int, int, Sequence[str]]:
        """Return the first and the last line of a function or a class's methods, and all between.

        Zeros and no lines where the student's text has none such.
        """
        module, _, name = target.partition(":")
        file = module.replace(".", "/") + ".py"
        text = self._session.text(file)
        ranges = self._ranges(file) if text is not None else {}
        own = [span for n, span in ranges.items() if n == name or n.startswith(f"{name}.")]
        if text is None or not own:
            return 0, 0, ()
        first, last = min(span[0] for span in own), max(span[2] for span in own)
        return first, last, _lines(text)[first - 1 : last]

    def _ranges(self, file: str) -> Ranges:
        module = file.removesuffix(".py").replace("/", ".").removesuffix(".__init__")
        if module not in self._found:
            program = Program((LineRanges("s", module),), {"ranges": {"@": "s"}})
            (reply,) = self._session.ask(Batch([Run("source", program, [{}])]))
            self._found[module] = dict(_read(reply.outcomes[0].gave.get("ranges")))
        return self._found[module]


def _methods(cls: str, program: Program) -> Iterator[str]:
    """Yield the methods that *program* calls, where a check names a class; ``__init__`` last."""
    for step in program.steps:
        if isinstance(step, Call) and step.target.startswith("@"):
            yield f"{cls}.{step.target.partition('.')[2]}"
    yield f"{cls}.__init__"


def _read(told: Tree) -> Iterable[tuple[str, tuple[int, int, int]]]:
    """Yield what a process said, as far as it makes sense."""
    for name, span in told.items() if isinstance(told, dict) else ():
        if isinstance(span, list) and len(span) == 3 and all(type(n) is int for n in span):
            first, begins, last = span
            if 1 <= first <= begins <= last:
                yield name, (first, begins, last)


def _enclosing(ranges: Ranges, line: int) -> tuple[str, tuple[int, int, int]]:
    around = [entry for entry in ranges.items() if entry[1][0] <= line <= entry[1][2]]
    return min(
        around,
        key=lambda entry: entry[1][2] - entry[1][0],
        default=("", (max(1, line - AROUND), 1, line + AROUND)),
    )


def shows(source: SourceFacts | None, file: str, line: int) -> bool:
    """Say whether a line of a file is among those of *source*."""
    if source is None or source["file"] != file:
        return False
    return source["first"] <= line < source["first"] + len(source["lines"])


def _lines(text: bytes) -> list[str]:
    # As Python counts lines: splitlines() knows more ends of line than Python does.
    return re.split("\r\n|\r|\n", text.decode("utf-8", "replace"))


def _cut(
    file: str, text: bytes, line: int, found: tuple[str, tuple[int, int, int]]
) -> SourceFacts | None:
    name, (first, begins, last) = found
    if last - first >= MOST_LINES:  # then without its docstring, else around the line
        first = begins
    if last - first >= MOST_LINES:
        first = max(first, min(line - MOST_LINES // 2, last - MOST_LINES + 1))
        last = first + MOST_LINES - 1
    lines = _lines(text)[first - 1 : last]
    shown = [clean(entry.expandtabs(4), MOST_CHARACTERS) for entry in lines]
    if not shown:
        return None
    # A name comes from the process, so it is shown only if it stands in the text as well.
    known = all(part.encode("utf-8", "replace") in text for part in name.split("."))
    return {
        "file": file,
        "name": name if known else "",
        "first": first,
        "line": line or None,
        "lines": shown,
    }
