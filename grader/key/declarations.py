"""A course's declarations of terms, evaluated: on the public examples of a key's ladders."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from grader.key.certifying import BuildError, failure
from grader.key.checks import told
from grader.key.store import Key
from grader.key.variants import Answers
from grader.kinds.terms import Sum
from grader.model.checks import AnsweredRun
from grader.model.programs import Inputs, Run
from grader.model.terms import DeclaredTerms, OutputTerms
from grader.model.trees import Array, Tree
from grader.numeric.errors import agrees, normwise
from grader.numeric.terms import quantity


def evaluated(
    declarations: Sequence[Sum], key: Key, reference: Answers
) -> dict[str, list[DeclaredTerms]]:
    """Return the terms of *key*'s public answers by run, as a course's *declarations* give them.

    Raises :class:`BuildError`, naming question and output, for terms that don't make the
    reference's answer, for a declaration that raises or gives something else, and for one that no
    check asks.
    """
    found: dict[str, list[DeclaredTerms]] = {}
    for declaration in declarations:
        named = f"terms of {declaration.output} of {declaration.question}"
        runs = list(_runs(declaration, key))
        if not runs:
            raise BuildError(
                f"{named}: no check with public examples asks for it: correct question or output"
            )
        told_of_any = False
        for run in runs:
            ladder = key.ladders[run]
            examples = _examples(declaration, ladder, reference, f"{named} on {run}")
            if examples is not None:
                told_of_any = True
                declared = DeclaredTerms(
                    declaration.output, declaration.composition, examples, declaration.after
                )
                found.setdefault(run, []).append(declared)
        if not told_of_any:
            raise BuildError(f"{named}: it gives none for any example: correct its function")
    return {run: found[run] for run in key.ladders if run in found}


def _runs(declaration: Sum, key: Key) -> Iterator[str]:
    """Yield the runs with public examples whose checks ask for what is declared, each once."""
    yield from dict.fromkeys(
        check.run
        for check in key.by_question.get(declaration.question, ())
        if declaration.output in check.outputs and check.run in key.ladders
    )


def _examples(
    declaration: Sum, ladder: AnsweredRun, reference: Answers, named: str
) -> list[list[OutputTerms]] | None:
    """Return the terms of each example; ``None`` for examples of another sort."""
    answers = ladder.answers
    if declaration.beside is not None:
        answers = _beside(declaration, ladder, reference, named)
    examples = []
    for inputs, right, given in zip(ladder.run.examples, ladder.answers, answers, strict=True):
        found = _called(declaration, inputs, given, named)
        if found is None:
            return None
        checked = [
            _checked(declaration, terms, right[declaration.output], named) for terms in found
        ]
        examples.append(checked)
    return examples


def _beside(
    declaration: Sum, ladder: AnsweredRun, reference: Answers, named: str
) -> list[Mapping[str, Tree]]:
    """Return the reference's answers to the inputs beside those of each example."""
    assert declaration.beside is not None
    try:
        examples = [declaration.beside(inputs) for inputs in ladder.run.examples]
    except Exception as error:
        raise BuildError(f"{named}: its beside raised {told(error)}") from error
    (outcomes,) = reference([Run(ladder.run.id, ladder.run.program, examples)])
    for outcome in outcomes:
        if outcome.failed:
            raise BuildError(f"{named}, beside: {failure('reference', outcome.failed)}")
    return [outcome.gave for outcome in outcomes]


def _called(
    declaration: Sum, inputs: Inputs, answers: Mapping[str, Tree], named: str
) -> list[OutputTerms] | None:
    try:
        found = declaration.terms(inputs, answers)
    except Exception as error:
        raise BuildError(f"{named}: its function raised {told(error)}") from error
    if found is None:
        return None
    given = [found] if isinstance(found, OutputTerms) else list(found)
    if not given or not all(isinstance(terms, OutputTerms) for terms in given):
        raise BuildError(f"{named}: its function gives no OutputTerms: return one for each array")
    return given


def _checked(declaration: Sum, terms: OutputTerms, answer: Tree, named: str) -> OutputTerms:
    """Return *terms* as arrays of one shape, whose sum or product is what the reference gave."""
    if terms.entry:
        named = f"{named}, {terms.entry}"
        answer = answer.get(terms.entry) if isinstance(answer, dict) else None
    if not isinstance(answer, (np.ndarray, float, int)):
        raise BuildError(f"{named}: the reference gives no such array: correct entry or output")
    right = quantity(np.asarray(answer, np.float64), terms.read)

    def spread(array: Array) -> Array:
        try:
            return np.array(np.broadcast_to(np.asarray(array, np.float64), right.shape))
        except (ValueError, TypeError):
            raise BuildError(
                f"{named}: a term has the shape {np.shape(array)}, and the output {right.shape}"
            ) from None

    if unknown := terms.instead.keys() - terms.terms.keys():
        raise BuildError(
            f"{named}: instead names {', '.join(sorted(unknown))}, which is no term: choose from "
            f"{', '.join(terms.terms)}"
        )
    made = replace(
        terms,
        terms={name: spread(array) for name, array in terms.terms.items()},
        others={name: spread(array) for name, array in terms.others.items()},
        instead={
            name: {clause: spread(array) for clause, array in forms.items()}
            for name, forms in terms.instead.items()
        },
        read=[(step, np.asarray(operand, np.float64)) for step, operand in terms.read],
    )
    arrays = np.array(list(made.terms.values()))
    whole = arrays.prod(axis=0) if declaration.composition == "product" else arrays.sum(axis=0)
    # Without an absolute part, since a quantity that is read from an output may be tiny.
    if not len(arrays) or not agrees(whole, right, absolute=0.0):
        verb = "multiply" if declaration.composition == "product" else "add up"
        error = normwise(whole, right) if len(arrays) else 1.0
        raise BuildError(
            f"{named}: its terms don't {verb} to what the reference gives (relative error "
            f"{error:.1e}): correct them, or how they are read"
        )
    return made
