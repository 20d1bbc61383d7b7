"""HTML from a process that converts a stranger's text is shown only if all of it is listed."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.sandbox.markup import MAX_DEPTH, RefusedMarkup, checked_markup

PICTURE = "data:image/jpeg;base64,iVBORw0KGgo="

ALLOWED = [
    "",
    "text &amp; more\n",
    '<h1>a</h1>\n<p>b<br>c <strong>d</strong> <img src="data:image/png;base64,AA==" alt="x"></p>',
    '<div class="highlight"><pre><span></span><span class="kn">import</span></pre></div>',
    "<table>\n<thead>\n<tr>\n<th>a</th></tr></thead><tbody><tr><td>1</td></tr></tbody></table>",
    '<p>a <math display="inline"><msub><mi>x</mi><mn>1</mn></msub><mo>&lt;</mo></math> b</p>',
    "<ul>\n<li><p>a</p>\n<ul><li>b</li></ul></li></ul>",
]

REFUSED = [
    "<script>alert(1)</script>",
    "<style>*{}</style>",
    "<svg></svg>",
    "<iframe></iframe>",
    "<article></article>",
    "<section></section>",
    "</article>",
    "</div>",
    "<div>",
    "<div></p></div>",
    "<b><i></b></i>",
    "<aside class='verdict'></aside>",
    '<p onclick="x">a</p>',
    '<p style="x">a</p>',
    '<div id="main"></div>',
    '<img src="https://example.org/x.png">',
    '<img src="data:image/svg+xml;base64,AA==">',
    '<img src="data:image/png;base64,AA" onerror="x">',
    "<img src=x onerror=y>",
    '<a href="javascript:alert(1)">x</a>',
    '<a href="data:text/html,x">x</a>',
    "<!-- a -->",
    "<!doctype html>",
    "<p",
    "a < b",
    "a > b",
    "<P></P>",
    "<br/>",
    "<a><div><a></a></div></a>",
    "<h1><h2></h2></h1>",
    "<li></li>",
    "<tr></tr>",
    "<mi>x</mi>",
    "<math><p>x</p></math>",
    "<math><mtext><b>x</b></mtext></math>",
    "<p><mrow></mrow></p>",
    "<math><math></math></math>",
    "<math><annotation-xml></annotation-xml></math>",
    "<math><mglyph></mglyph></math>",
    '<math href="https://example.org"><mi>x</mi></math>',
    '<math><mi onclick="x">x</mi></math>',
    '<math><mi style="x">x</mi></math>',
    '<math><mspace width="url(https://example.org)"></mspace></math>',
    "<table>text</table>",
    "<table><div></div></table>",
    "<table><tr><td><div><td></td></div></td></tr></table>",
    "<b>" * (MAX_DEPTH + 1) + "</b>" * (MAX_DEPTH + 1),
]


@pytest.mark.parametrize("html", ALLOWED)
def test_what_is_listed_stays_as_it_is(html: str) -> None:
    """Every sign of it."""
    assert checked_markup(html) == html


@pytest.mark.parametrize("html", REFUSED)
def test_all_else_is_refused(html: str) -> None:
    """Whatever stands around it."""
    for whole in (html, f"<p>a</p>{html}<p>b</p>"):
        with pytest.raises(RefusedMarkup):
            checked_markup(whole)


def test_a_class_of_the_page_is_left_out() -> None:
    """A piece of code may have its own; nothing looks like a verdict."""
    made = checked_markup('<div class="verdict passed highlight"></div><span class="top"></span>')
    assert made == '<div class="highlight"></div><span></span>'


def test_links_say_nothing_of_the_page() -> None:
    """Each has the words for it, once."""
    words = 'rel="noreferrer noopener"'
    link = f'<a href="https://example.org" {words}>x</a>'
    assert checked_markup('<a href="https://example.org">x</a>') == checked_markup(link) == link


def test_pictures_take_the_place_of_their_numbers() -> None:
    """One that isn't there is left out."""
    numbered = '<img src="data:image/png;base64,attachment-{}" alt="a">'
    assert checked_markup(numbered.format(0), [PICTURE]) == f'<img src="{PICTURE}" alt="a">'
    assert checked_markup(numbered.format(1), [PICTURE]) == '<img alt="a">'


class Elements(HTMLParser):
    """Collects what a reader of HTML sees."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen |= {tag, *(name for name, _ in attrs)}


WORDS = (
    "< > </ /> \" ' = <p> </p> <div </div> <b><i> </b> <script> script <table> </table> <tr> <td> "
    '<a href=" <img src=" data:image/png;base64, javascript: onerror= class=" &lt; <!-- --> '
    "</article> <article> <section> x"
)
PIECES = st.sampled_from(WORDS.split(" "))


@given(st.lists(PIECES, max_size=30).map(" ".join) | st.lists(PIECES, max_size=30).map("".join))
def test_nothing_else_gets_through(html: str) -> None:
    """Whatever is put together: of what passes, another reader sees only what is listed."""
    try:
        made = checked_markup(html)
    except RefusedMarkup:
        return
    reader = Elements()
    reader.feed(made)
    assert not reader.seen & {"script", "article", "section", "onerror", "style"}
    assert not re.search(r"</(article|section|script)", made)
