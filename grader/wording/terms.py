"""What is said of the terms of an output: which one to look at, and what it comes in with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

#: Of terms that are added, by what their weight is, as a part of the right one.
WEIGHTS: Mapping[str, str] = {
    "0": "Look for {terms} in {place}: nothing comes in from there.",
    "-1": "Look at the sign of {terms} in {place}: it is the opposite of what is asked.",
    "1/2": "Look at the weight of {terms} in {place}: it is half of what is asked.",
    "2": "Look at the weight of {terms} in {place}: it is twice what is asked.",
    "": "Look at the weight of {terms} in {place}: it is {weight} times what is asked.",
}
#: The same of an output as a whole.
WHOLES: Mapping[str, str] = {
    "-1": "Look at the sign of {place}: as a whole it is the opposite of what is asked.",
    "1/2": "Look at the size of {place}: as a whole it is half of what is asked.",
    "2": "Look at the size of {place}: as a whole it is twice what is asked.",
    "": "Look at the size of {place}: as a whole it is {weight} times what is asked.",
}
#: Of factors, by their power, as a multiple of the right one.
POWERS: Mapping[str, str] = {
    "0": "Look for {terms} in {place}: there is no such factor.",
    "-1": "Look at {terms} in {place}: the inverse of what is asked stands there, multiplied in "
    "place of divided or divided in place of multiplied.",
    "sign": "Look at the sign of {place}: it is the opposite of what is asked.",
    "1/2": "Look at the power of {terms} in {place}: it is half of what is asked, as under a root.",
    "2": "Look at the power of {terms} in {place}: it is twice what is asked, as squared or "
    "without a root.",
    "": "Look at the power of {terms} in {place}: it is {weight} times what is asked.",
}
EXTRA = "Look for {terms} in {place}: this comes in, and has no part in what is asked."
INSTEAD = "Look at {terms} in {place}: {clause}."


def about_terms(
    terms: Sequence[str],
    place: str,
    weight: str,
    *,
    instead: str = "",
    extra: bool = False,
    whole: bool = False,
    product: bool = False,
) -> str:
    """Return the sentence about *terms* of *place*, which come in with *weight*.

    ``instead`` is the clause about a known wrong form; ``extra`` says that the term doesn't belong
    there, ``whole`` that all terms have that weight, ``product`` that the weight is a power.
    """
    facts = {"terms": joined(terms), "place": place, "weight": weight, "clause": instead}
    if instead:
        return INSTEAD.format(**facts)
    if extra:
        return EXTRA.format(**facts)
    sentences = POWERS if product else WHOLES if whole and weight != "0" else WEIGHTS
    return sentences.get(weight, sentences[""]).format(**facts)


def joined(names: Sequence[str]) -> str:
    """Return *names* as they stand in a sentence."""
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last
