"""Networks that drop units: judged by value with given masks, and on masks that they draw.

Nothing here is held against itself. With given masks (the step ``mask`` of a program) loss and
gradients are compared with the key's. On a network's own draws each hidden layer's mask is read
from the gradients, looked at as draws, and loss and gradients are worked out anew from it
(:mod:`grader.kinds.own_draws`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from grader.kinds.arrays import Answer, Judge, failed, match, usable
from grader.kinds.own_draws import SEEDS, names, own
from grader.kinds.proof import Case, Proof, row_check
from grader.model.checks import Check
from grader.model.dependence import Varied
from grader.model.evidence import PropertyFacts
from grader.model.programs import Inputs, Outcome, Program
from grader.model.steps import Call, GiveMasks, New, Params, Reference, Step
from grader.model.trees import Array, Tree
from grader.model.verdicts import PASSED, Verdict

#: How a value case fails that the network's own draws may answer in its place, and a case of calls.
_UNCALLED = ("not_called",)
_CALLS = ("not_called", "call_p", "call_seed")


@dataclass(frozen=True)
class DropoutNetwork:
    """A model class that drops hidden units, as :class:`grader.kinds.networks.Network` is asked.

    ``forward`` and ``backward`` are the two functions that draw a mask and go back through it.
    Inputs of ``cases`` are those of a network's, whose options have ``dropout`` (the probability
    of keeping) and ``seed``, and ``masks``, one a hidden layer. Their outputs are ``loss`` and
    ``grads`` in training, ``scores`` in testing, and ``calls``: whether the functions are called
    for each hidden layer with the option's probability and seed. Where the inputs hold ``plain``,
    the options without dropout, a network that is wrong with these is not blamed here: its points
    then depend on what the case ``needs``.

    ``own`` is judged on masks that the network draws. Its inputs are ``arguments``, ``options``
    (without a seed), ``plain``, ``params``, ``X`` (one example) and ``y``; ``seed0`` to ``seed5``;
    ``reg`` and ``normalization`` with ``normalized_params``, for each of which there is one draw;
    and ``rows_arguments``, ``rows_options``, ``rows_params``, ``rows_X`` and ``rows_y`` of a
    network of one hidden layer and several examples (:func:`grader.kinds.masks.read_rows`). A
    network that never calls the functions earns the points of a case by its own draws: ``kinds``
    says, by case, by which of ``plain``, ``regularized`` and ``normalized``. ``varies`` says how
    inputs may vary, and what their axes are.
    """

    question: str
    cls: str
    forward: str
    backward: str
    cases: tuple[Case, ...]
    own: Case
    kinds: Mapping[str, str]
    spellings: tuple[Mapping[str, Tree], ...] = ()
    varies: Mapping[str, Varied] = field(default_factory=dict)

    def proofs(self, *, live: bool) -> Iterator[Proof]:
        """Yield what is asked with given masks, then what is asked of own draws."""
        del live
        groups: dict[int, list[Case]] = {}
        for case in self.cases:
            groups.setdefault(id(case.inputs), []).append(case)
        for cases in groups.values():
            yield self._given(cases)
        check = row_check(self.question, self.own, None, "@" + self.cls, "own")
        check = replace(check, settings={"kind": "plain"})
        yield Proof(
            check.run, self._drawing(), (check,), self.own.inputs, self.own.count, compared=False
        )

    def replaceable(self) -> None:
        """Return ``None``: nothing builds on a network."""

    def _given(self, cases: Sequence[Case]) -> Proof:
        run = f"{self.question}.{cases[0].name}"
        outputs = {name for case in cases for name in case.outputs}
        alone = self.kinds[cases[0].name] != "plain"
        steps: list[Step] = []
        give: dict[str, Reference] = {}
        if alone:
            steps += self._network("q", {"$": "plain"}, "p")
            give |= {"plain_loss": {"@": "p", "item": 0}, "plain_grads": {"@": "p", "item": 1}}
        made, params, loss = self._network("m", {"$": "options"}, "l")
        # The class is imported by then: no table in it holds a stand-in.
        steps += [made, params, self._masks("calls"), loss]
        give |= {"loss": {"@": "l", "item": 0}, "grads": {"@": "l", "item": 1}}
        give["calls"] = {"@": "calls"}
        if "scores" in outputs:
            steps += [self._masks("tested"), Call("s", "@m.loss", [{"$": "X"}])]
            give |= {"scores": {"@": "s"}, "tested": {"@": "tested"}}
        return Proof(
            run,
            Program(tuple(steps), give),
            tuple(self._check(case, run, alone) for case in cases),
            cases[0].inputs,
            max(case.count for case in cases),
            ladder=True,
            varies=self.varies,
        )

    def _check(self, case: Case, run: str, alone: bool) -> Check:
        judge = {"scores": "tested", "calls": "called"}.get(case.outputs[0], "masked")
        settings: dict[str, Tree] = {"alone": alone}
        if judge != "tested":
            where, outputs = (_CALLS, ["draws"]) if judge == "called" else (_UNCALLED, case.outputs)
            settings["otherwise"] = {
                "where": list(where),
                "judge": "own",
                "run": f"{self.question}.{self.own.name}",
                "outputs": list(outputs),
                "settings": {"kind": self.kinds[case.name]},
            }
        return replace(
            row_check(self.question, case, run, "@" + self.cls, judge), settings=settings
        )

    def _masks(self, record: str) -> GiveMasks:
        return GiveMasks(record, self.forward, self.backward, {"$": "masks"})

    def _network(
        self, slot: str, options: Reference, *losses: str, of: str = "", params: str = ""
    ) -> list[Step]:
        """Return the steps that make a network and ask it for one loss after another."""
        spellings = [dict(spelling) for spelling in self.spellings]
        asked = [{"$": f"{of}X"}, {"$": f"{of}y"}]
        return [
            New(slot, self.cls, {"$": f"{of}arguments"}, options, spellings),
            Params(slot, {"$": params or f"{of}params"}),
            *(Call(loss, f"@{slot}.loss", asked) for loss in losses),
        ]

    def _drawing(self) -> Program:
        steps: list[Step] = []
        losses = []
        for i in range(SEEDS):
            seeded = {"seed": {"$": f"seed{i}"}}
            again = ["again"] if i == 0 else []
            steps += self._network(f"o{i}", {"$": "options", "with": seeded}, f"own{i}", *again)
            options = {"$": "rows_options", "with": seeded}
            steps += self._network(f"r{i}", options, f"rows{i}", of="rows_")
            losses += [f"own{i}", f"rows{i}", *again]
        for kind, option, params in (
            ("regularized", "reg", "params"),
            ("normalized", "normalization", "normalized_params"),
        ):
            wanted = {option: {"$": option}}
            seeded = {"seed": {"$": "seed0"}}
            for name, options in (
                (kind, {"$": "options", "with": {**wanted, **seeded}}),
                (f"plain_{kind}", {"$": "plain", "with": wanted}),
            ):
                steps += self._network(f"m_{name}", options, name, params=params)
                losses.append(name)
        give: dict[str, Reference] = {}
        for name in losses:
            loss, grads = names(name)
            give |= {loss: {"@": name, "item": 0}, grads: {"@": name, "item": 1}}
        return Program(tuple(steps), give)


def masked(check: Check, inputs: Inputs, outcome: Outcome, answers: Sequence[Answer]) -> Verdict:
    """Loss and gradients agree with the key's, of a network that was given the same masks."""
    if check.settings.get("alone") and answers:
        plain = replace(check, outputs=("plain_loss", "plain_grads"))
        if not match(plain, inputs, outcome, answers).passed:
            return PASSED
    verdict = _calls(check, inputs, outcome, answers)
    if not verdict.passed:
        return verdict
    if not answers:
        return usable(check, inputs, outcome, answers)
    verdict = match(check, inputs, outcome, answers)
    went_back = np.asarray(outcome.gave["calls"]["backward"])
    if verdict.stage == "value" and verdict.output.startswith("grads"):
        layers = len(inputs["masks"])
        if went_back.size == 1 and went_back < layers:
            facts: PropertyFacts = {
                "name": "calls_back",
                "got": int(went_back),
                "expected": layers,
            }
            return replace(verdict, evidence={**verdict.evidence, "property": facts})
    return verdict


def called(check: Check, inputs: Inputs, outcome: Outcome, answers: Sequence[Answer]) -> Verdict:
    """Each hidden layer's call has the option's probability and seed."""
    verdict = _calls(check, inputs, outcome, answers)
    record = _record(outcome.gave.get("calls"))
    if not verdict.passed or record is None:
        return verdict
    for name, wanted in (("p", inputs["options"]["dropout"]), ("seed", inputs["options"]["seed"])):
        wrong = record[name][np.abs(record[name] - wanted) > 1e-9]
        if wrong.size:
            known = "1-p" if name == "p" and abs(wrong[0] - (1 - wanted)) < 1e-9 else ""
            known = "none" if wrong[0] == -1 else known
            facts: PropertyFacts = {
                "name": f"call_{name}",
                "got": float(wrong[0]),
                "expected": float(wanted),
                "like": known,
            }
            return Verdict("value", "loss", {"property": facts})
    return PASSED


def tested(check: Check, inputs: Inputs, outcome: Outcome, answers: Sequence[Answer]) -> Verdict:
    """Scores agree with the key's, and no call of a test is one in training mode."""
    record = _record(outcome.gave.get("tested"))
    if record is not None and record["train"].any() and "scores" in outcome.gave:
        return Verdict("value", "scores", {"property": {"name": "trains_in_test"}})
    judge = match if answers else usable
    return judge(check, inputs, outcome, answers)


def _calls(check: Check, inputs: Inputs, outcome: Outcome, answers: Sequence[Answer]) -> Verdict:
    """Return the first verdict on how the two functions are called in a training pass.

    Where no *answers* are at hand, a network may draw its masks by itself: the case ``own`` looks.
    """
    if any(name not in outcome.gave for name in ("loss", "grads")):
        return failed(check, outcome)
    record = _record(outcome.gave.get("calls"))
    output, layers = ("grads" if check.outputs == ("grads",) else "loss"), len(inputs["masks"])

    def wrong(name: str) -> Verdict:
        return Verdict("value", output, {"property": {"name": name}})

    if record is None or not record["train"].size:
        return wrong("not_called") if answers else PASSED
    trained = int(record["train"].sum())
    if trained != len(record["train"]):
        return wrong("tests_in_training")
    if trained != layers:
        facts: PropertyFacts = {
            "name": "calls",
            "got": trained,
            "expected": layers,
            "like": str(np.sign(trained - layers)),
        }
        return Verdict("value", output, {"property": facts})
    if not record["fits"].all():
        return wrong("call_shape")
    return PASSED


def _record(found: Tree) -> Mapping[str, Array] | None:
    """Return the record of calls; ``None`` where it isn't one."""
    if not isinstance(found, dict) or "backward" not in found:
        return None
    columns = [np.asarray(found.get(name)) for name in ("p", "train", "seed", "fits")]
    if any(column.dtype != np.float64 or column.ndim != 1 for column in columns):
        return None
    backward = np.asarray(found["backward"])
    if backward.dtype.kind not in "fiu" or backward.size != 1:
        return None
    if not all(np.isfinite(column).all() for column in (*columns, backward)):
        return None
    return found if len({column.size for column in columns}) == 1 else None


JUDGES: Mapping[str, Judge] = {"masked": masked, "called": called, "tested": tested, "own": own}
