"""The proofs of an update rule: steps of a trajectory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from grader.kinds.proof import Proof, published, values
from grader.model.checks import Rule
from grader.model.programs import Program


def rule(row: Rule) -> Iterator[Proof]:
    """Yield the proofs of an update rule; each replays several steps."""
    for figures in row.published:
        program = Program(
            (
                ["keep", "c", {"$": "config"}],
                ["call", "r", row.function, [{"$": "w"}, {"$": "dw"}, {"@": "c"}], {}],
            ),
            {
                name: {"@": "r", "item": 0}
                if name == "next_w"
                else {"@": "r", "item": [1, name], "else": {"@": "c", "item": name}}
                for name in figures.outputs
            },
        )
        yield from published(replace(row, published=(figures,)), program)
    for case in row.cases:
        steps = len(case.outputs)
        proof = values(row.question, case, _trajectory(row.function, steps), row.function)
        also = tuple(_trajectory(function, steps) for function in row.also)
        yield replace(proof, also=also)


def _trajectory(function: str, steps: int) -> Program:
    # Whatever the rule does with its config, the next step sees it: returned, or changed in place.
    taken: list[list[Any]] = [["keep", "c0", {"$": "config"}]]
    give = {}
    w: dict[str, Any] = {"$": "w"}
    config: dict[str, Any] = {"@": "c0"}
    for t in range(1, steps + 1):
        taken.append(["call", f"r{t}", function, [w, {"$": f"dw{t}"}, config], {}])
        w = {"@": f"r{t}", "item": 0}
        config = {"@": f"r{t}", "item": 1, "else": config}
        # An optimizer may work in place: keep each step's weights before the next one.
        taken.append(["keep", f"w{t}", w])
        give[f"w{t}"] = {"@": f"w{t}"}
    return Program(tuple(taken), give)
