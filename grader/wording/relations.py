"""Sentences about how wrong answers stand to right ones, to inputs and to each other.

``{call}`` is the function asked, ``{output}`` the wrong output.
"""

from __future__ import annotations

from collections.abc import Mapping

#: By relation; each is said where every failing public example shows it.
RELATIONS: Mapping[str, str] = {
    "swapped": "Check the order in which {call} returns its outputs: {output} and {other} stand "
    "in each other's place.",
    "other_output": "Look at what {call} returns as {output}: it has the numbers that are asked "
    "for as {other}.",
    "input": "Follow {output} back to where it is made: it equals the input {input}.",
    "vanishing": "Follow {output} back to where it is made: it is zero but for rounding.",
    "permuted": "Look at the order of the elements of {output}: the right numbers are there, at "
    "other places.",
    "constant": "Look at what the elements of {output} are made from: all of them are one number, "
    "and different ones are asked.",
    "where": "Look at what {call} does where {input} is {what}: all that is wrong in {output} "
    "stands there.",
    "first_row": "Look at where a loop or a slice begins: the first row of {output} is wrong, and "
    "the others are right.",
    "last_row": "Look at where a loop or a slice ends: the last row of {output} is wrong, and the "
    "others are right.",
    "setting": "Look at what {call} does where {what}: {output} is wrong in these examples, and "
    "right in all others.",
    "later_calls": "Look at what one call of {call} leaves for the next: the first call gives what "
    "is asked, and no later one does.",
}
#: What inputs are where an output is wrong.
ELEMENTS: Mapping[str, str] = {"negative": "negative", "positive": "positive", "zero": "zero"}
#: What examples have that fail; ``{name}`` is an option or a part of an input.
SETTINGS: Mapping[str, str] = {
    "value": "{name} is {value}",
    "given": "{name} is given",
    "zero": "{name} is zero",
    "not_zero": "{name} isn't zero",
    "length": "{name} has {value} entries",
    "one_row": "an input has a single row",
    "one_column": "an input has a single column",
    "four_dimensions": "an input has four dimensions",
    "three_dimensions": "an input has three dimensions",
}
