"""Make ``docs/messages.md``: every sentence that a student or an instructor can read of a failure.

``python docs/make_messages.py`` writes it from the engine's words and the assignment's
misconceptions; with ``--check`` it writes nothing and fails when the page is stale.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from grader.authoring.explaining import catalogue
from grader.key import sources
from grader.wording import causes, dependence, hints, messages, relations, repairs, terms, trainings
from grader.wording.stages import STAGE_WORDS

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "messages.md"
ASSIGNMENT = ROOT / "assignment"

#: What stands for the facts of one failure in the page's sentences.
FACTS = {
    "call": "f",
    "enough": 0.43,
    "owner": "Net",
    "file": "layers.py",
    "output": "out",
    "text": "",
    "type": "ValueError",
    "reason": "it is larger than 65536 KiB",
    "where": "line 12 of layers.py",
    "got": "a list",
    "got_shape": "(3, 1)",
    "expected_shape": "(3,)",
    "expected": 0.5,
    "got_dtype": "int64",
    "error": "3.1e-01",
    "bound": "1e-09",
    "value": 4,
    "functions": "affine_forward",
    "needs": "affine-forward.values",
    "name": "x",
    "notebook": "FullyConnectedNets",
    "mean": 0.02,
    "parameter": "W2",
    "seconds": 30,
    "why": "it has no W1",
    "count": 24,
    "expected_dtype": "float32",
    "precision": "float32",
    "nearly": "an epsilon in another place",
    "names": "dx",
    "noun": "images",
    "other": "dw",
    "input": "x",
    "what": "negative",
    "rate": 0.01,
    "terms": "the path through the variance",
    "place": "dx",
    "weight": "1/N",
    "clause": "gamma is missing there",
    "inputs": "x and w",
    "any_input": "x or w",
    "extra": "b",
    "any_extra": "b",
    "word": "example",
    "words": "examples",
    "end": "first",
    "at": "[0]",
    "own": "[0]",
    "rest": "[1:]",
    "wanted": "double",
    "grows": "grows fourfold",
}
#: Facts that mean something else in one sentence.
OTHERWISE: dict[str, dict[str, object]] = {
    "OTHER_FILE": {"file": "best_model.npz"},
    "numpy": {"name": "float", "instead": "float"},
    "python2": {"instead": "range"},
    "refused": {"text": "torch can't be imported."},
    "setting": {"what": "momentum is given"},
    "weight_scale": {"got": 0.4},
    "mask_scale": {"got": 0.4},
    "keep_rate": {"got": 0.4},
    "call_p": {"got": 0.4},
}
INTRO = """# Messages

What the grader says of a failure, all of it. Made by `python docs/make_messages.py` from the
engine's words and the assignment's misconceptions; a test fails when it is stale.

Every message gives the recommendation first, then the reason, in proper terms, and names the
difference; it never hands over the solution. Where a misconception is recognized its own message
comes in place of the general one. The second sentence, *Hint*, is what one's own checks add from
the second failure of a check on, if the manifest says so. In the sentences below, a function is
called `f` and its output `out`, and numbers are examples.
"""


def page() -> str:
    """Return the whole page."""
    return "\n".join([INTRO, *_general(), *_misconceptions()]).rstrip() + "\n"


def _general() -> Iterator[str]:
    yield "## Stages\n"
    yield "A check goes through these in order and stops at the first that fails.\n"
    for id, words in STAGE_WORDS.items():
        yield from _entry(id, words.label, words.message, words.hint, words.meaning)
    yield "## Causes\n"
    yield "In place of a stage's message where it is known what a failure comes from.\n"
    for id, message in causes.SENTENCES.items():
        yield f"- `{id}`: {_filled(message)}"
    yield f"- {_filled(causes.NUMPY_NAME, 'numpy')}"
    yield f"- {_filled(causes.PYTHON_2, 'python2')}\n"
    yield "## Exceptions\n"
    yield "The hint about an exception, by its class.\n"
    for id, hint in hints.RAISED.items():
        yield f"- `{id}`: {hint}"
    yield ""
    yield "## How an array is wrong\n"
    yield "Added to the message of a stage where got and expected are related in a known way.\n"
    for id, message in messages.STRUCTURES.items():
        yield from _entry(id, "", message, hints.STRUCTURES[id], "")
    yield "## Terms\n"
    yield (
        "In place of a stage's message where the terms of an output show what is wrong: what their "
        "weight is, that of an output as a whole, or the power of a factor.\n"
    )
    for sentences in (terms.WEIGHTS, terms.WHOLES, terms.POWERS):
        for id, message in sentences.items():
            yield f"- `{id or 'other'}`: {_filled(message)}"
    yield f"- {_filled(terms.EXTRA)}"
    yield f"- {_filled(terms.INSTEAD)}\n"
    yield "## How an answer stands to inputs and other answers\n"
    yield "In place of a stage's message where every failing public example shows it.\n"
    for id, message in relations.RELATIONS.items():
        yield f"- `{id}`: {_filled(message, id)}"
    yield ""
    yield "## Properties\n"
    yield "In place of a stage's message where a property shows what is wrong.\n"
    for id, message in messages.PROPERTIES.items():
        yield from _entry(id, "", message, hints.PROPERTIES[id], "")
    yield "## What an output depends on\n"
    yield "In place of a stage's message where moves of the inputs show a difference.\n"
    for id, message in dependence.SENTENCES.items():
        yield f"- `{id}`: {_filled(message)}"
    yield ""
    yield "## The line of a mistake\n"
    yield "In place of a stage's message where one small change on one line makes an output right; "
    yield "after it, where no numbers came. The change is never told.\n"
    for kind in repairs.KINDS:
        yield f"- `{kind}`: {repairs.sentence('layers.py', 12, [kind], ['dx'])}"
    yield ""
    yield "## Other sentences\n"
    others = {n: text for n, text in (vars(messages) | vars(trainings)).items() if n.isupper()}
    for id, text in others.items():
        if isinstance(text, str):
            yield f"- {_filled(text, id)}"
    yield ""


def _misconceptions() -> Iterator[str]:
    known = catalogue(ASSIGNMENT)
    if not known:
        return
    yield "## Misconceptions\n"
    yield "Known mistakes, recognized by what they answer. The note is for the instructor.\n"
    for question in sources.manifest(ASSIGNMENT).questions:
        wrong = [entry for entry in known.values() if entry.question == question.id]
        if wrong:
            yield f"### {question.title}\n"
        for entry in wrong:
            note = f" *Note:* {entry.note}" if entry.note else ""
            yield f"- `{entry.id}`: **{entry.title.rstrip('.')}.** {entry.message}{note}"
        if wrong:
            yield ""


def _entry(id: str, label: str, message: str, hint: str, meaning: str) -> Iterator[str]:
    named = f"`{id}` ({label})" if label else f"`{id}`"
    about = f" *Meaning:* {meaning}" if meaning else ""
    yield f"- {named}: {_filled(message, id)} *Hint:* {hint}{about}\n"


def _filled(text: str, id: str = "") -> str:
    return text.format(**{**FACTS, **OTHERWISE.get(id, {})}).strip()


def main() -> None:
    """Write the page, or with ``--check`` say whether it is as it would be written."""
    if "--check" in sys.argv[1:]:
        fresh = PAGE.is_file() and PAGE.read_text("utf-8") == page()
        sys.exit(None if fresh else f"{PAGE} is stale: run `python docs/make_messages.py`")
    PAGE.write_text(page(), "utf-8")
    print(f"made {PAGE}")


if __name__ == "__main__":
    main()
