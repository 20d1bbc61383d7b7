"""Tables that a spreadsheet opens: no text of a student's is a formula in them."""

from __future__ import annotations

import csv
import io
import sys
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from grader.classroom.spreadsheets import SIGNS, guarded, table, unguarded

#: What formulas and their escapes are made of, often; anything else, sometimes.
TEXTS = st.lists(
    st.one_of(
        st.sampled_from([*SIGNS, *"\"',;|\t\r\n =", "=HYPERLINK(1)", "a", "''", '""']),
        st.characters(codec="utf-8"),
    ),
    max_size=12,
).map("".join)


def formulas(text: str, delimiter: str) -> list[str]:
    """Return the cells of a table that a spreadsheet which separates by *delimiter* calculates."""
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    return [cell for row in rows for cell in row if cell.lstrip(" ")[:1] in tuple(SIGNS)]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@given(one=TEXTS, other=TEXTS)
@example(one="a;=1", other="")
@example(one=';"=1', other="")
@example(one="a\n=1", other="")
@example(one="a", other="\t=1")
def test_no_cell_starts_a_formula(delimiter: str, one: str, other: str) -> None:
    """Under any separator, also one that isn't ours."""
    text = table([["submission", "answer"], [guarded(one), guarded(other)], ["ada", "1"]])
    assert formulas(text, delimiter) == []


@pytest.mark.parametrize(
    ("text", "delimiter"), [("=1", ","), ("a;=1", ";"), ("a\t=1", "\t"), (';"=1', ";")]
)
def test_unguarded_texts_are_found(text: str, delimiter: str) -> None:
    """Without the guard each of these is a formula, in quotes or not."""
    assert formulas(table([["ada", text]]), delimiter)


@given(TEXTS)
def test_a_text_comes_back(text: str) -> None:
    """What is read from a table is what was written into it."""
    assert unguarded(guarded(text)) == text
    (row,) = csv.reader(io.StringIO(table([[guarded(text)]]), newline=""))
    assert unguarded(row[0]) == text


def test_every_look_alike_of_a_sign_is_known() -> None:
    """Whatever compatibility takes for one."""
    signs = {
        chr(code)
        for code in range(sys.maxunicode + 1)
        if unicodedata.normalize("NFKC", chr(code))[:1] in tuple("=+-@")
    }
    assert signs <= set(SIGNS)
