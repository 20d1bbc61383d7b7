"""The stronger hints: a second sentence, for those who have read the first and are stuck.

Each says what an assistant at one's desk would say next: where to look, what to print, what to
compare. None says what to write. ``hint`` picks the one for what is known best: the property that
fails, else how got and expected are related, else the stage.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

STAGES: Mapping[str, str] = {
    "missing": "Compare the name and the file with the template's, letter by letter, and see that "
    "the file is saved.",
    "not_implemented": "Begin with the docstring: it lists the shapes of what comes in and of what "
    "is returned. Write them beside your first lines.",
    "refused": "Write it with numpy and Python's own operators: numpy's reference has the "
    "operation under its name.",
    "raised": "Print the shapes of the arrays on that line and compare them with the docstring's: "
    "two that don't fit are the usual cause.",
    "timed_out": "Replace the innermost loop by one operation on whole arrays, and see that each "
    "while changes what it tests.",
    "out_of_memory": "Look for an array larger than the product of two of the inputs' sizes: a "
    "missing axis lets two arrays broadcast against each other.",
    "died": "Leave out what ends Python, such as exit(), and give each recursion an end.",
    "returned_none": "See that every path through the function ends in a return, and that what it "
    "returns is assigned on each of them.",
    "type": "Return the arrays themselves, in the docstring's order, one for each name in it.",
    "shape": "Write the shape beside each line, from the inputs down: the first line where yours "
    "and the formula's part is the one to change.",
    "dtype": "Look for an array that was made of whole numbers, or cast on the way, and make it of "
    "the input's dtype.",
    "not_finite": "Print the smallest and largest values ahead of each division, exp, log and "
    "sqrt: one of them leaves its range.",
    "value": "Work out one element of the example by hand, and print what each of your lines "
    "holds there: the first that differs is the one to change.",
    "gradient": "Take the forward pass apart into single operations and write down the derivative "
    "of each, the last operation first; then hold your lines against that list.",
}

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
    "columns_scaled": "Print the divisor that each column gets, and compare the smallest columns "
    "with the largest.",
    "rows_scaled": "Print the divisor that each row gets, and compare the smallest rows with the "
    "largest.",
}

#: By the name of a property that a judge reports. Each kind of check brings its own.
PROPERTIES: dict[str, str] = {}


def hint(stage: str | None, evidence: Mapping[str, Any]) -> str:
    """Return the stronger hint for a failed check's stage and evidence; empty if there is none."""
    if "hint" in evidence:  # of a course's own kind
        return str(evidence["hint"])
    found = str((evidence.get("property") or {}).get("name"))
    related = str((evidence.get("structure") or {}).get("kind"))
    return PROPERTIES.get(found) or STRUCTURES.get(related) or STAGES.get(stage or "", "")
