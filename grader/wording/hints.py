"""The stronger hints: a second sentence, for those who have read the first and are stuck.

Each says what an assistant at one's desk would say next: where to look, what to print, what to
compare. None says what to write. ``hint`` picks the one for what is known best: the property that
fails, else how got and expected are related, else the stage (:mod:`grader.wording.stages`).
"""

from __future__ import annotations

from collections.abc import Mapping

from grader.model.evidence import CheckEvidence
from grader.model.literals import Stage
from grader.wording.stages import STAGE_WORDS

STRUCTURES: Mapping[str, str] = {
    "zeros": "Follow the variable from where it is made to the return: it is set to zeros, and "
    "nothing that is worked out reaches it.",
    "transposed": "Write the shapes of both factors of the last product beside it: their order, "
    "or one transpose, decides which way round the result is.",
    "reshaped": "Compare the last reshape with the shape that the docstring asks for.",
    "sign": "Go through each minus, and the order of each difference, on the way to this output.",
    "mean": "Look at the line that reduces over that axis, then ask whether the forward pass "
    "divides by its size.",
    "sum": "Look at where the forward pass divides by that size, then for the same division here.",
    "axis": "Write down the shape on both sides of the sum: the axis that is summed away is the "
    "one that the output no longer has.",
    "factor": "Compare the factor with the constants of the formula: a 2 or 1/2 of a square, a "
    "rate, a probability, a number of examples.",
    "offset": "Look for a term that every element gets alike: a bias, an epsilon, a sum that is "
    "added in the wrong place.",
    "rows": "Look at what those rows have in common in the inputs: zeros, ties, the first, the "
    "last.",
    "columns": "Look at what those columns have in common in the inputs: zeros, ties, the first, "
    "the last.",
    "columns_scaled": "Print the factors and the divisor that each column gets, and what is added, "
    "and hold them against the formula.",
    "rows_scaled": "Print the factors and the divisor that each row gets, and what is added, and "
    "hold them against the formula.",
}

#: By the class of an exception.
RAISED: Mapping[str, str] = {
    "NameError": "Look for where that name is set, letter by letter, and see that each way to the "
    "line sets it.",
    "AttributeError": "Print the type of what stands in front of the dot on that line.",
    "KeyError": "Print the keys of that dictionary ahead of the line, and look where the missing "
    "one should be set.",
    "IndexError": "Print the shape of the array and the index ahead of that line.",
    "TypeError": "Print the type of each value on that line, and count the arguments of each call.",
    "ValueError": "Print the shapes of the arrays on that line and compare them with the "
    "docstring's: two that don't fit are the usual cause.",
    "ImportError": "See that the file that is imported from holds that name, and that the import "
    "names the package.",
    "SyntaxError": "Look for a bracket, a colon or an indentation on that line and on the one "
    "above it.",
    "ZeroDivisionError": "Print the divisor ahead of that line, and follow it back to where it "
    "becomes zero.",
    "RecursionError": "Give the function a case in which it doesn't call itself.",
}
#: Classes of exceptions that another's hint is right for.
_ALIKE = {
    "UnboundLocalError": "NameError",
    "ModuleNotFoundError": "ImportError",
    "IndentationError": "SyntaxError",
    "TabError": "SyntaxError",
    "FloatingPointError": "ZeroDivisionError",
}

#: By the name of a property that a judge reports. Each kind of check brings its own.
PROPERTIES: dict[str, str] = {}


def hint(stage: Stage | None, evidence: CheckEvidence) -> str:
    """Return the stronger hint for a failed check's stage and evidence; empty if there is none."""
    if "hint" in evidence:  # of a course's own kind
        return evidence["hint"]
    found, related = evidence.get("property"), evidence.get("structure")
    if found and (text := PROPERTIES.get(found["name"])):
        return text
    if related and (text := STRUCTURES.get(related["kind"])):
        return text
    exception = evidence.get("exception", {})
    if stage == "raised" and exception:
        if exception.get("cause", "").startswith(("numpy.", "python2.")):
            return ""  # the message says what to write
        kind = exception.get("type") or ""
        if text := RAISED.get(_ALIKE.get(kind, kind)):
            return text
    if stage == "missing" and exception.get("cause"):
        return ""
    words = STAGE_WORDS.get(stage or "")
    return words.hint if words else ""
