"""The sentence about a line with which one small change makes what is wrong right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from grader.model.edits import EditKind

#: What is looked at, by the kind of the edit.
KINDS: Mapping[str, str] = {
    "axis": "an axis, keepdims or ddof",
    "epsilon": "where epsilon is added",
    "bracket": "where a bracket closes",
    "operator": "an operator",
    "sign": "a sign",
    "comparison": "a comparison",
    "number": "a number",
    "key": "a key",
    "function": "which function is applied",
    "order": "what comes first",
    "transpose": "a transpose",
    "cast": "a cast or a copy",
    "condition": "a condition",
    "index": "an index",
    "variable": "which variable is used",
    "line": "whether it belongs there",
    "term": "a term",
    "factor": "a factor or divisor",
    "root": "a root or a power",
    "assignment": "how its result is assigned",
    "indentation": "which block it stands in",
    "bound": "where the loop begins or ends",
    "size": "a size as a factor or divisor",
}
#: Of a line, with a place in it if one or two kinds of changes serve.
LOOK = "Look at line {line} of {file}{place}: with one small change there, {right}."
PLACE = " ({kinds})"
ALL_RIGHT = "every example of this check comes out right"
SOME_RIGHT = "{names} {verb} right on every example"
#: Of a group of submissions, to the instructor.
GROUP = "{kind}, in the line {line}"


def group(kind: str, line: str, function: str) -> str:
    """Return what a group of submissions has in common: a change in a *line* of a function."""
    said = GROUP.format(kind=KINDS.get(kind, kind), line=line)
    return f"{said} of {function}" if function else said


def sentence(file: str, line: int, kinds: Sequence[EditKind], outputs: Sequence[str]) -> str:
    """Return what is said of a *line*; without *outputs*, all come out right."""
    place = (
        PLACE.format(kinds="; or ".join(KINDS[kind] for kind in kinds)) if len(kinds) < 3 else ""
    )
    right = ALL_RIGHT
    if outputs:
        verb = "is" if len(outputs) == 1 else "are"
        right = SOME_RIGHT.format(names=" and ".join(outputs), verb=verb)
    return LOOK.format(line=line, file=file, place=place, right=right)
