"""MarkedAnswer markers: where, in an assignment's source, stands what students write.

An answer is what stands between two lines at one indentation::

    # BEGIN ANSWER affine-forward: one short hint for the student
    out = ...
    # END ANSWER

Markers stand alone on their lines and never nest.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass

from grader.model.problem import Problem

_BEGIN = re.compile(r"(?P<indent>[ \t]*)# BEGIN ANSWER (?P<question>[\w-]+):[ \t]*(?P<hint>.*?)\s*")
_END = re.compile(r"(?P<indent>[ \t]*)# END ANSWER\s*")
#: Whatever looks like a marker: one that is misspelled must not turn an answer into given text.
MARKER = re.compile(r"\b(begin|end)[\s_-]+answer\b", re.IGNORECASE)


class MarkerError(Problem, ValueError):
    """A marker is wrong; the message says ``file:line``, what is wrong, and what to do."""

    def __init__(self, file: str, line: int, reason: str) -> None:
        super().__init__(f"{file}:{line}: {reason}")
        self.file = file
        self.line = line


@dataclass(frozen=True)
class MarkedAnswer:
    """One answer. ``first`` and ``last`` are the markers' own lines, counted from 1."""

    question: str
    hint: str
    indent: str
    first: int
    last: int
    lines: tuple[str, ...]


def parse(text: str, file: str, questions: Collection[str]) -> list[MarkedAnswer]:
    """Return the answers of *text* in order.

    *file* is for messages; *questions* are the ids that a marker may name. Raises
    :class:`MarkerError` for the first marker that is misspelled, nested, unclosed or misplaced.
    """
    answers: list[MarkedAnswer] = []
    lines = text.split("\n")
    begin: re.Match[str] | None = None
    first = 0
    for number, line in enumerate(lines, start=1):
        if match := _BEGIN.fullmatch(line):
            if begin is not None:
                raise MarkerError(
                    file, number, f"an answer begins inside the one of line {first}; end that first"
                )
            _check_begin(match, file, number, questions)
            begin, first = match, number
        elif match := _END.fullmatch(line):
            if begin is None:
                raise MarkerError(file, number, "END ANSWER without a BEGIN ANSWER before it")
            answers.append(_answer(begin, match, lines[first : number - 1], file, first, number))
            begin = None
        elif MARKER.search(line):
            raise MarkerError(file, number, _misspelled(line))
    if begin is not None:
        raise MarkerError(file, first, "this answer is never closed; add a line '# END ANSWER'")
    return answers


def stub(answer: MarkedAnswer) -> list[str]:
    """Return the lines that stand for *answer* in a student's code: a to-do and a raise."""
    return [
        f"{answer.indent}# TODO ({answer.question}): {answer.hint}",
        f"{answer.indent}raise NotImplementedError("
        f'"not implemented yet: question {answer.question}")',
    ]


def solved(answer: MarkedAnswer) -> list[str]:
    """Return the lines of the answer itself, without its markers."""
    return list(answer.lines)


def replace(
    text: str, answers: Collection[MarkedAnswer], fill: Callable[[MarkedAnswer], list[str]] = stub
) -> str:
    """Return *text* with each of its *answers*, markers included, replaced by *fill*'s lines."""
    lines = text.split("\n")
    for answer in sorted(answers, key=lambda a: a.first, reverse=True):
        lines[answer.first - 1 : answer.last] = fill(answer)
    return "\n".join(lines)


def _check_begin(begin: re.Match[str], file: str, number: int, questions: Collection[str]) -> None:
    if begin["question"] not in questions:
        raise MarkerError(
            file, number, f"no question {begin['question']!r} in the manifest; name one of its ids"
        )
    if not begin["hint"]:
        raise MarkerError(
            file, number, "the hint is empty; say after the colon what the student is to write"
        )


def _answer(
    begin: re.Match[str], end: re.Match[str], lines: list[str], file: str, first: int, last: int
) -> MarkedAnswer:
    indent = begin["indent"]
    if end["indent"] != indent:
        raise MarkerError(
            file, last, f"END ANSWER is indented otherwise than its BEGIN ANSWER on line {first}"
        )
    for number, line in enumerate(lines, start=first + 1):
        if line.strip() and not line.startswith(indent):
            raise MarkerError(
                file, number, f"this line is indented less than the answer's marker on line {first}"
            )
    if not any(line.strip() for line in lines):
        raise MarkerError(
            file, first, "there is nothing between these markers; put the answer there"
        )
    return MarkedAnswer(begin["question"], begin["hint"], indent, first, last, tuple(lines))


def _misspelled(line: str) -> str:
    before = line[: line.index("#")] if "#" in line else ""
    if before.strip():
        return "a marker must stand alone on its line; move what stands before it"
    return "this is no marker; write '# BEGIN ANSWER question-id: hint' or '# END ANSWER'"
