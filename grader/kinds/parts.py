"""Which functions the reference answers for together, where a question failed.

A backward pass reads what its own forward pass kept, so a layer is replaced as a whole.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from grader.model.checks import Backward, Forward, Mask, Part, Row, Rule


def parts(rows: Sequence[Row]) -> Mapping[str, tuple[Part, ...]]:
    """Return, by question, the functions to replace if it failed; networks have none."""
    groups: dict[str, dict[Part, None]] = {}
    members: dict[str, str] = {}  # a question to the name of its group
    for row in rows:
        match row:
            case Forward():
                found = {row.question: Part(row.function, held=1)}
                group = row.function
            case Backward():
                found = {row.question: Part(row.function)}
                group = row.forward.function
            case Mask():
                found = {row.question: Part(row.function, held=1)}
                if row.backward:
                    found[row.backward_question] = Part(row.backward)
                group = row.function
            case Rule():
                found = {row.question: Part(row.function)}
                group = row.function
            case _:
                continue
        for question, part in found.items():
            groups.setdefault(group, {})[part] = None
            members[question] = group
    return {question: tuple(groups[group]) for question, group in members.items()}
