"""The proofs of a layer that drops at random."""

from __future__ import annotations

from collections.abc import Iterator

from grader.kinds.proof import Proof, row_check
from grader.model.checks import Mask
from grader.model.programs import Program


def mask(row: Mask, live: bool) -> Iterator[Proof]:
    """Yield the proofs of both passes of a layer that draws a mask; *live* changes none."""
    del live
    arguments = [{"$": "x"}, {"$": row.param}]
    other = [{"$": "x"}, {"$": "other"}]
    forward = Program(
        (
            ["call", "f", row.function, arguments, {}],
            ["call", "g", row.function, arguments, {}],
            ["call", "h", row.function, other, {}],
        ),
        {
            "out": {"@": "f", "item": 0},
            "again": {"@": "g", "item": 0},
            "reseeded": {"@": "h", "item": 0},
        },
    )
    test = Program((forward.steps[0],), {"out": {"@": "f", "item": 0}})
    for case in row.cases:
        compared = case.name == "test"
        yield Proof(
            f"{row.question}.{case.name}",
            test if compared else forward,
            (
                row_check(
                    row.question, case, None, row.function, "match" if compared else case.name
                ),
            ),
            case.inputs,
            case.count,
            compared=compared,
            ladder=compared,
        )
    backward = Program(
        (forward.steps[0], ["call", "b", row.backward, [{"$": "dout"}, {"@": "f", "item": 1}], {}]),
        {"out": {"@": "f", "item": 0}, "dx": {"@": "b"}},
    )
    for case in row.backward_cases:
        yield Proof(
            f"{row.backward_question}.{case.name}",
            backward,
            (row_check(row.backward_question, case, None, row.backward, "same_mask"),),
            case.inputs,
            case.count,
            compared=False,
        )
