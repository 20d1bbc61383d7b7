"""The words of each misconception follow the course's rules for feedback."""

import re
import tomllib
from pathlib import Path

import pytest

FORBIDDEN = re.compile(
    r"\b(just|simply|simple|obviously|obvious|of course|clearly|easy|easily|trivial\w*|wrongly|"
    r"stupid\w*|should have|unfortunately|please|sorry)\b|!",
    re.IGNORECASE,
)
#: A message begins with what to do: one of these.
VERBS = """
    add apply average call check choose compare correct count create differentiate divide draw
    drop end flatten follow give go hand include keep leave let move multiply normalize pass put
    read regularize reshape return scale send set start step stop store sum update use weigh
""".split()  # noqa: SIM905
#: Signs of code: a message must not hand over the line that is missing.
CODE = re.compile(r"np\.|==|\*\*|[+*/@]=|\w\(|axis ?=|return_|\bdef\b|`")


def wrong(title: str, message: str, note: str) -> list[str]:
    """Return which rules of wording the texts of one entry break."""
    first = re.split(r"\W", message, maxsplit=1)[0].lower()
    found = {
        "the message begins with a recommendation": first in VERBS,
        "the message says why": len(re.split(r"[:;,.] ", message)) > 1,
        "the message is 40 to 220 characters": 40 <= len(message) <= 220,
        "the message is at most two sentences": len(re.findall(r"[.?](?= |$)", message)) <= 2,
        "the message shows no code": not CODE.search(message),
        "the title is 8 to 70 characters and no sentence's end": 8 <= len(title) <= 70
        and not title.endswith("."),
        "the note is 10 to 160 characters": 10 <= len(note) <= 160,
        "texts end properly": message.endswith(".") and note.endswith("."),
        "no forbidden word": not FORBIDDEN.search(f"{title} {message}"),
    }
    return [rule for rule, kept in found.items() if not kept]


@pytest.fixture(scope="module")
def texts(assignment_folder: Path) -> dict[str, dict[str, str]]:
    """The words by id."""
    path = assignment_folder / "misconceptions" / "texts.toml"
    return tomllib.loads(path.read_text("utf-8"))


def test_every_text_follows_the_rules(texts: dict[str, dict[str, str]]) -> None:
    """Recommendation first, then why; short, neutral, without the solution."""
    broken = {id: rules for id, entry in texts.items() if (rules := wrong(**entry))}
    assert not broken


def test_every_text_belongs_to_an_entry(
    texts: dict[str, dict[str, str]], assignment_folder: Path
) -> None:
    """There are no words without a misconception, and none without words; ids are unique."""
    ids = [
        entry["id"]
        for path in sorted((assignment_folder / "misconceptions").glob("*.toml"))
        for entry in tomllib.loads(path.read_text("utf-8")).get("misconception", ())
    ]
    assert len(ids) == len(set(ids))
    assert set(ids) == set(texts)


def test_a_question_has_no_message_twice(
    texts: dict[str, dict[str, str]], assignment_folder: Path
) -> None:
    """Two misconceptions of one question never say the same."""
    said = set()
    for path in sorted((assignment_folder / "misconceptions").glob("*.toml")):
        for entry in tomllib.loads(path.read_text("utf-8")).get("misconception", ()):
            words = entry["question"], texts[entry["id"]]["message"]
            assert words not in said, entry["id"]
            said.add(words)


@pytest.mark.parametrize(
    ("message", "rule"),
    [
        ("The bias is missing, which makes the output wrong for every example.", "begins"),
        ("Simply add the bias to each row: the output lacks it in every example.", "begins"),
        ("Add the bias: you obviously left it out of the product of the weights.", "forbidden"),
        ("Use np.sum(dout, axis=0) for db: it is averaged over the whole batch here.", "no code"),
        ("Add the bias.", "40 to 220"),
        ("Add the bias to each row of the product of inputs and weights here.", "says why"),
    ],
)
def test_a_text_against_the_rules_is_found(message: str, rule: str) -> None:
    """Each rule finds a text that breaks it."""
    assert any(rule in found for found in wrong("The bias is left out", message, "Usual cause."))
