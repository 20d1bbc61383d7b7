"""Twenty and more damaged notebooks, each with the row that comes of it."""

from __future__ import annotations

import json
from dataclasses import dataclass

import pytest
from notebooks_handed_in import (
    ANSWER,
    NAME,
    RELEASED,
    another_course,
    answered,
    cell,
    code,
    doubled,
    filled,
    format_3,
    handed_in,
    in_the_next,
    in_the_question,
    markdown,
    merged,
    moved,
    place,
    without_cell,
    without_ids,
    without_tags,
)

from grader.marking.notebooks import written
from grader.marking.notebooks.alignment import AlignedNotebook, Aligner
from grader.model.assignment import Question
from grader.submissions import notebooks

INLINE = Question("inline-1", NAME, "Inline 1", 3, kind="written")


@dataclass(frozen=True)
class Row:
    """What is expected: the answer's status and text, how two cells were found, what is missing.

    ``note`` stands in what is said about the notebook or the question.
    """

    status: str = "needs_marking"
    answer: str = ANSWER
    found: str = "id"
    training: str = "id"
    missing: int = 0
    note: str = ""


def damaged() -> dict[str, tuple[bytes, Row]]:
    cells = len(json.loads(RELEASED)["cells"])
    gone = Row("failed", "", "", "", cells, "could not be read")
    whole = handed_in()
    outputs = {"output_type": "stream", "name": "stdout", "text": "x" * 50_000_000}
    widget = {
        "output_type": "display_data",
        "metadata": {},
        "data": {"application/vnd.jupyter.widget-view+json": {"model_id": "0"}},
    }

    def printed(*saved: object) -> bytes:
        return handed_in(lambda n: cell(n, "affine-forward-check").update(outputs=list(saved)))

    def count(value: object) -> bytes:
        return handed_in(lambda n: cell(n, "setup").update(execution_count=value))

    return {
        "untouched": (RELEASED, Row("failed", "", note="it is blank")),
        "filled in": (whole, Row()),
        "of format 3": (handed_in(format_3), Row(found="tag", training="tag")),
        "without ids": (handed_in(without_ids), Row(found="tag", training="tag")),
        "without ids and tags": (
            handed_in(without_ids, without_tags),
            Row(found="heading", training="marker", note="not by its id"),
        ),
        "a byte order mark": (b"\xef\xbb\xbf" + whole, Row()),
        "UTF-16": (whole.decode().encode("utf-16"), Row()),
        "bad UTF-8": (
            handed_in(answered(ANSWER + " @@")).replace(b"@@", b"\xff\xfe"),
            Row(answer=ANSWER + " ��", note="no UTF-8"),
        ),
        "empty": (b"", gone),
        "cut off": (whole[:5000], gone),
        "no notebook": (b'"a text"', gone),
        "absurdly nested": (b"[" * 200_000, gone),
        "cells of no list": (b'{"cells": 7, "nbformat": 4}', gone),
        "a number of 6,000 digits": (count("@").replace(b'"@"', b"9" * 6000), Row()),
        "50 MB of output": (printed(outputs), Row()),
        "a widget": (printed(widget, 5, {"output_type": None}), Row()),
        "a damaged cell": (
            handed_in(lambda n: n["cells"].insert(3, {"cell_type": "movie"})),
            Row(note="cell 4 was left out"),
        ),
        "an answer of no text": (
            handed_in(answered({"a": 1})),
            Row("failed", "", note="it is blank"),
        ),
        "question and answer merged": (
            handed_in(merged("inline-1-text", "inline-1-answer")),
            Row(found="heading"),
        ),
        "answer and next text merged": (
            handed_in(merged("inline-1-answer", "relu-backward-sandwich-text")),
            Row(),
        ),
        "answered in the question": (handed_in(in_the_question), Row(found="heading")),
        "answered in the next cell": (handed_in(in_the_next()), Row(found="place")),
        "answered in a code cell": (handed_in(in_the_next("code")), Row(found="place")),
        "a placeholder of another course": (
            handed_in(answered("**Your answer:** [FILL THIS IN]")),
            Row("failed", "", note="it is blank"),
        ),
        "the question deleted": (
            handed_in(without_cell("inline-1-text", "inline-1-answer")),
            Row("failed", "", "", missing=2, note="isn't there"),
        ),
        "the training cell deleted": (
            handed_in(without_cell("train-two-layer-net-answer"), without_ids),
            Row(found="tag", training="", missing=1, note="of train-two-layer-net"),
        ),
        "the training cell doubled": (handed_in(doubled), Row()),
        "cells moved": (handed_in(moved), Row()),
        "of a sister course": (
            handed_in(another_course),
            Row(found="heading", training="heading", missing=cells - 4),
        ),
    }


DAMAGED = damaged()


@pytest.fixture(scope="module")
def reader() -> Aligner:
    """Reads against the notebook that students get."""
    return Aligner({NAME: RELEASED})


@pytest.mark.parametrize("name", DAMAGED)
def test_each_damaged_notebook_has_its_row(name: str, reader: Aligner) -> None:
    """Whatever is wrong with a notebook, what is in it is found and what isn't is said."""
    data, row = DAMAGED[name]
    aligned = reader.align({NAME: data})[NAME]
    result = written.written_result(INLINE, aligned)
    training = aligned.matching.answer("train-two-layer-net")
    assert result.status == row.status
    assert result.evidence["answer"] == row.answer
    assert result.evidence["found"] == row.found
    assert (training.found if training else "") == row.training
    assert row.note in " ".join([*aligned.notes, *result.notes])
    if row.missing or not aligned.document.notes:
        assert len(aligned.matching.missing) == row.missing


def test_a_notebook_that_cannot_be_read_is_not_told_as_missing() -> None:
    """Each of its questions says why, as the note at the top does; one that isn't there differs."""
    (lost,) = written.written_result(INLINE, None, "it is larger than 65536 KiB").notes
    assert "without large outputs: it is larger than 65536 KiB." in lost
    (missing,) = written.written_result(INLINE, None).notes
    assert "it isn't there" in missing


def test_there_are_twenty() -> None:
    """The tests cover at least twenty kinds of damage, and no two are the same file."""
    assert len({data for data, _ in DAMAGED.values()}) == len(DAMAGED) >= 20


def test_every_cell_is_found_by_its_id(reader: Aligner) -> None:
    """In a notebook that was only filled in, every cell is found where it was."""
    aligned = reader.align({NAME: handed_in()})[NAME]
    assert all(m.released == m.index and m.found == "id" for m in aligned.matching.matches)


def test_code_cells_are_told_apart_without_ids_and_tags(reader: Aligner) -> None:
    """A question's several checks are found by their own lines, each at its place."""
    aligned: AlignedNotebook = reader.align({NAME: handed_in(without_ids, without_tags)})[NAME]
    code = [m for m in aligned.matching.matches if m.role in ("check", "plot", "save", "answer")]
    assert code
    assert [m.index for m in code] == [m.released for m in code]


def test_texts_are_bounded(reader: Aligner) -> None:
    """A print of 50 MB is cut to a few thousand characters that say so."""
    data, _ = DAMAGED["50 MB of output"]
    document = reader.align({NAME: data})[NAME].document
    (saved,) = [output for one in document.cells for output in one.outputs]
    assert len(saved.text) < 10_000
    assert "…" in saved.text


def test_an_answer_keeps_lines_that_the_question_has_too(reader: Aligner) -> None:
    """What is taken out are the lines of the answer's own cell, not those of the question."""
    text = "**Your answer:**\n\n1. Sigmoid\n2. ReLU"
    aligned = reader.align({NAME: handed_in(answered(text))})[NAME]
    assert written.answer("inline-1", aligned).text == "1. Sigmoid\n2. ReLU"


def test_an_answer_that_repeats_its_question_is_noted_for_the_marker(reader: Aligner) -> None:
    """It waits for a person as any answer does; one that says more isn't noted."""
    (asked,) = (
        cell.source
        for cell in reader.released[NAME].cells
        if cell.tags == ("question:inline-1", "text")
    )
    own = "ReLU, below zero: its slope is nothing there, and no gradient comes through."
    for text, repeated in ((asked, True), (f"{asked} {own}", False)):
        aligned = reader.align({NAME: handed_in(answered(" ".join(text.split())))})[NAME]
        result = written.written_result(INLINE, aligned)
        assert result.status == "needs_marking"
        assert ("repeated" in result.evidence) == repeated
        assert result.notes == []


def test_an_answer_is_cleaned(reader: Aligner) -> None:
    """An answer of any length is cut, and holds nothing that leads a terminal astray."""
    aligned = reader.align({NAME: handed_in(answered("a\x1b[31m\u202e" + "b" * 100_000))})[NAME]
    text = written.answer("inline-1", aligned).text
    assert len(text) <= written.MAX_ANSWER
    assert "\x1b" not in text
    assert "\u202e" not in text


@pytest.mark.parametrize("piece", ["\n", "#\n", " ", "answer ", "Your answer" + " " * 99, "* "])
def test_an_answer_of_any_signs_is_read(reader: Aligner, piece: str) -> None:
    """The longest text that is read, of what the patterns for labels begin with, ends at once.

    In the square of its size it would take minutes.
    """
    text = "I say ReLU." + piece * ((1 << 17) // len(piece) - 20)
    aligned = reader.align({NAME: handed_in(answered(text))})[NAME]
    assert written.answer("inline-1", aligned).text.startswith("I say ReLU.")


@pytest.mark.parametrize("piece", ["question(" + " " * 99, "question('", "TODO (", "# \n", "\t"])
def test_many_megabytes_of_markers_are_read(reader: Aligner, piece: str) -> None:
    """Cells that begin to name a question again and again hide no cell that names one."""
    notebook = filled()
    cell(notebook, "train-two-layer-net-answer")["id"] = "other"
    cell(notebook, "other")["metadata"] = {}
    size = (1 << 17) // len(piece) - 1
    for kind in (code, markdown):
        notebook["cells"] += [kind(piece * size) for _ in range(40)]
    data = json.dumps(notebook).encode()
    assert len(data) > 10_000_000
    (found,) = reader.align({NAME: data})[NAME].matching.of("train-two-layer-net", "answer")
    assert (found.index, found.found) == (place(notebook, "other"), "marker")


@pytest.mark.parametrize(
    "call", ["question('{}')", 'question(\n        "{}"\n    )', "pass  # TODO ({})"]
)
def test_a_cell_is_found_by_each_marker(reader: Aligner, call: str) -> None:
    """Its question called or named; one that only looks like it names nothing."""
    for name, wanted in (("train-two-layer-net", "marker"), ("train-two-layer", "heading")):
        notebook = filled()
        answer = cell(notebook, "train-two-layer-net-answer")
        answer |= {"id": "other", "metadata": {}, "source": f"x = 1\n{call.format(name)}\n"}
        aligned = reader.align({NAME: json.dumps(notebook).encode()})[NAME]
        (found,) = aligned.matching.of("train-two-layer-net", "answer")
        assert (found.index, found.found) == (place(notebook, "other"), wanted)


def test_a_missing_notebook_costs_its_own_questions(reader: Aligner) -> None:
    """Without the notebook a written question fails and says what to hand in."""
    result = written.written_result(INLINE, reader.align({}).get(NAME))
    assert (result.status, result.score) == ("failed", 0.0)
    assert f"{NAME}.ipynb" in result.notes[0]


def test_the_damage_is_real() -> None:
    """The filled notebook that all of it starts from holds the answer and the training."""
    assert ANSWER in json.dumps(filled())


@pytest.mark.parametrize("piece", ["{},", "[],", "1,", '"",', '{"":0},', '"\\\\",'])
def test_a_notebook_of_tiny_values_is_not_read(piece: str) -> None:
    """Each of them takes many times its size in memory: gigabytes for one hand-in."""
    text = '{"cells": [' + piece * (6 * notebooks.MAX_VALUES // len(piece) * 2) + "1]}"
    found, notes = notebooks.cells(text.encode())
    assert (found, notes) == ([], ["it has more values than a notebook has"])


@pytest.mark.parametrize("line", ["[1.0, 2.0],\n", '{"a": [\\"]},\n', "\\\n", "x"])
def test_a_notebook_that_prints_much_is_read(line: str) -> None:
    """The control: megabytes of commas and brackets in its texts are no values."""
    printed = {"output_type": "stream", "name": "stdout", "text": [line * 10] * 100_000}
    cells = [code("x = 1") | {"outputs": [printed, {**printed, "text": line * 3_000_000}]}]
    found, notes = notebooks.cells(json.dumps({"cells": cells}).encode())
    assert (found, notes) == (cells, [])
