"""In the child: formulas of a text as MathML, by latex2mathml; what it can't read stays as it is.

Only elements and attributes that show something are written, each text escaped anew.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from latex2mathml.converter import convert_to_element

from grader.sandbox.guest.scope import Foreign

#: Characters of a formula that is converted, and how many elements it may make.
MAX_FORMULA, MAX_ELEMENTS = 2_000, 2_000

_TAG_NAMES = (
    "math menclose mfrac mi mn mo mover mpadded mphantom mroot mrow mspace msqrt mstyle msub "
    "msubsup msup mtable mtd mtext mtr munder munderover"
)
_ATTRIBUTE_NAMES = (
    "accent columnalign columnlines displaystyle display fence form height linethickness lspace "
    "mathvariant maxsize minsize notation rowlines rspace scriptlevel separator stretchy width"
)
_TAGS, _ATTRIBUTES = frozenset(_TAG_NAMES.split()), frozenset(_ATTRIBUTE_NAMES.split())
_VALUE = re.compile(r"[A-Za-z0-9 .%+-]{1,40}")


class Unwritten(ValueError):
    """A formula isn't converted: it is shown as it was written."""


def mathml(latex: str, *, block: bool) -> str:
    """Return a formula as MathML. Raises :class:`Unwritten`."""
    if len(latex) > MAX_FORMULA:
        raise Unwritten
    try:
        element = convert_to_element(latex, display="block" if block else "inline")
        made = list(_written(element))
    except Exception as error:
        raise Unwritten from error
    if len(made) > 3 * MAX_ELEMENTS:
        raise Unwritten
    return "".join(made)


def _written(element: Foreign) -> Iterator[str]:
    if element.tag not in _TAGS:
        raise Unwritten
    kept = "".join(
        f' {name}="{value}"'
        for name, value in element.attrib.items()
        if name in _ATTRIBUTES and _VALUE.fullmatch(value)
    )
    yield f"<{element.tag}{kept}>"
    # Its own texts hold characters as numbers, which a browser would read as such.
    yield html.escape(html.unescape(element.text or "").strip(), quote=False)
    for inner in element:
        yield from _written(inner)
    yield f"</{element.tag}>"
