"""Judges by name: the engine's own, and those that a course brings in its ``checks/``.

A course's judges are no global state: whoever reads a course's checks holds its judges
(:attr:`grader.key.Key.judges`), so that two courses in one process never meet.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from grader.kinds import (
    arrays,
    dropout,
    dropout_networks,
    function,
    layers,
    networks,
    slopes,
    words,
)
from grader.kinds.arrays import Answer, Judge
from grader.kinds.proof import KindError, Proof
from grader.model.checks import Check, Words
from grader.model.programs import Inputs, Outcome
from grader.model.verdicts import Verdict
from grader.wording import glossary, hints, messages

#: The engine's judges, by the name that checks give them.
JUDGES: Mapping[str, Judge] = {
    **arrays.JUDGES,
    **layers.JUDGES,
    **slopes.JUDGES,
    **networks.JUDGES,
    **dropout.JUDGES,
    **dropout_networks.JUDGES,
    **function.JUDGES,
}
#: What is said of each of them.
WORDS: Mapping[str, Words] = {
    **words.ARRAYS,
    **words.LAYERS,
    **words.NETWORKS,
    **words.DROPOUT,
    **words.DROPOUT_NETWORKS,
    **words.FUNCTION,
}

for _name, _words in WORDS.items():
    glossary.JUDGES[_name] = _words.meaning
    messages.PROPERTIES.update(_words.properties)
    hints.PROPERTIES.update(_words.hints)


def extended(judges: Mapping[str, Judge], source: str) -> Mapping[str, Judge]:
    """Return the engine's judges and a course's own; *source* names the file for messages.

    Raises :class:`KindError` where a course's judge has the name of one of the engine's, or is
    no function.
    """
    for name, judge in judges.items():
        if name in JUDGES:
            raise KindError(
                f"{source}: JUDGES names {name!r}, which is one of the engine's own: choose "
                "another name"
            )
        if not callable(judge):
            raise KindError(
                f"{source}: JUDGES[{name!r}] is no function of (check, inputs, outcome, answers)"
            )
    return {**JUDGES, **judges}


def worded(
    proofs: Iterable[Proof],
    judges: Mapping[str, Judge],
    said: Mapping[str, Words],
    source: str,
) -> list[Proof]:
    """Return *proofs* whose checks carry the words of a course's own judges.

    Raises :class:`KindError` for a check whose judge is not among *judges*.
    """
    done = []
    for proof in proofs:
        for check in proof.checks:
            if check.judge not in judges:
                raise KindError(
                    f"{source}: the check {check.id} names the judge {check.judge!r}, which is "
                    f"not there: add it to JUDGES, or choose from {', '.join(sorted(judges))}"
                )
        checks = tuple(
            replace(check, words=said[check.judge]) if check.judge in said else check
            for check in proof.checks
        )
        done.append(replace(proof, checks=checks))
    return done


def judge(
    check: Check,
    inputs: Inputs,
    outcome: Outcome,
    answers: Sequence[Answer],
    judges: Mapping[str, Judge] = JUDGES,
) -> Verdict:
    """Return the verdict of the check's own judge, one of *judges*."""
    return judges[check.judge](check, inputs, outcome, answers)
