"""The student's notebook back: whole, judged, and harmless."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import nbformat
import pytest

from grader.classroom.worker import ReadNotebook
from grader.marking.notebooks.alignment import Aligner
from grader.reports import annotated

NAME = "FullyConnectedNets"
PICTURE = "iVBORw0KGgo="
EVIL = (
    "<script>alert(1)</script><img src='http://evil.example/x.png' onerror='alert(1)'>"
    "<aside class='verdict passed'>Right 3 / 3</aside><div class='verdict'>x</div>"
    "<a href='javascript:alert(1)'>y</a><iframe src='//evil.example'></iframe></div></main>"
    "<style>body{display:none}</style> [z](javascript:alert(2)) ![](http://evil.example/z.png)"
)


@pytest.fixture(scope="module")
def released(root: Path) -> bytes:
    """The notebook that students get."""
    return (root / "student_template" / f"{NAME}.ipynb").read_bytes()


def read(data: bytes, released: bytes) -> ReadNotebook:
    """Read and align a notebook, as a worker does."""
    aligned = Aligner({NAME: released}).align({NAME: data})[NAME]
    return ReadNotebook(data, aligned.matching)


def question(id: str, status: str, **fields: Any) -> dict[str, Any]:
    made = {"id": id, "notebook": NAME, "title": id, "score": 0.0, "max_score": 3.0}
    return {**made, "status": status, "given": [], "notes": [], "checks": [], **fields}


QUESTIONS = [
    question("affine-forward", "passed", score=3.0),
    question("inline-1", "needs_marking", evidence={"answer": "x"}),
    question("two-layer-net", "failed", notes=["Look <b>here</b> at `x_y`."]),
    question("inline-2", "failed", notes=["It isn't there."]),
]
RESULT: dict[str, Any] = {"submission": "ada", "questions": QUESTIONS}


@pytest.fixture(scope="module")
def parts(released: bytes) -> list[annotated.PagePart]:
    """A notebook with what a stranger might put into it, judged."""
    document = json.loads(released)
    by_id = {cell["id"]: cell for cell in document["cells"]}
    by_id["inline-1-answer"]["source"] = EVIL
    by_id["inline-1-answer"]["metadata"] = {"tags": ["grader", "verdict"]}
    by_id["affine-forward-check"]["outputs"] = [
        {"output_type": "display_data", "metadata": {}, "data": {"text/html": EVIL}},
        {"output_type": "display_data", "metadata": {}, "data": {"image/png": PICTURE}},
        {"output_type": "display_data", "metadata": {}, "data": {"image/svg+xml": "<svg/>"}},
        {"output_type": "stream", "name": "stdout", "text": "<script>alert(3)</script>" * 5000},
        {"output_type": "error", "ename": "E", "evalue": EVIL, "traceback": [EVIL, 3]},
        "no output",
    ]
    for gone in ("inline-2-text", "inline-2-answer"):
        document["cells"].remove(by_id[gone])
    # Where an answer was found counts before where its cell should be.
    evidence = {"answer": "x", "cell": 1 + document["cells"].index(by_id["inline-1-answer"])}
    asked = [{**q, "evidence": evidence} if q["id"] == "inline-1" else q for q in QUESTIONS]
    data = json.dumps(document).encode()
    return annotated.annotate(NAME, read(data, released), {**RESULT, "questions": asked})


def test_verdicts_follow_their_answers(parts: list[annotated.PagePart]) -> None:
    """Each stands after the answer or its question's last check; without one, at the end."""
    at = {p.question["id"]: i for i, p in enumerate(parts) if p.question}
    assert list(at) == [q["id"] for q in RESULT["questions"]]
    before = parts[at["inline-1"] - 1].cell
    assert before is not None
    assert before["source"] == EVIL
    last = parts[at["two-layer-net"] - 1].cell
    assert last is not None
    assert "for reg in (0.0, 0.7)" in last["source"]
    assert at["inline-2"] == len(parts) - 1


def test_the_notebook_is_valid(parts: list[annotated.PagePart]) -> None:
    """It is of the present format, and a verdict's words are no markup in it."""
    made = annotated.notebook(parts)
    nbformat.validate(nbformat.from_dict(made))
    said = [c["source"] for c in made["cells"] if c["id"] == "verdict-two-layer-net"]
    shown = "Look &lt;b&gt;here&lt;/b&gt; at \\`x\\_y\\`."
    assert said == [f"> **two-layer-net: Not right yet** (0 / 3)\n>\n> {shown}"]


def test_the_page_runs_and_loads_nothing(parts: list[annotated.PagePart]) -> None:
    """Whatever the notebook holds, the page has no script, no frame and nothing from elsewhere."""
    page = annotated.page(parts, "ada")
    assert "default-src &#39;none&#39;" in page
    for tag in ("script", "iframe", "object", "form", "base"):
        assert f"<{tag}" not in page
    assert page.count("<style>") == page.count("</main>") == 1
    assert not re.search(r"""<[^>]*\s(on\w+|style)=""", page)
    sources = re.findall(r"""<[^>]*\ssrc=["']([^"']*)""", page)
    assert sources == [f"data:image/png;base64,{PICTURE}"]
    links = re.findall(r"""<[^>]*\shref=["']([^"']*)""", page)
    assert all(link.startswith(("#", "https://", "http://", "data:,")) for link in links)


def test_a_student_cannot_draw_a_verdict(parts: list[annotated.PagePart]) -> None:
    """Only the grader's own cells look like a verdict."""
    page = annotated.page(parts, "ada")
    assert page.count('class="verdict') == len(RESULT["questions"])
    assert page.count("<aside") == len(RESULT["questions"])


@pytest.mark.parametrize("data", [b"", b"{", b'{"cells": [{"cell_type": "code"}, 4]}'])
def test_what_cannot_be_read_comes_back_with_its_verdicts(data: bytes, released: bytes) -> None:
    """A broken notebook gives a valid one in which every question has its verdict."""
    parts = annotated.annotate(NAME, read(data, released), RESULT)
    nbformat.validate(nbformat.from_dict(annotated.notebook(parts)))
    told = [part.question["id"] for part in parts if part.question]
    assert sorted(told) == sorted(question["id"] for question in RESULT["questions"])


def shown(*cells: dict[str, Any], **options: Any) -> str:
    """Return the page of a notebook with these cells."""
    made = [{"metadata": {}, "outputs": [], "execution_count": None, **cell} for cell in cells]
    data = json.dumps({"cells": made, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()
    parts = annotated.annotate(NAME, read(data, data), {"submission": "ada", "questions": []})
    nbformat.validate(nbformat.from_dict(annotated.notebook(parts)))
    page = annotated.page(parts, "ada", **options)
    page.encode("utf-8")
    return page.partition('<div class="notebook">')[2]


def text(source: str, **fields: Any) -> dict[str, Any]:
    return {"cell_type": "markdown", "source": source, **fields}


def test_a_pasted_picture_is_shown() -> None:
    """A PNG or JPEG is; where it is missing, or something else, the cell is shown as source."""
    page = shown(
        text("![a](attachment:a.png)", attachments={"a.png": {"image/png": PICTURE}}),
        text("![b](attachment:gone.png)"),
        text("![c](attachment:c.svg)", attachments={"c.svg": {"image/svg+xml": "<svg/>"}}),
        text("![d](attachment:d.png)", attachments=["d.png"]),
        text("**after**"),
    )
    assert f'<img alt="a" src="data:image/png;base64,{PICTURE}">' in page
    for source in ("b](attachment:gone.png", "c](attachment:c.svg", "d](attachment:d.png"):
        assert f"<pre>![{source})</pre>" in page
    assert "<strong>after</strong>" in page


def test_half_a_character_stops_nothing() -> None:
    """In a text, in code, in all that a cell printed: a sign stands for it."""
    half = "\ud83d"
    outputs = [
        {"output_type": "stream", "name": "stdout", "text": f"s{half}"},
        {"output_type": "error", "ename": half, "evalue": half, "traceback": [f"t{half}"]},
        {"output_type": "execute_result", "metadata": {}, "data": {"text/plain": f"p{half}"}},
    ]
    page = shown(
        text(f"m{half}", attachments={half: {"image/png": PICTURE}}),
        {"cell_type": "code", "source": f"c = '{half}'", "outputs": outputs},
    )
    assert all(f"{letter}\ufffd" in page for letter in "mstp")


@pytest.mark.parametrize("kind", ["markdown", "code", "raw"])
def test_a_large_cell_is_shown_as_source(kind: str) -> None:
    """What is over the limit isn't converted, and what it printed is still there."""
    cell = {"cell_type": kind, "source": "**a** <b> ![" * 9_000}
    cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "<printed>"}]
    page = shown(text("**before**"), cell, text("**after**"))
    assert "<pre>**a** &lt;b&gt; ![" in page
    assert ("&lt;printed&gt;</pre>" in page) == (kind == "code")
    assert "<strong>before</strong>" in page
    assert "<strong>after</strong>" in page


def test_a_large_notebook_is_converted_in_part() -> None:
    """Up to a million characters; the rest is shown as source."""
    page = shown(*(text(f"**{number}** " + "word " * 1_900) for number in range(110)))
    assert "<strong>0</strong>" in page
    assert "<pre>**109** word" in page
    assert page.count("word word") >= 110


def test_without_time_all_is_shown_as_source() -> None:
    """CPU time is bounded for a notebook as a whole."""
    assert "<pre>**a**</pre>" in shown(text("**a**"), seconds=0.0)


def test_a_cell_that_cannot_be_converted_costs_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its neighbours are converted."""
    from nbconvert.filters.markdown_mistune import MarkdownWithMath

    render = MarkdownWithMath.render

    def fails(self: Any, source: str) -> Any:
        if "bad" in source:
            raise RecursionError
        return render(self, source)

    monkeypatch.setattr(MarkdownWithMath, "render", fails)
    page = shown(text("**a**"), text("**bad**"), text("**c**"))
    assert "<pre>**bad**</pre>" in page
    assert "<strong>a</strong>" in page
    assert "<strong>c</strong>" in page
