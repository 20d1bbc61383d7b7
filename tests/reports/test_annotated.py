"""The student's notebook back: whole, judged, and harmless."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest

from grader.classroom.handed_back import ReadNotebook, read_notebook
from grader.marking.notebooks.alignment import Aligner
from grader.reports import annotated, notebook_page
from grader.sandbox import CellText, Fault, Limits, Sandbox, conversion
from grader.sandbox.errors import ChildEnded, ChildExit
from grader.sandbox.protocol import frames

NAME = "FullyConnectedNets"
SECRET, SIGN = "5" * 64, "c0ffee00"
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


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """What a worker has cells converted in."""
    with Sandbox(Limits()) as made:
        yield made


def read(data: bytes, released: bytes, sandbox: Sandbox) -> ReadNotebook:
    """Read and align a notebook, and have it converted, as a worker does."""
    aligned = Aligner({NAME: released}).align({NAME: data})[NAME]
    return read_notebook(data, aligned.matching, sandbox, SECRET)


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
def parts(released: bytes, sandbox: Sandbox) -> list[notebook_page.PagePart]:
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
    return annotated.annotate(NAME, read(data, released, sandbox), {**RESULT, "questions": asked})


def test_verdicts_follow_their_answers(parts: list[notebook_page.PagePart]) -> None:
    """Each stands after the answer or its question's last check; without one, at the end."""
    at = {p.question["id"]: i for i, p in enumerate(parts) if p.question}
    assert list(at) == [q["id"] for q in RESULT["questions"]]
    before = parts[at["inline-1"] - 1].cell
    assert before is not None
    assert before.cell["source"] == EVIL
    last = parts[at["two-layer-net"] - 1].cell
    assert last is not None
    assert "for reg in (0.0, 0.7)" in last.cell["source"]
    assert at["inline-2"] == len(parts) - 1


def test_the_notebook_is_valid(parts: list[notebook_page.PagePart]) -> None:
    """It is of the present format, and a verdict's words are no markup in it."""
    made = annotated.notebook(parts, SIGN)
    nbformat.validate(nbformat.from_dict(made))
    said = [c["source"] for c in made["cells"] if c["id"] == "verdict-two-layer-net"]
    shown = "Look &lt;b&gt;here&lt;/b&gt; at \\`x\\_y\\`."
    assert said == [f"> **two-layer-net: Not right yet** (0 / 3) `{SIGN}`\n>\n> {shown}"]


def test_the_page_runs_and_loads_nothing(parts: list[notebook_page.PagePart]) -> None:
    """Whatever the notebook holds, the page has no script, no frame and nothing from elsewhere."""
    page = notebook_page.page(parts, "ada")
    assert "default-src &#39;none&#39;" in page
    for tag in ("script", "iframe", "object", "form", "base"):
        assert f"<{tag}" not in page
    assert page.count("<style>") == page.count("</main>") == 1
    assert not re.search(r"""<[^>]*\s(on\w+|style)=""", page)
    sources = re.findall(r"""<[^>]*\ssrc=["']([^"']*)""", page)
    assert sources == [f"data:image/png;base64,{PICTURE}"]
    links = re.findall(r"""<[^>]*\shref=["']([^"']*)""", page)
    assert all(link.startswith(("#", "https://", "http://", "data:,")) for link in links)


def test_a_student_cannot_draw_a_verdict(parts: list[notebook_page.PagePart]) -> None:
    """Only the grader's own cells look like a verdict."""
    page = notebook_page.page(parts, "ada")
    assert page.count('class="verdict') == len(RESULT["questions"])
    assert page.count("<aside") == len(RESULT["questions"])


@pytest.mark.parametrize("data", [b"", b"{", b'{"cells": [{"cell_type": "code"}, 4]}'])
def test_what_cannot_be_read_comes_back_with_its_verdicts(
    data: bytes, released: bytes, sandbox: Sandbox
) -> None:
    """A broken notebook gives a valid one in which every question has its verdict."""
    parts = annotated.annotate(NAME, read(data, released, sandbox), RESULT)
    nbformat.validate(nbformat.from_dict(annotated.notebook(parts, SIGN)))
    told = [part.question["id"] for part in parts if part.question]
    assert sorted(told) == sorted(question["id"] for question in RESULT["questions"])


@pytest.fixture
def shown(sandbox: Sandbox) -> Callable[..., str]:
    """Return what makes the page of a notebook with some cells."""

    def page(*cells: dict[str, Any]) -> str:
        made = [{"metadata": {}, "outputs": [], "execution_count": None, **cell} for cell in cells]
        whole = {"cells": made, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
        data = json.dumps(whole).encode()
        read_back = read(data, data, sandbox)
        parts = annotated.annotate(NAME, read_back, {"submission": "ada", "questions": []})
        nbformat.validate(nbformat.from_dict(annotated.notebook(parts, SIGN)))
        text = notebook_page.page(parts, "ada")
        text.encode("utf-8")
        return text.partition('<article class="notebook">')[2]

    return page


def text(source: str, **fields: Any) -> dict[str, Any]:
    return {"cell_type": "markdown", "source": source, **fields}


def test_every_verdict_bears_the_sign_of_its_file(parts: list[notebook_page.PagePart]) -> None:
    """It is named in the first cell."""
    cells = annotated.notebook(parts, SIGN)["cells"]
    assert f"`{SIGN}`" in cells[0]["source"]
    verdicts = [c for c in cells if "verdict" in c["metadata"].get("tags", [])]
    assert len(verdicts) == len(QUESTIONS)
    assert all(c["source"].splitlines()[0].endswith(f"`{SIGN}`") for c in verdicts)


def test_who_knows_no_secret_knows_no_sign(released: bytes, sandbox: Sandbox) -> None:
    """It follows from the key's secret and the file, and is the same when it is written again."""
    matching = Aligner({NAME: released}).align({NAME: released})[NAME].matching
    other = released.replace(b"\n", b" ", 1)
    signs = [
        read_notebook(data, matching, sandbox, secret).sign
        for data, secret in ((released, SECRET), (other, SECRET), (released, "6" * 64))
    ]
    assert len(set(signs)) == 3
    assert read_notebook(released, matching, sandbox, SECRET).sign == signs[0]


def test_a_pasted_picture_is_shown(shown: Callable[..., str]) -> None:
    """A PNG or JPEG is; where it is missing, or something else, the cell is shown as source."""
    page = shown(
        text("![a](attachment:a.png)", attachments={"a.png": {"image/png": PICTURE}}),
        text("![b](attachment:gone.png)"),
        text("![c](attachment:c.svg)", attachments={"c.svg": {"image/svg+xml": "<svg/>"}}),
        text("![d](attachment:d.png)", attachments=["d.png"]),
        text('<img src="attachment:e.png">', attachments={"e.png": {"image/jpeg": PICTURE}}),
        text("**after**"),
    )
    assert f'<img src="data:image/png;base64,{PICTURE}" alt="a">' in page
    assert f'<img src="data:image/jpeg;base64,{PICTURE}">' in page
    for source in ("b](attachment:gone.png", "c](attachment:c.svg", "d](attachment:d.png"):
        assert f"<pre>![{source})</pre>" in page
    assert page.count("it could not be converted") == 1
    assert "<strong>after</strong>" in page


def test_a_picture_in_a_text_counts_for_no_length(shown: Callable[..., str]) -> None:
    """A megabyte of picture among words: all of it is shown, and given back in the notebook."""
    picture = "iVBORw0K" * 125_000
    page = shown(text(f"**before** ![p](data:image/png;base64,{picture}) **after**"))
    assert f'src="data:image/png;base64,{picture}"' in page
    assert "<strong>before</strong>" in page
    assert "<strong>after</strong>" in page


def test_one_picture_makes_no_endless_page(shown: Callable[..., str]) -> None:
    """Named five hundred times, it is shown three times."""
    picture = {"p": {"image/png": PICTURE * 1_000}}
    page = shown(text("![x](attachment:p) " * 500, attachments=picture))
    assert page.count(f"{PICTURE * 1_000}") == 3
    assert page.count('<img alt="x">') == 497


def test_half_a_character_stops_nothing(shown: Callable[..., str]) -> None:
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
def test_a_large_cell_is_shown_as_source(kind: str, shown: Callable[..., str]) -> None:
    """What is over the limit isn't converted, and what it printed is still there."""
    cell = {"cell_type": kind, "source": "**a** <b> ![" * 9_000}
    cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "<printed>"}]
    page = shown(text("**before**"), cell, text("**after**"))
    assert "<pre>**a** &lt;b&gt; ![" in page
    assert ("&lt;printed&gt;</pre>" in page) == (kind == "code")
    assert "<strong>before</strong>" in page
    assert "<strong>after</strong>" in page


def test_a_large_notebook_is_converted_in_part(shown: Callable[..., str]) -> None:
    """Up to a million characters; the rest is shown as source."""
    page = shown(*(text(f"**{number}** " + "word " * 1_900) for number in range(110)))
    assert "<strong>0</strong>" in page
    assert "<pre>**109** word" in page
    assert page.count("word word") >= 110


@pytest.mark.parametrize("level", ["landlock+seccomp", "seccomp-strict", "none"])
def test_cells_are_converted_at_every_level(level: str) -> None:
    """Where no file can be opened, too: all that a conversion needs is there before."""
    cells = [
        CellText("markdown", "# a\n$x_1$ **b**\n\n```python\nc = 1\n```\n```rust\nfn\n```\n"),
        CellText("code", "%time d = '<'"),
    ]
    with Sandbox(Limits(), level=level, allow_unsandboxed=level == "none") as made:
        one, two = made.convert(cells)
    assert "<h1>a</h1>" in one.html
    assert "<msub><mi>x</mi><mn>1</mn></msub></mrow></math> <strong>b</strong>" in one.html
    assert '<span class="n">c</span>' in one.html
    assert "<pre><code>fn\n</code></pre>" in one.html
    assert "&lt;" in two.html


def test_a_process_that_cannot_be_started_costs_the_page_its_form(
    monkeypatch: pytest.MonkeyPatch, sandbox: Sandbox
) -> None:
    """The cells are still there, and it is said why they are as they were written."""

    def fails(*args: object) -> Any:
        raise Fault("no process")

    monkeypatch.setattr(Sandbox, "_other", fails)
    found = sandbox.convert([CellText("markdown", "**a**")])
    assert [each.reason for each in found] == ["fault"]


class FakeChild:
    """A process that answers with these frames, then ends; or hangs, at 100 % of a processor."""

    def __init__(self, *answers: bytes, hangs: bool = False, seconds: float = 0.0) -> None:
        self._decoder, self._hangs, self._cpu = frames.Decoder(), hangs, seconds
        for answer in (frames.frame(frames.READY, b"{}"), *answers):
            self._decoder.feed(answer)
        self.sent = b""

    def send(self, *messages: bytes) -> None:
        self.sent += b"".join(messages)

    def receive(self, seconds: float) -> frames.Frame | None:
        found = self._decoder.next()
        if found is None and not self._hangs:
            raise ChildEnded
        if found is None:
            self._cpu += seconds
        return found

    def cpu_seconds(self) -> float:
        return self._cpu

    def waiting_seconds(self) -> float:
        return 0.0

    def close(self) -> ChildExit:
        return ChildExit(1, self._cpu, 0, by_grader=self._hangs)


TEXTS = [CellText("markdown", letter) for letter in "abc"]


def html(*texts: bytes) -> list[bytes]:
    return [frames.frame(frames.CONVERTED, text) for text in texts]


def reasons(*children: FakeChild) -> list[str]:
    """Return why each of three texts isn't converted by processes that are started in turn."""
    found = conversion.Conversion(iter(children).__next__).convert(TEXTS)
    return [each.reason for each in found]


def test_a_cell_that_takes_too_long_costs_itself() -> None:
    """Its process is ended, and another one gets what is left."""
    second = FakeChild(*html(b"<p>c</p>"))
    assert reasons(FakeChild(*html(b"<p>a</p>"), hangs=True), second) == ["", "timed_out", ""]
    assert b'"c"' in second.sent
    assert b'"b"' not in second.sent


def test_without_time_the_rest_is_shown_as_source() -> None:
    """CPU time is bounded for a notebook as a whole."""
    used = conversion.ALL_SECONDS
    assert reasons(FakeChild(*html(b"<p>a</p>"), seconds=used)) == ["", "all", "all"]


def test_html_is_bounded() -> None:
    """What makes more of it than a cell may have is shown as source; so is what gives none."""
    large = b"x" * (conversion.MAX_HTML + 1)
    assert reasons(FakeChild(*html(large, b"", b"c"))) == ["large", "unconverted", ""]


@pytest.mark.parametrize(
    "answer",
    [b"", b"\xff" * 40, frames.frame(frames.OUTCOMES, b"[]"), frames.frame(99, b"")],
    ids=["none", "no frame", "another frame", "an unknown frame"],
)
def test_a_process_that_answers_anything_costs_its_cell(answer: bytes) -> None:
    """After a few of them no more are started."""
    started: list[FakeChild] = []

    def start() -> FakeChild:
        started.append(FakeChild(answer))
        return started[-1]

    found = conversion.Conversion(start).convert(TEXTS * 10)
    assert {each.reason for each in found} == {"died", "fault"}
    assert len(started) < 10
