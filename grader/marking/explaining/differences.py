"""In which facts an output differs from the reference's, and what is said of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from grader.model.dependence import Facts, Table
from grader.model.evidence import ExplanationFacts
from grader.wording import dependence as words

#: How many statements are made of one failure, and how many inputs one of them names.
_MOST, _NAMED = 2, 3


class Difference(NamedTuple):
    """One fact in which an output differs; the smaller the *rank*, the more it tells."""

    rank: int
    output: str
    path: str
    fact: str
    wanted: str
    found: str


#: By fact, what is wanted and what is found instead, and the rank of it.
_CHANGES = {
    ("always", "never"): 0,
    ("mostly", "never"): 0,
    ("far", "never"): 0,
    ("never", "always"): 1,
    ("never", "far"): 1,
    ("always", "far"): 7,
}
_RANKS = {("others", "no"): 2, ("others", "yes"): 3, ("own", "yes"): 4}
#: The sentence of what is wanted along an axis.
_ALONG = {("others", "no"): "apart", ("others", "yes"): "together", ("own", "yes"): "own"}


def compared(output: str, path: str, wanted: Facts, found: Facts) -> Iterator[Difference]:
    """Yield in what an output differs: the *wanted* facts are the reference's."""
    changes = wanted.get("change"), found.get("change")
    if changes in _CHANGES:
        wants, finds = wanted["change"], found["change"]
        yield Difference(_CHANGES[wants, finds], output, path, "change", wants, finds)
        return
    for fact, word in wanted.items():
        has = found.get(fact)
        if fact == "change" or has is None or has == word:
            continue
        name = fact.partition(".")[2]
        if fact == "growth":
            # An exponent that holds roughly tells nothing of the same one that holds exactly.
            if has.lstrip("~") != word.lstrip("~"):
                yield Difference(6, output, path, fact, word, has)
        elif name in ("first", "last"):
            if word == "yes":
                yield Difference(5, output, path, fact, word, has)
        elif (name, word) in _RANKS:
            yield Difference(_RANKS[name, word], output, path, fact, word, has)


def statements(
    found: Sequence[Difference], table: Table, inputs: Sequence[str]
) -> Iterator[ExplanationFacts]:
    """Yield what is said, the most telling first: of one output for each fact."""
    told: dict[str, list[str]] = {}
    left = sorted(found, key=lambda difference: difference.rank)  # stable: outputs in order
    while left and len(told) < _MOST:
        first = left[0]
        output = words.entry(first.output)
        names = [*inputs, first.output]
        same = [d for d in left if d.output == first.output]
        taken = [first]
        if first.rank == 0:
            taken = [d for d in same if d.rank == 0][:_NAMED]
            extra = [d for d in same if d.rank == 1][:_NAMED]
            text = _missing(output, taken, extra, names)
            taken += extra
        elif first.rank == 1:
            taken = [d for d in same if d.rank == 1][:_NAMED]
            extra_names = [words.label(d.path, names) for d in taken]
            text = words.SENTENCES["extra"].format(
                output=output,
                extra=words.listed(extra_names),
                any_extra=words.listed(extra_names, "or"),
            )
        else:
            text = _said(first, output, words.label(first.path, names), table)
        alike = {(d.path, d.fact, d.found) for d in taken}
        outputs = [d.output for d in left if (d.path, d.fact, d.found) in alike]
        told[text] = list(dict.fromkeys(outputs))
        # Each input and each output is spoken of once.
        paths = {d.path for d in taken}
        left = [d for d in left if d.path not in paths and d.output not in told[text]]
    for text, outputs in told.items():
        yield {"mechanism": "dependence", "text": text, "outputs": outputs}


def _missing(
    output: str, missing: Sequence[Difference], extra: Sequence[Difference], names: Sequence[str]
) -> str:
    inputs = [words.label(d.path, names) for d in missing]
    others = [words.label(d.path, names) for d in extra]
    facts_ = {
        "output": output,
        "inputs": words.listed(inputs),
        "any_input": words.listed(inputs, "or"),
    }
    if not others:
        return words.SENTENCES["missing"].format(**facts_)
    return words.SENTENCES["missing_and_extra"].format(
        **facts_, extra=words.listed(others), any_extra=words.listed(others, "or")
    )


def _said(difference: Difference, output: str, input_: str, table: Table) -> str:
    """Return the sentence of a difference in where an output changes, or how."""
    if difference.fact == "growth":
        return words.growth(output, input_, difference.wanted, difference.found)
    if difference.fact == "change":
        return words.SENTENCES["follows"].format(output=output, input=input_)
    axes, _, name = difference.fact.partition(".")
    axis = int(axes.partition("-")[0])
    word = table.axis(difference.path, axis)
    facts_ = {
        "output": output,
        "input": input_,
        "word": word,
        "words": words.plural(word),
        "end": name,
    }
    sentence = _ALONG.get((name, difference.wanted), "counts")
    if word:
        return words.SENTENCES[sentence].format(**facts_)
    other = int(axes.partition("-")[2] or 0)
    return words.SENTENCES[f"{sentence}_by_index"].format(
        **facts_,
        at=words.index(axis, "-1" if name == "last" else "0"),
        own=words.index(other, "0"),
        rest=words.index(other, "1:"),
    )
