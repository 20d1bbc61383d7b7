"""Mistakes that nobody thought of: seeded changes of right packages.

The changes are those of :mod:`operators` and :mod:`statements`. Each third mutant has two edits at
once. Some leave a function right: marking tells those apart.
"""

from __future__ import annotations

import ast
import random
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import pairwise

from operators import EXPRESSIONS
from plants import FUNCTIONS, Plant, planted, right, span
from statements import STATEMENTS
from syntax import Change, Code

OPERATORS = EXPRESSIONS | STATEMENTS
SEED = 20240229

#: How many mutants each function gets, by the package that is changed.
_FULL = dict.fromkeys(FUNCTIONS, 12) | {"FullyConnectedNet": 10, "relu_backward": 4}
COUNTS = {
    "reference": _FULL | {"relu_forward": 3, "dropout_backward": 2},
    "witness": _FULL
    | {"batchnorm_backward_alt": 0, "TwoLayerNet": 0, "relu_forward": 3, "relu_backward": 3}
    | {"dropout_backward": 2},
    "staged": dict.fromkeys(FUNCTIONS, 4) | {"dropout_backward": 2},
}
#: Where a function's work is done in another function or class of the same file.
_ELSEWHERE = {("witness", "FullyConnectedNet"): "_Network", ("witness", "adam"): "_moments"}


@cache
def mutants(seed: int = SEED) -> Sequence[Plant]:
    """Return the mutants of that seed, each once; some are right."""
    made: list[Plant] = []
    for base, counts in COUNTS.items():
        for function, count in counts.items():
            made += mutated(base, function, count, seed)
    return tuple(made)


def mutated(base: str, function: str, count: int, seed: int) -> Iterator[Plant]:
    """Yield up to *count* mutants of a function, by operators in turn; each third has two edits."""
    chance = random.Random(f"{seed} {base} {function}")
    text = right(base)[FUNCTIONS[function][0]].decode("utf-8")
    code = Code(text, _ELSEWHERE.get((base, function), function))
    start, end = span(text, code.top.name)
    found = {
        kind: [c for c in changes(code) if start <= c.start and c.end <= end]
        for kind, changes in OPERATORS.items()
    }
    kinds = sorted(kind for kind, changes in found.items() if changes)
    chance.shuffle(kinds)
    seen = {text}
    turn = 0
    while count and turn < 20 * len(kinds):
        kind = kinds[turn % len(kinds)]
        turn += 1
        changes = [chance.choice(found[kind])]
        if turn % 3 == 0:
            other = kinds[chance.randrange(len(kinds))]
            changes.append(chance.choice(found[other]))
            kind = f"{kind}; {other}"
        changed = _changed(text, changes)
        if changed is None or changed in seen or not _parses(changed):
            continue
        seen.add(changed)
        id = f"mutant-{base}-{function}-{len(seen) - 1}"
        yield planted(id, kind, base, function, changed)
        count -= 1


def _changed(text: str, changes: Sequence[Change]) -> str | None:
    """Return *text* with *changes*, or None where two of them overlap."""
    ordered = sorted(changes, key=lambda change: change.start, reverse=True)
    for later, earlier in pairwise(ordered):
        if earlier.end > later.start:
            return None
    for change in ordered:
        text = text[: change.start] + change.new + text[change.end :]
    return text


def _parses(text: str) -> bool:
    try:
        ast.parse(text)
    except SyntaxError:
        return False
    return True
