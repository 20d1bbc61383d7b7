"""In the child: a notebook's texts and code as HTML, by mistune, Pygments and nh3.

Formulas come as MathML, which is put into the cleaned HTML in the place of a mark.

Converters take time in the square of some texts' size, and may have faults of their own, so they
run here, with a student's powers. What comes of them is checked again by who shows it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache

import nh3
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from pygments import highlight  # type: ignore[import-untyped]
from pygments.formatters import HtmlFormatter  # type: ignore[import-untyped]
from pygments.lexers import get_lexer_by_name  # type: ignore[import-untyped]
from pygments.util import ClassNotFound  # type: ignore[import-untyped]

from grader.sandbox.guest.notebooks.formulas import Unwritten, mathml
from grader.sandbox.guest.scope import Foreign

#: Elements that are kept; all of them stand for text, pictures and tables alone.
_TAGS = (
    "a b blockquote br code dd del details div dl dt em h1 h2 h3 h4 h5 h6 hr i img li ol p pre s "
    "span strong sub summary sup table tbody td th thead tr u ul"
)
_ATTRIBUTES = {"div": {"class"}, "span": {"class"}, "a": {"href"}, "img": {"src", "alt"}}
#: Languages whose code is colored; the first that is there is a notebook's own.
_OWN = ("ipython3", "python")
#: What stands for a formula until the HTML is cleaned, and how many there may be in a cell.
_MARK = re.compile("\ue000([0-9]{1,4})\ue001")
_MARKS = str.maketrans(dict.fromkeys("\ue000\ue001", "\ufffd"))
MAX_FORMULAS = 500
_TAG = re.compile("(<[^>]*>)")
_LANGUAGES = ("python", "py", "python3", "ipython3", "bash", "sh", "text", "json", "latex", "c")

Lexer = Foreign


def warm() -> None:
    """Load all that a conversion needs: later, no file may be opened."""
    text = "# a\n$b_1$ $$\\frac{a}{b}$$\n```python\nc\n```"
    for kind, source in (("code", "%time x = 1"), ("markdown", text)):
        _html(kind, source, {})


def convert(request: bytes) -> Iterator[bytes]:
    """Yield the HTML of each cell, as UTF-8; nothing of one that can't be converted.

    *request* is a JSON list of [kind, source, numbers of pictures by name], which the grader made.
    A picture is left out: its number stands in its place, as ``data:image/png;base64,attachment-7``
    """
    for kind, source, pictures in json.loads(request):
        try:
            yield _html(kind, source, pictures).encode("utf-8", "replace")
        except Exception:
            yield b""


def _html(kind: str, source: str, pictures: Mapping[str, int]) -> str:
    if kind == "code":
        return _clean(str(highlight(source, _lexers()[""], HtmlFormatter())), pictures)
    numbered = {name: _place(number) for name, number in pictures.items()}
    parse: Foreign = MarkdownWithMath
    renderer = Renderer(escape=False, attachments=_attached(numbered))
    made = _clean(parse(renderer=renderer).render(source.translate(_MARKS)), pictures)
    return _with_formulas(made, renderer.formulas)


def _with_formulas(html: str, formulas: Sequence[str]) -> str:
    """Return cleaned *html* with *formulas* in the place of their marks, outside of tags."""

    def formula(found: re.Match[str]) -> str:
        number = int(found[1])
        return formulas[number] if number < len(formulas) else ""

    pieces = _TAG.split(html)
    return "".join(
        _MARK.sub("" if number % 2 else formula, piece) for number, piece in enumerate(pieces)
    )


def _place(number: int) -> str:
    return f"attachment-{number}"


def _attached(places: Mapping[str, str]) -> dict[str, dict[str, str]]:
    return {name: {"image/png": place} for name, place in places.items()}


class Renderer(IPythonRenderer):
    """nbconvert's, without links to headings, diagrams, or lexers that would have to be loaded."""

    def __init__(self, **options: Foreign) -> None:
        super().__init__(exclude_anchor_links=True, **options)
        self.formulas: list[str] = []

    def block_math(self, body: str) -> str:
        return self._formula(body, super().block_math(body), block=True)

    def inline_math(self, body: str) -> str:
        return self._formula(body, super().inline_math(body), block=False)

    def latex_environment(self, name: str, body: str) -> str:
        whole = f"\\begin{{{name}}}{body}\\end{{{name}}}"
        return self._formula(whole, super().latex_environment(name, body), block=True)

    def _formula(self, body: str, written: str, *, block: bool) -> str:
        """Return a mark in the place of a formula, or it as it was *written*."""
        if len(self.formulas) >= MAX_FORMULAS:
            return written
        try:
            self.formulas.append(mathml(body, block=block))
        except Unwritten:
            return written
        return f"\ue000{len(self.formulas) - 1}\ue001"

    def block_code(self, code: str, info: str | None = None) -> str:
        words = (info or "").split()
        lexer = _lexers().get(words[0].lower()) if words else None
        if lexer is None:
            return f"<pre><code>{self.escape_html(code)}</code></pre>\n"
        return str(highlight(code, lexer, HtmlFormatter()))


@cache
def _lexers() -> dict[str, Lexer]:
    """Return the lexers by their languages; that of a notebook's code has no name."""
    found: dict[str, Lexer] = {}
    for name in (*_OWN, *_LANGUAGES):
        try:
            found[name] = get_lexer_by_name(name)
        except ClassNotFound:
            continue
    found[""] = next(found[name] for name in _OWN if name in found)
    return found


def _clean(html: str, pictures: Mapping[str, int]) -> str:
    return nh3.clean(
        html,
        tags=set(_TAGS.split()),
        clean_content_tags={"script", "style", "svg", "math"},
        attributes=_ATTRIBUTES,
        url_schemes={"http", "https", "mailto", "data", "attachment"},
        attribute_filter=_filter(pictures),
        link_rel="noreferrer noopener",
    )


def _filter(pictures: Mapping[str, int]) -> Callable[[str, str, str], str | None]:
    """Return what keeps, changes or leaves out an attribute's value."""

    def kept(tag: str, name: str, value: str) -> str | None:
        if name == "src":
            number = pictures.get(value.removeprefix("attachment:"))
            if value.startswith("attachment:") and number is not None:
                return f"data:image/png;base64,{_place(number)}"
            return value if re.match(r"data:image/(png|jpeg);base64,", value) else None
        if name == "href":
            return value if re.match(r"https?://|mailto:", value) else None
        return value

    return kept
