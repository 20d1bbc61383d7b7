"""The rules for words: recommendation first, then why; concise; and nothing that belittles."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import ModuleType

import pytest

from grader import kinds
from grader.authoring.explaining import catalogue
from grader.model.verdicts import STAGES
from grader.wording import (
    causes,
    dependence,
    glossary,
    hints,
    labels,
    messages,
    relations,
    report,
    stages,
    terms,
    trainings,
)
from grader.wording.stages import STAGE_WORDS

FORBIDDEN = re.compile(
    r"\b(just|simply|simple|obvious|obviously|easy|easily|trivial|trivially|merely|of course|"
    r"clearly|naturally|basically)\b|!",
    re.IGNORECASE,
)
#: What a recommendation begins with.
IMPERATIVES = frozenset(
    re.findall(
        r"\w+",
        "Add Ask Begin Check Compare Count Define Draw Drop Follow Give Go Keep Leave Let List "
        "Look Make Hand Mend Print Replace Return Run Save Scale See Seed Set Start Take Use Work "
        "Write",
    )
)
#: What a sentence that states begins with, before it recommends anything.
STATEMENTS = frozenset(
    ("A", "An", "Here", "It", "That", "The", "There", "These", "This", "Those", "We", "You", "Your")
)
MODULES = (
    stages,
    messages,
    relations,
    terms,
    dependence,
    trainings,
    causes,
    hints,
    glossary,
    labels,
    report,
)
LONGEST = 320


def texts(module: ModuleType) -> Iterator[str]:
    """Yield every sentence that stands as a constant in *module*."""
    for name, value in vars(module).items():
        if name.isupper() and isinstance(value, str):
            yield value
        elif name.isupper() and isinstance(value, Mapping):
            for text in value.values():
                yield from [text] if isinstance(text, str) else text[:4]


def belittles(text: str) -> bool:
    return FORBIDDEN.search(text) is not None


def recommends(text: str) -> bool:
    return text.split()[0] in IMPERATIVES


RECOMMENDATIONS = [
    *(words.message for words in STAGE_WORDS.values()),
    *messages.PROPERTIES.values(),
    *relations.RELATIONS.values(),
    messages.RIGHT_NUMBERS,
    *terms.WEIGHTS.values(),
    *terms.WHOLES.values(),
    *terms.POWERS.values(),
    terms.EXTRA,
    terms.INSTEAD,
    *causes.SENTENCES.values(),
    causes.NUMPY_NAME,
    causes.PYTHON_2,
    *dependence.SENTENCES.values(),
    *hints.RAISED.values(),
    *(words.hint for words in STAGE_WORDS.values()),
    *hints.STRUCTURES.values(),
    *hints.PROPERTIES.values(),
]


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
def test_no_word_belittles_the_work(module: ModuleType) -> None:
    """What is easy for one is the week's work of another."""
    assert [text for text in texts(module) if belittles(text)] == []


def test_no_template_belittles_the_work(root: Path) -> None:
    """Nor do the sentences that stand in the pages' templates."""
    for path in (root / "grader" / "reports" / "templates").glob("*.j2"):
        shown = re.sub(r"<!\w+|\{[%{#].*?[%}#]\}", " ", path.read_text("utf-8"))
        assert not belittles(re.sub(r"<!doctype", "", shown, flags=re.IGNORECASE)), path


def test_the_recommendation_comes_first() -> None:
    """Every message and hint begins with what to do."""
    assert [text for text in RECOMMENDATIONS if not recommends(text)] == []


def test_sentences_end_and_are_short() -> None:
    """Every message is one or two sentences, with their full stop."""
    meanings = [words.meaning for words in STAGE_WORDS.values()]
    for text in [*RECOMMENDATIONS, *messages.STRUCTURES.values(), *meanings]:
        assert text.endswith((".", "?", "{text}")), text
        assert len(text) <= LONGEST, text


def test_misconceptions_follow_the_rules(assignment_folder: Path) -> None:
    """Each entry of the catalogue has a title, a recommendation, and a note; none belittles."""
    for wrong in catalogue(assignment_folder).values():
        assert wrong.title, wrong.id
        assert wrong.message.split()[0] not in STATEMENTS, (wrong.id, wrong.message)
        for text in (wrong.title, wrong.message, wrong.note):
            assert not belittles(text), (wrong.id, text)


@pytest.mark.parametrize(
    "text",
    ["Just add db.", "Simply sum.", "That is EASY.", "The rest is trivial", "Add it!"],
)
def test_a_word_that_belittles_is_found(text: str) -> None:
    """The rule above sees what it forbids, in any case."""
    assert belittles(text)


@pytest.mark.parametrize("text", ["The shape is wrong.", "You forgot the bias.", "dx is off."])
def test_a_statement_is_no_recommendation(text: str) -> None:
    """The rule above tells what to do from what is."""
    assert not recommends(text)


def test_nothing_that_can_be_said_lacks_its_words() -> None:
    """Every stage, relation, property and kind of proof has its sentence, hint and meaning."""
    assert tuple(STAGE_WORDS) == STAGES
    assert all(all(words[:4]) for words in STAGE_WORDS.values())
    assert set(hints.STRUCTURES) == set(messages.STRUCTURES)
    assert set(hints.PROPERTIES) == set(messages.PROPERTIES)
    assert set(glossary.JUDGES) == set(kinds.JUDGES)


def test_the_page_of_messages_is_fresh(root: Path) -> None:
    """``docs/messages.md`` is what the words and the catalogue make of it."""
    script = root / "docs" / "make_messages.py"
    done = subprocess.run(
        [sys.executable, str(script), "--check"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
