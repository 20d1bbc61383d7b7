"""Checks HTML that came from a confined process, sign by sign: what isn't listed is refused.

The check takes time in proportion to the text. It changes only what can't be seen, and writes that
out. What passes is a sequence of closed, properly nested elements which only show text, pictures
and formulas. No element of HTML stands in a formula, nor one of MathML outside of it. None
of them bears the name of an element that the page puts around them, so nothing can close one of
those.
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
_MATH_TAGS = (
    "math menclose mfrac mi mn mo mover mpadded mphantom mroot mrow mspace msqrt mstyle msub "
    "msubsup msup mtable mtd mtext mtr munder munderover"
)
_MATH_NAMES = (
    "accent columnalign columnlines displaystyle display fence form height linethickness lspace "
    "mathvariant maxsize minsize notation rowlines rspace scriptlevel separator stretchy width"
)
_MATH, _MATH_ATTRIBUTES = frozenset(_MATH_TAGS.split()), frozenset(_MATH_NAMES.split())
_MATH_VALUE = re.compile(r"[A-Za-z0-9 .%+-]{1,40}")
_TAGS = _VOID | _HEADINGS | _MATH | set(_OTHERS.split())
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
    r"""([^<>]+)|<(/?)([a-z][a-z0-9]{0,9})((?:[ ][a-z]{1,15}="[^"<>]*")*)>""",
)
_ATTRIBUTE = re.compile(r'[ ]([a-z]{1,15})="([^"<>]*)"')
_NUMBERED = re.compile(r"data:image/png;base64,attachment-([0-9]{1,4})")
_PICTURE = re.compile(r"data:image/(?:png|jpeg);base64,[A-Za-z0-9+/=]*")
#: Control characters and marks that change the direction of text: they could make code look like
#: something else, or break the page.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)
_LINK = re.compile(r"https?://|mailto:")


class RefusedMarkup(ValueError):
    """The HTML holds something that isn't listed; the message says where."""


def written_out(text: str) -> str:
    r"""Return *text* with what can't be seen written out, as ``\x1b``."""
    return _UNSEEN.sub(lambda found: found[0].encode("unicode_escape").decode("ascii"), text)


def checked_markup(html: str, pictures: Sequence[str] = ()) -> str:
    """Return *html*, with *pictures* in the place of their numbers.

    Raises :class:`RefusedMarkup`.
    """
    html = written_out(html)
    made: list[str] = []
    inside: list[str] = []
    shown: Counter[int] = Counter()
    at = 0
    while at < len(html):
        found = _TOKEN.match(html, at)
        if found is None:
            raise RefusedMarkup(f"at {at}")
        at = found.end()
        text, closes, tag, attributes = found.groups()
        if text is not None:
            if inside and inside[-1] in _CHILDREN and not text.isspace():
                raise RefusedMarkup(f"text in {inside[-1]}")
            made.append(text)
        elif closes:
            if attributes or not inside or inside.pop() != tag:
                raise RefusedMarkup(f"</{tag}>")
            made.append(f"</{tag}>")
        else:
            _allow(tag, inside)
            made.append(f"<{tag}{_attributes(tag, attributes, pictures, shown)}>")
            if tag not in _VOID:
                inside.append(tag)
    if inside:
        raise RefusedMarkup(f"<{inside[-1]}>")
    return "".join(made)


def _allow(tag: str, inside: Sequence[str]) -> None:
    parent = inside[-1] if inside else ""
    if tag not in _TAGS or len(inside) >= MAX_DEPTH:
        raise RefusedMarkup(f"<{tag}>")
    if (tag in _MATH and tag != "math") != (parent in _MATH):
        raise RefusedMarkup(f"<{tag}> in <{parent}>")
    if tag in _PARENTS and parent not in _PARENTS[tag]:
        raise RefusedMarkup(f"<{tag}> in <{parent}>")
    if parent in _CHILDREN and tag not in _CHILDREN[parent]:
        raise RefusedMarkup(f"<{tag}> in <{parent}>")
    if tag == "a" and "a" in inside:
        raise RefusedMarkup("<a> in <a>")
    if tag in _HEADINGS and not _HEADINGS.isdisjoint(inside):
        raise RefusedMarkup(f"<{tag}> in a heading")


def _attributes(tag: str, text: str, pictures: Sequence[str], shown: Counter[int]) -> str:
    made = ""
    for name, value in _ATTRIBUTE.findall(text):
        if tag in _MATH:
            if name not in _MATH_ATTRIBUTES or not _MATH_VALUE.fullmatch(value):
                raise RefusedMarkup(f"{name} of <{tag}>")
        elif name == "class" and tag in ("div", "span"):
            value = " ".join(word for word in value.split() if word in _PIECES)
        elif (tag, name) == ("img", "src"):
            value = _source(value, pictures, shown)
        elif (tag, name) == ("a", "href"):
            if not _LINK.match(value):
                raise RefusedMarkup("href")
        elif (tag, name) not in (("img", "alt"), ("a", "rel")):
            raise RefusedMarkup(f"{name} of <{tag}>")
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
        raise RefusedMarkup("src")
    return value
