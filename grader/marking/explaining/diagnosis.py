"""Which known mistakes give exactly these answers? A name is given where one alone remains.

What is wrong is looked at array by array and run by run: a run is one way of asking (training or
test mode, with or without regularization). A mistake *fits* an array of a run that it gives as the
submission does, on every example. It is out of the question where anything is right that it gets
wrong.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from grader.key import Key
from grader.key.fingerprints import (
    FAILED,
    Misconception,
    Probe,
    Signature,
    alike,
    close,
    signature,
)
from grader.kinds.arrays import leaf
from grader.marking.explaining.drawing import answers_to
from grader.marking.explaining.kinds import agree, kinds, parts, telling
from grader.marking.explaining.naming import Naming, Recognized
from grader.marking.looking import Look
from grader.model.checks import AnsweredRun
from grader.model.programs import Outcome
from grader.model.trees import Tree
from grader.model.verdicts import Verdict


class WrongArray(NamedTuple):
    """A wrong array (``grads.W1``) of a run; or the output of a check of which no numbers are seen.

    The second has no run, and the check's id.
    """

    run: str
    array: str
    check: str = ""


@dataclass(frozen=True)
class FailedAnswers:
    """How a submission fails a question.

    ``runs`` hold, by run, what differs from the right answers. ``verdicts`` are those of the checks
    that failed, ``asks`` their runs, both by check. ``zeros`` are arrays that are all zero.
    """

    runs: Mapping[str, Signature]
    verdicts: Mapping[str, Verdict]
    asks: Mapping[str, str] = field(default_factory=dict)
    zeros: frozenset[WrongArray] = frozenset()


class Catalogue:
    """The misconceptions of a key."""

    def __init__(self, key: Key) -> None:
        self._key = key

    def diagnose(self, question: str, look: Look) -> dict[str, Naming]:
        """Return what the mistakes of a question are, by failed check."""
        probes = self._key.probes.get(question, ())
        return diagnose(probes, self.answers(look)) if probes else {}

    def probe(self, misconception: Misconception, look: Look) -> Probe:
        """Return a misconception's fingerprint, by a look at its own code."""
        answers = self.answers(look)
        return Probe(misconception, answers.runs, kinds(answers.verdicts))

    def answers(self, look: Look) -> FailedAnswers:
        """Return how the submission that was looked at fails."""
        given: dict[str, Sequence[Outcome]] = {}
        runs: dict[str, Signature] = {}
        for run, ladder in self._key.ladders.items():
            if run in look.replies:
                sheet, rungs = self._key.sheets[run], look.rungs.get(run, ())
                outcomes = [*look.replies[run].outcomes, *rungs]
                right = _right(sheet) + (_right(ladder) if rungs else [])
                runs[run], given[run] = signature(outcomes, right), outcomes
        for entry in look.failed:
            run = entry.check.run
            if entry.check.visibility == "published" and run in look.published:
                # A notebook's figures are rounded: what is wrong there, the verdict says.
                given[run] = look.published[run]
                signed = signature(given[run], _right(self._key.sheets[run]))
                wrong = parts(entry.verdict)
                told = {*wrong, FAILED}
                runs[run] = {k: v for k, v in signed.items() if k.partition(".")[0] in told}
        zeros = (
            WrongArray(run, name)
            for run, signed in runs.items()
            for name in signed
            if all(_zero(leaf(outcome.gave, name)) for outcome in given[run])
        )
        return FailedAnswers(
            runs,
            {entry.check.id: entry.verdict for entry in look.failed},
            {entry.check.id: entry.check.run for entry in look.failed},
            frozenset(zeros),
        )


def _right(sheet: AnsweredRun) -> list[list[Mapping[str, Tree]]]:
    return [answers_to(sheet, i) for i in range(len(sheet.run.examples))]


def _zero(value: Tree) -> bool:
    return isinstance(value, (int, float, np.ndarray)) and not np.any(value)


def diagnose(probes: Sequence[Probe], answers: FailedAnswers) -> dict[str, Naming]:
    """Return the mistakes of a question by failed check; *probes* are the question's.

    One that gives every answer and fails every check as the submission does is named for all of
    them. Otherwise each wrong array is named by the one that fits it; of several, by one that fits
    all that the others fit, and more. Of several that no output tells apart, and that are declared
    so, the first is named.
    """
    failed = kinds(answers.verdicts)
    whole = [p for p in probes if p.verdicts == failed and _same(p, answers) and _shown(p, answers)]
    if whole:
        found = _one(whole)
        wrong = {id: tuple(parts(verdict)) for id, verdict in answers.verdicts.items()}
        if found is None:
            return {id: Naming((), outputs) for id, outputs in wrong.items()}
        return {id: Naming((Recognized(found, outputs),)) for id, outputs in wrong.items()}
    return _Fitting(probes, answers).namings()


class _Fitting:
    """Which misconceptions fit which wrong arrays of a submission."""

    def __init__(self, probes: Sequence[Probe], answers: FailedAnswers) -> None:
        self._answers = answers
        self._kinds = kinds(answers.verdicts)
        self._possible = [p for p in probes if not self._contradicted(p)]
        self._places = dict.fromkeys(self._all_wrong())
        self._fits = {
            p.misconception.id: {place for place in self._places if self._fitting(p, place)}
            for p in self._possible
        }

    def namings(self) -> dict[str, Naming]:
        known = {place: found for place in self._places if (found := self._best(place))}
        return {id: self._naming(id, known) for id in self._answers.verdicts}

    def _naming(self, id: str, known: Mapping[WrongArray, Misconception]) -> Naming:
        named: dict[str, tuple[Misconception, list[str]]] = {}
        unnamed = []
        for output in self._kinds[id]:
            for place in self._wrong(id, output):
                found = known.get(place) or self._following(place, known)
                if found is not None:
                    named.setdefault(found.id, (found, []))[1].append(place.array)
                elif output not in unnamed:
                    unnamed.append(output)
        return Naming(
            tuple(Recognized(one, tuple(arrays)) for one, arrays in named.values()), tuple(unnamed)
        )

    def _all_wrong(self) -> Iterator[WrongArray]:
        for id, outputs in self._kinds.items():
            for output in outputs:
                yield from self._wrong(id, output)

    def _wrong(self, id: str, output: str) -> list[WrongArray]:
        """Return the wrong arrays of one output; itself where no numbers are seen."""
        run = self._answers.asks.get(id, "")
        names = [n for n in self._answers.runs.get(run, ()) if n.partition(".")[0] == output]
        return [WrongArray(run, name) for name in names] or [WrongArray("", output, id)]

    def _best(self, place: WrongArray) -> Misconception | None:
        """Return the misconception that a wrong array is known by."""
        fitting = [p for p in self._possible if place in self._fits[p.misconception.id]]
        sure = [p for p in fitting if self._all_fit(p, place.run)]
        if not sure:
            sure = [p for p in fitting if self._most_fit(p, place.run)]
        fits = [self._fits[p.misconception.id] for p in sure]
        return _one(
            [p for p, own in zip(sure, fits, strict=True) if not any(own < more for more in fits)]
        )

    def _all_fit(self, probe: Probe, run: str) -> bool:
        """Say whether a misconception fits all that it gets wrong in a run."""
        return all(self._fit(probe, run))

    def _most_fit(self, probe: Probe, run: str) -> bool:
        """Say whether it fits most of that: another mistake may lie over the rest."""
        fit = self._fit(probe, run)
        return 2 * sum(fit) > len(fit)

    def _fit(self, probe: Probe, run: str) -> list[bool]:
        fits = self._fits[probe.misconception.id]
        places = [WrongArray(run, name) for name in probe.runs.get(run, ())]
        return [place in fits for place in places if place in self._places]

    def _following(
        self, place: WrongArray, known: Mapping[WrongArray, Misconception]
    ) -> Misconception | None:
        """Return the one of those *known* that fails a check so of which no numbers are seen."""
        ids = {found.id for found in known.values()}
        return _one(
            [
                p
                for p in self._possible
                if place.check
                and p.misconception.id in ids
                and self._fails_so(p, place.check, place.array)
            ]
        )

    def _fitting(self, probe: Probe, place: WrongArray) -> bool:
        """Say whether a misconception gives a wrong array as the submission does."""
        run, name, id = place
        if id:
            part = parts(self._answers.verdicts[id])[name]
            return telling(part) and probe.verdicts.get(id, {}).get(name) == self._kinds[id][name]
        if (FAILED in self._answers.runs[run]) != (FAILED in probe.runs.get(run, ())):
            return False  # what a call leaves behind that failed is no answer of its
        mine, other = self._answers.runs[run][name], probe.runs.get(run, {}).get(name)
        # Zeros are what many mistakes give, and words what more do.
        if other is None or not close(mine, other) or not mine[1] or place in self._answers.zeros:
            return False
        return all(
            self._fails_so(probe, id, name.partition(".")[0])
            for id, outputs in self._kinds.items()
            if self._answers.asks.get(id) == run and name.partition(".")[0] in outputs
        )

    def _fails_so(self, probe: Probe, id: str, output: str) -> bool:
        found = probe.verdicts.get(id, {}).get(output)
        return found is not None and agree(found, self._kinds[id][output])

    def _contradicted(self, probe: Probe) -> bool:
        """Say whether anything is right, or wasn't seen, that a misconception gets wrong."""
        if any(outputs.keys() - self._kinds.get(id, {}) for id, outputs in probe.verdicts.items()):
            return True
        return any(
            signed.keys() - self._answers.runs.get(run, {}).keys()
            for run, signed in probe.runs.items()
        )


def _one(found: Sequence[Probe]) -> Misconception | None:
    """Return the only one that was found, or the first of those that are declared the same."""
    if not found:
        return None
    first, *others = (probe.misconception for probe in found)
    declared = all(o.id in first.same_as or first.id in o.same_as for o in others)
    return first if declared else None


def _same(probe: Probe, answers: FailedAnswers) -> bool:
    return answers.runs.keys() == probe.runs.keys() and all(
        alike(probe.runs[run], signed) for run, signed in answers.runs.items()
    )


def _shown(probe: Probe, answers: FailedAnswers) -> bool:
    """Say whether more than a wrong value somewhere speaks for a misconception."""
    numbers = any(found[1] for signed in probe.runs.values() for found in signed.values())
    return numbers or any(
        part.stage not in ("value", "gradient") or telling(part)
        for verdict in answers.verdicts.values()
        for part in parts(verdict).values()
    )
