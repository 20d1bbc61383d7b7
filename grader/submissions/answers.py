"""The forms of a written answer: what announces it, stands in its place, and comes after it.

Patterns bound the runs that they look through: the time is in proportion to the text, whatever it
is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

#: What stands for an answer until there is one, by this course and by others.
_PLACEHOLDER = re.compile(
    r"\*?\s{0,9}write your answer here\b[^\n]*|\[?\s{0,9}fill (this|me|your answer) in\s*\]?|"
    r"\b(type|write|put|enter|insert) your answer( here| below)?\b[:.]*|"
    r"^[*_\[(<\s]{0,9}your answers? (goes )?here[*_\])>\s.:]{0,9}$|"
    r"^[*_\[(<#\s]{0,9}(todo|tbd)[*_\])>\s.:]{0,9}$",
    re.IGNORECASE | re.MULTILINE,
)
#: The fewest words of an answer that can repeat its question, and the share of it that does then.
_FEW, _REPEATED = 8, 0.9
#: What may stand before a label: signs of Markdown, a tag, a color in TeX.
_BEFORE = r"^[#*_> \t-]{0,20}(?:<[^<>\n]{1,80}>\s{0,3}){0,3}(?:\$?\\color\{\w{1,20}\}\{?)?"
_BEFORE += r"(?:\{?\\text\w{0,4}\s?\{?)?[*_ \t]{0,9}"
_ASKED = r"(?:\w{2,12}[ \t])?question[ \t]{0,3}#?\d{0,3}[:. \t-]{0,4}"
_WORD = rf"(?:{_ASKED})?(?:(?:your|my|the)\s{{0,9}})?(?:answers?|ans|solution|response)"
_WORD += rf"(?:[ \t](?:to|for)[ \t]{_ASKED})?\s{{0,9}}(?:\d{{1,9}}\s{{0,9}})?"
#: A line that announces the answer: what follows it is the student's. Without a colon it is a
#: heading or stands alone in bold.
_LABEL = re.compile(
    rf"(?im){_BEFORE}{_WORD}[*_}}]{{0,9}}\s{{0,9}}:[*_}}$]{{0,9}}(?:</\w{{1,9}}>){{0,3}}"
)
_TITLE = re.compile(
    r"(?im)^(?:#{1,6}[ \t]{0,9}[*_]{0,3}|[*_]{2,3})"
    rf"{_WORD}[*_]{{0,3}}[ \t]{{0,9}}$"
)
_HEADING = re.compile(r"^ {0,3}(#{1,6})[ \t]*\S")
#: How a course leads to its next task.
_TASK = re.compile(
    r"\b(?:run|execute) (?:the|this|these) (?:following|next|code|cells?)\b|"
    r"\b(?:the|this|next|following) (?:code )?cells? (?:below|to)\b|\bin the (?:cell|code) below\b|"
    r"\b(?:open|edit) (?:the )?(?:file )?`?[\w./]{1,60}\.py\b|\bin the file `?[\w./]{1,60}\.py\b|"
    r"\bnow,? (?:try|train|implement)\b|\bonce you (?:have|are) (?:done|finished|debugged)\b|"
    r"\bas (?:another|a final) sanity check\b|\bwe have provided\b",
    re.IGNORECASE,
)


def repeats(text: str, asked: str) -> bool:
    """Say whether an answer says nothing but what is *asked*, in its words and their order.

    Of the runs of three words in it, nine of ten stand in the question; it has eight words or more,
    since a short answer can be one of those that are offered.
    """
    words = _words(text)
    if len(words) < _FEW:
        return False
    given = set(_runs(_words(asked)))
    own = list(_runs(words))
    return sum(run in given for run in own) >= _REPEATED * len(own)


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


def _runs(words: Sequence[str]) -> Iterator[tuple[str, ...]]:
    return zip(words, words[1:], words[2:], strict=False)


def after_label(text: str) -> tuple[str, str, str]:
    """Return what comes before the first label of an answer, the label, and what follows it."""
    found = [match for pattern in (_LABEL, _TITLE) if (match := pattern.search(text))]
    if not found:
        return text, "", ""
    first = min(found, key=lambda match: match.start())
    return text[: first.start()], first[0], text[first.end() :]


def begins(text: str) -> bool:
    """Say whether *text* begins with the label of an answer."""
    before, label, _ = after_label(text)
    return bool(label) and not says(before)


def without_placeholders(text: str) -> str:
    return _PLACEHOLDER.sub("", text)


def says(text: str) -> bool:
    """Say whether there is a letter or a digit in *text*."""
    return bool(re.search(r"\w", text))


def cut_off(text: str) -> tuple[str, bool]:
    """Return *text* up to where a course's own words go on, and whether there are any.

    That is a heading, or a paragraph after the first one that leads to the next task. A heading
    below which the answer itself goes on can't be told from a course's: only those of the third
    level and above count, and labels of an answer don't.
    """
    kept: list[str] = []
    said = False
    for paragraph in _paragraphs(text):
        first = paragraph.lstrip("\n").split("\n", 1)[0]
        heading = _HEADING.match(first)
        if heading and len(heading[1]) <= 3 and not begins(first):
            return "".join(kept), True
        if said and leads_on(paragraph):
            return "".join(kept), True
        said = said or says(paragraph)
        kept.append(paragraph)
    return "".join(kept), False


def below_question(text: str) -> str:
    """Return what follows the last paragraph of *text* that asks, up to the next heading.

    Nothing where no paragraph does.
    """
    paragraphs = list(_paragraphs(text))
    asking = [number for number, paragraph in enumerate(paragraphs) if "?" in paragraph]
    return cut_off("".join(paragraphs[asking[-1] + 1 :]))[0] if asking else ""


def leads_on(paragraph: str) -> bool:
    """Say whether a paragraph leads to a course's next task."""
    return bool(_TASK.search(paragraph))


def _paragraphs(text: str) -> Iterator[str]:
    """Yield *text* in parts: at empty lines, and before each heading."""
    part: list[str] = []
    fenced = False
    for line in text.splitlines(keepends=True):
        fence = line.lstrip().startswith("```")
        if part and not fenced and _HEADING.match(line):
            yield "".join(part)
            part = []
        part.append(line)
        fenced = fenced != fence
        if not line.strip() and not fenced:
            yield "".join(part)
            part = []
    if part:
        yield "".join(part)
