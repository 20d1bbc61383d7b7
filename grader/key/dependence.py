"""What the reference's outputs depend on, worked out when a key is built.

It is a file of its own beside the key, and the same among the public examples: a student's own
check explains by it, too. What stands there holds of each rung of a ladder and of further examples,
of the reference and of the witness.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import zip_longest
from pathlib import Path

from grader.key.draws import draw
from grader.key.variants import Answers
from grader.kinds import Proof
from grader.model.assignment import ManifestError
from grader.model.checks import AnsweredRun
from grader.model.dependence import Facts, FactsOfOutputs, Form, Table
from grader.model.literals import Range
from grader.model.programs import Inputs, Program, Run
from grader.model.trees import Array
from grader.numeric.dependence import Observed, facts_of_reference, leaves
from grader.numeric.moves import Move, form, moved, moves, narrowest, varied

FILE = "dependence.json"
SCHEMA = "grader/dependence/v1"
#: How many examples are drawn beside a ladder; how many of one form are asked at least, and from
#: how many moves on no more of them are.
_DRAWN, _LEAST, _MOST = 20, 5, 250
#: How often a form is drawn that is asked though no rung has it, and of how many moves it is.
_OFTEN, _FEW = 3, 30


def tables(
    proofs: Sequence[Proof],
    ladders: Mapping[str, AnsweredRun],
    reference: Answers,
    witness: Answers,
) -> dict[str, Table]:
    """Return what is known of each run that has a ladder with answers."""
    found: dict[str, Table] = {}
    for proof in proofs:
        if proof.run in ladders and proof.compared and proof.inputs is not None:
            table = _table(proof, ladders[proof.run].run.examples, reference, witness)
            if table.forms:
                found[proof.run] = table
    return found


def _table(proof: Proof, rungs: Sequence[Inputs], reference: Answers, witness: Answers) -> Table:
    assert proof.inputs is not None
    used = proof.program.inputs
    drawn = draw(proof.inputs, _DRAWN, f"dependence/{proof.run}")
    axes = {path: list(said.axes) for path, said in proof.varies.items() if said.axes}
    known = Table({}, _ranges(proof, [*rungs, *drawn]), axes)
    often = Counter(form(varied(e, used)) for e in drawn if len(_moves(e, used, known)) <= _FEW)
    wanted = [form(varied(rung, used)) for rung in rungs]
    wanted += [each for each, count in often.items() if count >= _OFTEN]
    by_form: dict[Form, list[Inputs]] = {each: [] for each in wanted}
    # A rung and one that was drawn, in turn, so that some of both are asked where that takes long.
    for example in (e for pair in zip_longest(rungs, drawn) for e in pair if e is not None):
        asked = by_form.get(form(varied(example, used)), [])
        if len(asked) < _LEAST or len(asked) * len(_moves(example, used, known)) < _MOST:
            asked.append(example)
    asking = [(reference, proof.program), (witness, proof.program)]
    asking += [(witness, program) for program in proof.also]
    outputs = list(dict.fromkeys(name for check in proof.checks for name in check.outputs))
    told = [
        _facts(answers, program, by_form.values(), used, known, outputs)
        for answers, program in asking
    ]
    forms = {f: _common(each) for f, *each in zip(by_form, *told, strict=True)}
    return replace(known, forms={f: found for f, found in forms.items() if found})


def _ranges(proof: Proof, examples: Sequence[Inputs]) -> dict[str, Range]:
    """Return the ranges of inputs that don't take any number: as declared, or as drawn."""
    values: dict[str, list[Array]] = {}
    for example in examples:
        for path, value in varied(example, proof.program.inputs).items():
            values.setdefault(path, []).append(value)
    found = {path: narrowest(seen) for path, seen in values.items()}
    found |= {path: v.range for path, v in proof.varies.items() if v.range is not None}
    return {path: allowed for path, allowed in found.items() if allowed != "any"}


def _moves(example: Inputs, used: frozenset[str], known: Table) -> list[tuple[Move, Array]]:
    """Return all moves of an example, each with the value that it moves."""
    inputs = varied(example, used).items()
    return [(move, value) for path, value in inputs for move in moves(path, value, known)]


def _facts(
    answers: Answers,
    program: Program,
    forms: Iterable[Sequence[Inputs]],
    used: frozenset[str],
    known: Table,
    outputs: Sequence[str],
) -> list[FactsOfOutputs]:
    """Return what one implementation shows of the examples of each form."""
    runs = []
    for asked in forms:
        examples: list[Inputs] = []
        for seed, example in enumerate(asked):
            all_moves = _moves(example, used, known)
            examples.append(example)
            examples += (moved(example, move, value, known, seed) for move, value in all_moves)
        runs.append(Run("dependence", program, examples))
    found: list[FactsOfOutputs] = []
    for asked, outcomes in zip(forms, answers(runs), strict=True):
        seen, answered = Observed(), iter(outcomes)
        for example in asked:
            before = leaves(next(answered).gave, outputs)
            for move, value in _moves(example, used, known):
                outcome = next(answered)
                after = None if outcome.failed else leaves(outcome.gave, outputs)
                seen.add(move, value.shape, before, after)
        by_output: dict[str, dict[str, Facts]] = {}
        for output, path in seen.pairs():
            if said := _telling(facts_of_reference(seen.of(output, path))):
                by_output.setdefault(output, {})[path] = said
        found.append(by_output)
    return found


def _telling(said: dict[str, str]) -> dict[str, str]:
    """Return the facts that a submission can differ in, and that others don't imply."""
    if said.get("change") == "never":
        return {"change": "never"}
    return {
        name: word
        for name, word in said.items()
        if word != "none" and (word != "no" or name.endswith("others"))
    }


def _common(each: Sequence[FactsOfOutputs]) -> FactsOfOutputs:
    """Return the facts on which all agree."""
    first, *others = each
    found: dict[str, dict[str, Facts]] = {}
    for output, by_path in first.items():
        for path, said in by_path.items():
            rest = [other.get(output, {}).get(path, {}) for other in others]
            agreed = {k: v for k, v in said.items() if all(o.get(k) == v for o in rest)}
            if agreed:
                found.setdefault(output, {})[path] = agreed
    return found


def dump(assignment: str, found: Mapping[str, Table]) -> bytes:
    """Return ``dependence.json``, a line for each form of a run's examples."""
    lines = []
    for run, table in found.items():
        forms = [
            json.dumps(
                [
                    [list(entry) for entry in form],
                    {
                        output: {path: _written(said) for path, said in by_path.items()}
                        for output, by_path in outputs.items()
                    },
                ],
                separators=(",", ":"),
            )
            for form, outputs in table.forms.items()
        ]
        head = json.dumps({"ranges": dict(table.ranges), "axes": dict(table.axes)})
        lines.append(
            f'  {json.dumps(run)}: {head[:-1]}, "forms": [\n   ' + ",\n   ".join(forms) + "\n  ]}"
        )
    begin = f' "schema": "{SCHEMA}",\n "assignment": {json.dumps(assignment)},\n "runs": {{\n'
    return ("{\n" + begin + ",\n".join(lines) + "\n }\n}\n").encode("ascii")


def _written(said: Mapping[str, str]) -> str:
    return " ".join(f"{name}={word}" for name, word in said.items())


def load(folder: Path, assignment: str) -> Mapping[str, Table]:
    """Read the tables of *assignment* in *folder*; none where there is no such file.

    Raises :class:`~grader.model.assignment.ManifestError` for a file that can't be read.
    """
    path = folder / FILE
    if not path.is_file():
        return {}
    try:
        return parse(path.read_bytes(), assignment)
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise ManifestError(
            f"{path} can't be used ({error}): run `grader build`, or copy it from the download "
            "again"
        ) from None


def parse(text: bytes, assignment: str) -> dict[str, Table]:
    """Return the tables by run. Raises :class:`ValueError` for those of another assignment."""
    document = json.loads(text)
    if (document["schema"], document["assignment"]) != (SCHEMA, assignment):
        raise ValueError(f"it is {document['schema']} of {document['assignment']}")
    return {
        run: Table(
            {
                tuple((str(path), int(ndim)) for path, ndim in form): {
                    output: {
                        path: dict(fact.split("=", 1) for fact in said.split())
                        for path, said in by_path.items()
                    }
                    for output, by_path in outputs.items()
                }
                for form, outputs in entry["forms"]
            },
            entry["ranges"],
            entry["axes"],
        )
        for run, entry in document["runs"].items()
    }
