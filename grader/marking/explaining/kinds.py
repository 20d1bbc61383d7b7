"""How checks failed, in words that two implementations of one mistake share."""

from __future__ import annotations

from collections.abc import Mapping

from grader.model.verdicts import CLOSE, Verdict

#: By output: stage and output, and what shows it, in words; see :func:`kind`.
Kinds = Mapping[str, str]


def kinds(verdicts: Mapping[str, Verdict]) -> dict[str, dict[str, str]]:
    """Return, by check that failed, how each of its wrong outputs did."""
    return {
        id: {name: kind(part) for name, part in parts(verdict).items()}
        for id, verdict in verdicts.items()
        if not verdict.passed
    }


def parts(verdict: Verdict) -> Mapping[str, Verdict]:
    """Return the verdicts on the outputs that are wrong, by name."""
    return verdict.parts or {verdict.output.partition(".")[0]: verdict}


def kind(verdict: Verdict) -> str:
    """Return how an output failed: stage and output, and the property that shows it, if any.

    No measured number is in it, since those differ between right implementations that draw
    otherwise; but what a number is ``like`` is.
    """
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
    words += ["right numbers" if verdict.right_numbers else "", _variant(verdict)]
    return " ".join(word for word in words if word)


def telling(verdict: Verdict) -> bool:
    """Say whether a kind holds more than that something is wrong: a mistake is known by it.

    A property is known by its name, or by the number that was measured where that is ``like`` a
    known one; a variant that is nearly right by equal numbers, a shape by right ones.
    """
    found = verdict.evidence.get("property")
    if found is not None:
        return bool(found.get("like")) or not found.keys() & {"like", "got"}
    return bool(verdict.right_numbers or _variant(verdict))


def agree(one: str, other: str) -> bool:
    """Say whether two kinds are of one failure, whichever array of a dict is worst."""
    first, second = one.split(" "), other.split(" ")
    return first[0] == second[0] and first[2:] == second[2:]


def _variant(verdict: Verdict) -> str:
    return "" if verdict.nearly == CLOSE else verdict.nearly
