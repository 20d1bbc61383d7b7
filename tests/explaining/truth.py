"""Whether what was said of a planted mistake is true, by rule, mechanism by mechanism.

Nothing here asks the code that said it: lines are compared with the planted ones, relations and
known mistakes with what packages answer to further examples (:mod:`oracle`). What no rule decides
is *unjudged*, and counted apart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from dependences import Dependences
from explanations import RIGHT_OUTPUTS, Told, misconception
from known import known_mistakes, nearly_right
from oracle import CLOSE, NEARLY, Oracle, agree, dotted, drawn_alike, leaves, same
from places import Example, stands
from plants import FUNCTIONS, Files, Plant, PlantError, right, span
from relations import holds
from stages import comes_about
from sums import Weights, made_of

from grader.key import Key
from grader.model.checks import Check
from grader.model.programs import Outcome

Word = Literal["true", "untrue", "unjudged", "no claim"]


class Judgement(NamedTuple):
    """What a rule says of one explanation, and why."""

    word: Word
    why: str = ""


_GRAVEST: Sequence[Word] = ("untrue", "unjudged", "no claim", "true")


class Judge:
    """Judges what is told of plants, by rule."""

    def __init__(self, oracle: Oracle, key: Key) -> None:
        self._oracle = oracle
        self._checks = {check.id: check for check in key.checks}
        self._ladders = frozenset(key.ladders)

    def known(self, plant: Plant, said: Sequence[Told]) -> str:
        """Return the known mistake that a plant is: the same answers in all that fails.

        Only those that are named are tried.
        """
        for id in dict.fromkeys(filter(None, map(misconception, said))):
            wrong = known_mistakes().get(id)
            checks = {each.check: each for each in said}
            cases = [
                Case(plant.files, plant, self._checks[check], each, self._oracle)
                for check, each in checks.items()
            ]
            if wrong and all(answers_alike(case, wrong, case.check.outputs) for case in cases):
                return id
        return ""

    def judge(self, plant: Plant, said: Told) -> Judgement:
        rule = RULES.get(said.mechanism)
        if rule is None:
            return Judgement("unjudged", "no rule")
        tried: list[Judgement] = []
        for files in (plant.files, *_ways(plant)):
            for check in self._looked_at(said):
                tried.append(_ruled(rule, Case(files, plant, check, said, self._oracle)))
                if tried[-1].word in ("true", "no claim"):
                    return tried[-1]
        return min(tried, key=lambda judgement: _GRAVEST.index(judgement.word))

    def _looked_at(self, said: Told) -> Sequence[Check]:
        """Return the check that an explanation is told of, or those that it was found out by.

        Terms and dependence are found out on public examples; a check that has none is told what
        was found out by another of its question.
        """
        check = self._checks[said.check]
        if said.mechanism not in ("terms", "dependence", "structure") or check.run in self._ladders:
            return [check]
        outputs = {dotted(name).partition(".")[0] for name in said.facts.get("outputs", ())}
        others = [
            other
            for other in self._checks.values()
            if other.question == check.question
            and other.run in self._ladders
            and outputs & set(other.outputs)
        ]
        return others or [check]


@dataclass(frozen=True)
class Case:
    """What a rule looks at: an explanation, and the package that it is about."""

    files: Files
    plant: Plant
    check: Check
    said: Told
    oracle: Oracle

    def both(self, asked: bool = False) -> list[tuple[Outcome, Outcome]]:
        """Return what the package gives and what the reference gives, example by example.

        Those that were *asked* when it was marked, or others.
        """
        run = self.oracle.asked_run(self.check.run) if asked else self.oracle.run(self.check.run)
        given = self.oracle.outcomes(self.files, run)
        return list(zip(given, self.oracle.right(run), strict=True))

    @property
    def outputs(self) -> Sequence[str]:
        """The outputs that the explanation is about; all of the check's where it names none."""
        named = self.said.facts.get("outputs")
        return [dotted(name) for name in named] if named else self.check.outputs


def _ways(plant: Plant) -> Iterator[Files]:
    """Yield the package as it is where another part of it is answered for: its partner's is right.

    A backward pass is marked behind a right forward pass as well.
    """
    forward = plant.function.replace("_backward_alt", "_forward").replace("_backward", "_forward")
    file = FUNCTIONS[plant.function][0]
    if file != "layers.py":
        return
    mine, base = plant.files[file].decode(), right(plant.base)[file].decode()
    try:
        (a, b), (c, d) = span(mine, forward), span(base, forward)
    except PlantError:
        return
    changed = mine[:a] + base[c:d] + mine[b:]
    if changed != mine:
        yield {**plant.files, file: changed.encode()}


def _ruled(rule: Callable[[Case], Judgement], case: Case) -> Judgement:
    """Return what a rule says; one that raises says nothing, and its error stands in the report."""
    try:
        return rule(case)
    except Exception as error:
        return Judgement("unjudged", f"the rule raised {type(error).__name__}: {error}")


# --- The rules -----------------------------------------------------------------------------------


def _repair(case: Case) -> Judgement:
    """The line is one of the planted ones."""
    file, line = case.said.facts.get("file", ""), case.said.facts.get("line", 0)
    planted = case.plant.lines.get(file, frozenset())
    if line in planted:
        return Judgement("true")
    return Judgement("untrue", f"{file}:{line} was told, {sorted(planted)} are planted")


def _catalogue(case: Case) -> Judgement:
    """The known mistake gives the same answers to further examples, for the outputs named."""
    id = misconception(case.said)
    if not id:
        return _nearly(case)
    wrong = known_mistakes().get(id)
    if wrong is None:
        return Judgement("untrue", f"the catalogue has no {id}")
    if not answers_alike(case, wrong, case.outputs):
        return Judgement("untrue", f"{id} answers otherwise")
    return Judgement("true", id)


def _nearly(case: Case) -> Judgement:
    says = case.said.facts.get("nearly")
    for entry in nearly_right():
        of_this = entry.says == says and case.check.question in entry.questions
        if of_this and answers_alike(case, entry.files, case.outputs, NEARLY):
            return Judgement("true", entry.id)
    return Judgement("untrue", f"no variant with {says} answers so")


def answers_alike(case: Case, files: Files, outputs: Sequence[str], close: float = CLOSE) -> bool:
    """Say whether *files* answer as the package does, in these outputs."""
    run = case.oracle.run(case.check.run)
    mine = case.oracle.outcomes(case.files, run)
    theirs = case.oracle.outcomes(files, run)
    if not case.oracle.compared(case.check.run):
        return drawn_alike(mine, theirs)
    return all(agree(one, other, outputs, close) for one, other in zip(mine, theirs, strict=True))


def _structure(case: Case) -> Judgement:
    """Wherever a further example comes out wrong, the relation holds."""
    related = case.said.facts.get("structure")
    if not related:
        return _relation(case)
    output = dotted(case.said.facts.get("output", ""))
    run = case.oracle.run(case.check.run)
    looked = 0
    for (given, expected), inputs in zip(case.both(), run.examples, strict=True):
        mine, wanted = leaves(given).get(output), leaves(expected).get(output)
        if mine is None or wanted is None or same(mine, wanted):
            continue
        looked += 1
        held = holds(related["kind"], related.get("value"), mine, wanted, inputs)
        if held is None:
            return Judgement("unjudged", f"no rule for {related['kind']}")
        if not held:
            return Judgement("untrue", f"{output}: {related['kind']} doesn't hold on another one")
    if looked:
        return Judgement("true")
    return Judgement("unjudged", f"{output} is never wrong on {len(run.examples)} others")


def _relation(case: Case) -> Judgement:
    """Wherever a further example comes out wrong, the output stands as the sentence says."""
    run = case.oracle.run(case.check.run)
    examples = [
        Example(inputs, leaves(given), leaves(expected))
        for inputs, (given, expected) in zip(run.examples, case.both(), strict=True)
        if not given.failed
    ]
    (output,) = case.outputs
    holds = stands(case.said.text, output, examples)
    if holds is None:
        return Judgement("unjudged", "a sentence that no rule reads, or no other one is wrong")
    return Judgement("true" if holds else "untrue", f"{output}: other examples were looked at")


def _terms(case: Case) -> Judgement:
    """With the weights that are told, and all others right, the terms make what came."""
    (output,), weights = case.outputs, case.said.facts.get("terms", {})
    run = case.oracle.run(case.check.run)
    given = case.oracle.outcomes(case.files, run)
    only = case.check.settings.get("only")
    only = tuple(map(str, only)) if isinstance(only, list) else ()
    said = Weights(case.check.question, output, weights, case.said.text, only)
    fits = made_of(case.oracle, run, said, given)
    if fits is None:
        return Judgement("unjudged", f"no declaration has {sorted(weights)}")
    return Judgement("true" if fits else "untrue", f"{output}: {dict(weights)}")


def _dependence(case: Case) -> Judgement:
    """As inputs are moved, outputs change or stay as is told, and the reference's don't so."""
    run = case.oracle.run(case.check.run)
    holds = Dependences(case.oracle, run, case.files).holds(case.said.text)
    if holds is None:
        return Judgement("unjudged", "a sentence that no rule reads")
    return Judgement("true" if holds else "untrue", "inputs of other examples were moved")


def _stage(case: Case) -> Judgement:
    """What its stage says comes about on a further example: it raises, its shape is another."""
    facts, stage = case.said.facts, case.said.stage
    if "property" in facts:
        return Judgement("unjudged", f"property {facts['property']['name']}")
    outputs = case.check.outputs
    seen = set()
    # Some fail on examples of a rare form alone: those of the key are asked, too.
    for given, expected in (*case.both(), *case.both(asked=True)):
        if given.failed:
            seen.add(given.failed.stage)
            type = facts.get("exception", {}).get("type")
            if given.failed.stage == stage and type in (None, given.failed.type):
                return Judgement("true")
        elif comes_about(stage, given, expected, outputs):
            return Judgement("true")
        else:
            seen.add("answers")
    return Judgement("unjudged", f"{stage} was told; others give {', '.join(sorted(seen))}")


def _number(case: Case) -> Judgement:
    """Nothing is claimed but that it is wrong."""
    return Judgement("no claim")


def _right_outputs(case: Case) -> Judgement:
    """Each output that is called right is right on further examples, where it came."""
    if not case.oracle.compared(case.check.run):
        return Judgement("unjudged", "drawn at random")
    looked = 0
    for given, expected in case.both():
        mine, wanted = leaves(given, case.outputs), leaves(expected, case.outputs)
        if given.failed and not mine:
            continue  # a later step failed before it was given
        looked += 1
        if mine.keys() != wanted.keys() or not all(same(mine[n], wanted[n]) for n in mine):
            return Judgement("untrue", f"{', '.join(case.outputs)}: wrong on another example")
    return Judgement("true" if looked else "unjudged")


RULES: dict[str, Callable[[Case], Judgement]] = {
    "catalogue": _catalogue,
    "terms": _terms,
    "dependence": _dependence,
    "repair": _repair,
    "structure": _structure,
    "stage": _stage,
    "number": _number,
    RIGHT_OUTPUTS: _right_outputs,
}
