"""What is said of outputs that depend on other inputs than they should, or grow otherwise."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

#: By what is told: an output stays the same whatever an input is, changes with one that it has
#: nothing to do with, or where it shouldn't. None minds whether an output's name is a plural.
SENTENCES: Mapping[str, str] = {
    "missing": "Let {output} depend on {inputs}: a change in {any_input} leaves {output} as "
    "before.",
    "missing_and_extra": "Let {output} depend on {inputs}, and not on {extra}: a change in "
    "{any_input} leaves {output} as before, and one in {any_extra} doesn't.",
    "extra": "Keep {extra} out of {output}: a change in {any_extra} changes {output}.",
    # Of axes that have a name, such as examples.
    "apart": "Keep {words} apart: a change in {input} of one {word} changes {output} of another.",
    "together": "Let {output} of one {word} depend on {input} of the others: a change in {input} "
    "of one {word} leaves {output} of the others as before.",
    "own": "Let {output} of each {word} depend on its own {input}: a change in {input} leaves "
    "{output} of the same {word} as before.",
    "counts": "Let every {word} count in {output}: a change in {input} of the {end} {word} leaves "
    "{output} as before.",
    # The same of axes without a name, by indices.
    "apart_by_index": "Keep the parts of {output} apart: a change in {input}{at} changes "
    "{output}{rest}.",
    "together_by_index": "Let all of {output} depend on {input}{at}: a change there leaves "
    "{output}{rest} as before.",
    "own_by_index": "Let {output}{own} depend on {input}{at}: a change there leaves {output}{own} "
    "as before.",
    "counts_by_index": "Let {output} depend on all of {input}: a change in {input}{at} leaves "
    "{output} as before.",
    # Of small changes, where large ones show.
    "follows": "Let {output} follow {input}: a small change in {input} leaves {output} as before.",
    "growth": "Let {output} {wanted} when {input} doubles: it {grows}.",
}
#: What an output does when an input doubles, by the exponent: as asked for, and as found.
GROWS = {
    "0": ("stay the same", "stays the same"),
    "1": ("double", "doubles"),
    "2": ("grow fourfold", "grows fourfold"),
    "3": ("grow eightfold", "grows eightfold"),
    "-1": ("halve", "halves"),
    "-2": ("become a quarter", "becomes a quarter"),
    "0.5": ("grow by the root of 2", "grows by the root of 2"),
    "-0.5": ("shrink by the root of 2", "shrinks by the root of 2"),
    "none": ("", "doesn't"),
}
ROUGHLY = "roughly {verb}"


def listed(names: Sequence[str], word: str = "and") -> str:
    """Return *names* as one phrase: ``x, w and b``."""
    *others, last = names
    return f"{', '.join(others)} {word} {last}" if others else last


def growth(output: str, input_: str, wanted: str, found: str) -> str:
    """Return how an output should grow with an input, and how it does; ``~`` is roughly."""
    verbs = []
    for exponent, which in ((wanted, 0), (found, 1)):
        verb = GROWS[exponent.lstrip("~")][which]
        verbs.append(ROUGHLY.format(verb=verb) if exponent.startswith("~") else verb)
    return SENTENCES["growth"].format(output=output, input=input_, wanted=verbs[0], grows=verbs[1])


def plural(word: str) -> str:
    """Return the plural of what an axis is called."""
    return word + ("es" if word.endswith(("s", "x", "ch", "sh")) else "s")


def label(path: str, others: Collection[str]) -> str:
    """Return what an input is called: its last name, or all of it where one of *others* has that.

    ``config.velocity`` is ``velocity``; ``config["cache"]`` where there is another ``cache``.
    """
    last = path.rpartition(".")[2]
    alike = [other for other in others if other != path and other.rpartition(".")[2] == last]
    return entry(path) if alike else last


def entry(path: str) -> str:
    """Return an output or input as code: ``grads["W1"]``."""
    first, *rest = path.split(".")
    return first + "".join(f'["{name}"]' for name in rest)


def index(axis: int, text: str) -> str:
    """Return *text* as the index of an axis: ``[:, 0]``."""
    return "[" + ":, " * axis + text + "]"
