"""Checks HTML that came from a confined process, sign by sign: what isn't listed is refused.

The check changes nothing and takes time in proportion to the text. What passes is a sequence of
closed, properly nested elements which only show text and pictures. None of them bears the name of
an element that the page puts around them, so nothing can close one of those.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

#: How deep elements may be nested, and how often one picture may be shown in a cell.
MAX_DEPTH, MAX_SHOWN = 100, 3

_VOID = frozenset(("br", "hr", "img"))
_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_OTHERS = (
    "a b blockquote code dd del details div dl dt em i li ol p pre s span strong sub summary sup "
    "table tbody td th thead tr u ul"
)
_TAGS = _VOID | _HEADINGS | set(_OTHERS.split())
#: What an element may stand in, where a browser would move it otherwise.
_PARENTS = {
    "li": ("ul", "ol"),
    "dt": ("dl",),
    "dd": ("dl",),
    "tr": ("table", "thead", "tbody"),
    "td": ("tr",),
    "th": ("tr",),
    "thead": ("table",),
    "tbody": ("table",),
}
#: What may stand in an element that a browser would move other things out of.
_CHILDREN = {
    "table": ("thead", "tbody", "tr"),
    "thead": ("tr",),
    "tbody": ("tr",),
    "tr": ("td", "th"),
}
#: Pygments' names for the pieces of code; a student's own HTML may name no class of the page's.
_NAMES = (
    "highlight bp c c1 ch cm cp cpf cs dl err esc fm g gd ge ges gh gi go gp gr gs gt gu hll il k "
    "kc kd kn kp kr kt l ld m mb mf mh mi mo n na nb nc nd ne nf ni nl nn no nt nv nx o ow p pm "
    "py pyg s s1 s2 sa sb sc sd se sh si sr ss sx vc vg vi vm w x"
)
_PIECES = frozenset(_NAMES.split())

#: A run of text; or a tag, with its attributes as HTML's serializers write them.
_TOKEN = re.compile(
    r"""([^<>]+)|<(/?)([a-z][a-z0-9]{0,9})((?:[ ][a-z]{1,10}="[^"<>]*")*)>""",
)
_ATTRIBUTE = re.compile(r'[ ]([a-z]{1,10})="([^"<>]*)"')
_NUMBERED = re.compile(r"data:image/png;base64,attachment-([0-9]{1,4})")
_PICTURE = re.compile(r"data:image/(?:png|jpeg);base64,[A-Za-z0-9+/=]*")
_LINK = re.compile(r"https?://|mailto:")


class Refused(ValueError):
    """The HTML holds something that isn't listed; the message says where."""


def checked(html: str, pictures: Sequence[str] = ()) -> str:
    """Return *html*, with *pictures* in the place of their numbers.

    Raises :class:`Refused`.
    """
    made: list[str] = []
    inside: list[str] = []
    shown: Counter[int] = Counter()
    at = 0
    while at < len(html):
        found = _TOKEN.match(html, at)
        if found is None:
            raise Refused(f"at {at}")
        at = found.end()
        text, closes, tag, attributes = found.groups()
        if text is not None:
            if inside and inside[-1] in _CHILDREN and not text.isspace():
                raise Refused(f"text in {inside[-1]}")
            made.append(text)
        elif closes:
            if attributes or not inside or inside.pop() != tag:
                raise Refused(f"</{tag}>")
            made.append(f"</{tag}>")
        else:
            _allow(tag, inside)
            made.append(f"<{tag}{_attributes(tag, attributes, pictures, shown)}>")
            if tag not in _VOID:
                inside.append(tag)
    if inside:
        raise Refused(f"<{inside[-1]}>")
    return "".join(made)


def _allow(tag: str, inside: Sequence[str]) -> None:
    parent = inside[-1] if inside else ""
    if tag not in _TAGS or len(inside) >= MAX_DEPTH:
        raise Refused(f"<{tag}>")
    if tag in _PARENTS and parent not in _PARENTS[tag]:
        raise Refused(f"<{tag}> in <{parent}>")
    if parent in _CHILDREN and tag not in _CHILDREN[parent]:
        raise Refused(f"<{tag}> in <{parent}>")
    if tag == "a" and "a" in inside:
        raise Refused("<a> in <a>")
    if tag in _HEADINGS and not _HEADINGS.isdisjoint(inside):
        raise Refused(f"<{tag}> in a heading")


def _attributes(tag: str, text: str, pictures: Sequence[str], shown: Counter[int]) -> str:
    made = ""
    for name, value in _ATTRIBUTE.findall(text):
        if name == "class" and tag in ("div", "span"):
            value = " ".join(word for word in value.split() if word in _PIECES)
        elif (tag, name) == ("img", "src"):
            value = _source(value, pictures, shown)
        elif (tag, name) == ("a", "href"):
            if not _LINK.match(value):
                raise Refused("href")
        elif (tag, name) not in (("img", "alt"), ("a", "rel")):
            raise Refused(f"{name} of <{tag}>")
        if value or name == "alt":
            made += f' {name}="{value}"'
    return made + (' rel="noreferrer noopener"' if tag == "a" and " rel=" not in made else "")


def _source(value: str, pictures: Sequence[str], shown: Counter[int]) -> str:
    """Return the picture that *value* names by its number, or is; nothing where it is no more."""
    if found := _NUMBERED.fullmatch(value):
        number = int(found[1])
        shown[number] += 1
        there = number < len(pictures) and shown[number] <= MAX_SHOWN
        return pictures[number] if there else ""
    if not _PICTURE.fullmatch(value):
        raise Refused("src")
    return value
