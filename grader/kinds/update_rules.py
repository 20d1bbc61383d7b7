"""Update rules: the steps of a trajectory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from grader.kinds.proof import Case, Proof, Published, ReplaceableGroup, published, values
from grader.model.checks import Replaceable
from grader.model.dependence import Varied
from grader.model.programs import Program
from grader.model.steps import Call, Keep, Reference, Step


@dataclass(frozen=True)
class Rule:
    """An update rule, ``function(w, dw, config) -> (next_w, config)``, over several steps.

    A case's inputs are ``w``, ``dw1`` to ``dwN`` and ``config``; its outputs ``w1`` to ``wN``, one
    for each step. ``also`` names functions of the witness whose answers are right too, where the
    literature has two forms that differ in the last digits. ``varies`` says how inputs may vary.
    """

    question: str
    function: str
    cases: tuple[Case, ...]
    published: tuple[Published, ...] = ()
    published_points: float = 0.0
    also: tuple[str, ...] = ()
    varies: Mapping[str, Varied] = field(default_factory=dict)

    def proofs(self, *, live: bool) -> Iterator[Proof]:
        """Yield the published steps, then each case. The same wherever it is asked."""
        del live
        for figures in self.published:
            yield from published(
                replace(self, published=(figures,)), _published_step(self, figures)
            )
        for case in self.cases:
            steps = len(case.outputs)
            proof = values(self.question, case, _trajectory(self.function, steps), self.function)
            also = tuple(_trajectory(function, steps) for function in self.also)
            yield replace(proof, also=also, varies=self.varies)

    def replaceable(self) -> ReplaceableGroup:
        return ReplaceableGroup(self.function, {self.question: Replaceable(self.function)})


def _published_step(row: Rule, figures: Published) -> Program:
    return Program(
        (
            Keep("c", {"$": "config"}),
            Call("r", row.function, [{"$": "w"}, {"$": "dw"}, {"@": "c"}]),
        ),
        {
            name: {"@": "r", "item": 0}
            if name == "next_w"
            else {"@": "r", "item": [1, name], "else": {"@": "c", "item": name}}
            for name in figures.outputs
        },
    )


def _trajectory(function: str, steps: int) -> Program:
    # Whatever the rule does with its config, the next step sees it: returned, or changed in place.
    taken: list[Step] = [Keep("c0", {"$": "config"})]
    give = {}
    w: Reference = {"$": "w"}
    config: Reference = {"@": "c0"}
    for t in range(1, steps + 1):
        taken.append(Call(f"r{t}", function, [w, {"$": f"dw{t}"}, config]))
        w = {"@": f"r{t}", "item": 0}
        config = {"@": f"r{t}", "item": 1, "else": config}
        # An optimizer may work in place: keep each step's weights before the next one.
        taken.append(Keep(f"w{t}", w))
        give[f"w{t}"] = {"@": f"w{t}"}
    return Program(tuple(taken), give)
