"""Which known mistake gives exactly these answers? A name is given only when it is the only one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from grader.key.fingerprints import Misconception, Probe, Signature, alike, signature
from grader.model.programs import Outcome
from grader.model.verdicts import Verdict


def diagnose(
    probes: Sequence[Probe],
    rungs: Mapping[str, Sequence[Outcome]],
    verdicts: Mapping[str, Verdict],
) -> Misconception | None:
    """Return the one misconception that answers every rung and fails every check in this way.

    *probes* are those of one question, *rungs* a submission's answers to its ladders by run,
    *verdicts* those of its checks by id. Of several that no output tells apart, and that are
    declared so, the first is returned; of several others, none.
    """
    failed = kinds(verdicts)
    likely = [probe for probe in probes if probe.verdicts == failed]
    signed: dict[str, list[Signature]] = {}
    if likely:
        signed = {run: [signature(o) for o in outcomes] for run, outcomes in rungs.items()}
    found = [probe.misconception for probe in likely if _matches(probe, signed)]
    if not found:
        return None
    first, *others = found
    declared = all(o.id in first.same_as or first.id in o.same_as for o in others)
    return first if declared else None


def probe(
    misconception: Misconception,
    rungs: Mapping[str, Sequence[Outcome]],
    verdicts: Mapping[str, Verdict],
) -> Probe:
    """Return a misconception's fingerprint: the answers of its own code, to compare others with."""
    signed = {run: [signature(outcome) for outcome in outcomes] for run, outcomes in rungs.items()}
    return Probe(misconception, signed, kinds(verdicts))


def kinds(verdicts: Mapping[str, Verdict]) -> dict[str, str]:
    """Return by check how it failed: stage and output, and the property that shows it, if any.

    No measured number is in it, since those differ between right implementations that draw
    otherwise; but what a number is ``like`` is.
    """
    failed = {}
    for id, verdict in verdicts.items():
        if not verdict.passed:
            facts = verdict.evidence
            shape = facts.get("got_shape", [])
            turned = len(shape) > 1 and shape == facts["expected_shape"][::-1]
            words = [verdict.stage, verdict.output, "transposed" if turned else ""]
            if "property" in facts:
                found = facts["property"]
                words += [found["name"], found.get("like", ""), found.get("parameter", "")]
            words += [facts.get("got_dtype", "") if verdict.stage == "dtype" else ""]
            if "exception" in facts:
                # Nothing there to call, and something missing inside of it, are two things.
                words += [facts["exception"].get("type"), facts["exception"].get("target")]
            failed[id] = " ".join(word for word in words if word)
    return failed


def _matches(probe: Probe, signed: Mapping[str, Sequence[Signature]]) -> bool:
    return signed.keys() == probe.rungs.keys() and all(
        len(probe.rungs[run]) == len(rungs)
        and all(alike(one, other) for one, other in zip(probe.rungs[run], rungs, strict=True))
        for run, rungs in signed.items()
    )
