"""Tables as programs save them: whatever the form, the same cells come back."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.classroom.sheets import decoded, number, parse

HEAD = ["score", "comment", "row_id"]
#: Texts as people write them; the first cell of a row is never empty.
CELLS = st.text("abcü,;\t\"' \n=+1", max_size=8)


@given(
    rows=st.lists(st.tuples(st.just("2,5"), CELLS, st.just("w1")), min_size=1, max_size=4),
    order=st.permutations(range(3)),
    sign=st.sampled_from(",;\t"),
    end=st.sampled_from(["\n", "\r\n"]),
    code=st.sampled_from(
        ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"]
    ),
    said=st.booleans(),
    before=st.sampled_from(["", "\r\n", "\n\n"]),
    beside=st.booleans(),
)
def test_whatever_the_form_the_cells_are_the_same(
    rows: list[tuple[str, str, str]],
    order: list[int],
    sign: str,
    end: str,
    code: str,
    said: bool,
    before: str,
    beside: bool,
) -> None:
    """Encodings, separators, a line about them, blank lines, columns in any order and more."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=sign, lineterminator=end)
    more = ["mine", ""] if beside else []
    writer.writerow([*(HEAD[i] for i in order), *more])
    writer.writerows([*(row[i] for i in order), *(["x"] if beside else [])] for row in rows)
    writer.writerow([""] * len(order))
    data = (before + (f"sep={sign}{end}" if said else "") + text.getvalue()).encode(code)
    found = parse(decoded(data), Path("table.csv"))
    assert [tuple(row.cells[name] for name in HEAD) for row in found.rows] == rows
    assert set(found.head) == {*HEAD, *(["mine"] if beside else [])}


def test_a_row_has_the_number_that_the_program_shows() -> None:
    """Blank rows count; the line about the separator isn't shown."""
    found = parse("sep=;\n\nscore;row_id\n\n3;a\n", Path("table.csv"))
    assert [row.number for row in found.rows] == [4]


@pytest.mark.parametrize(
    ("text", "value"),
    [("3", 3.0), (" 2,5 ", 2.5), ("2.5", 2.5), ("1_0", None), ("nan", None), ("inf", None),
     ("02. Mai", None), ("2026-05-02", None), ("3 points", None), ("", None), ("1,2,3", None)],
)  # fmt: skip
def test_numbers_are_what_people_take_for_numbers(text: str, value: float | None) -> None:
    """With a point or a comma; dates and what Python alone reads are none."""
    assert number(text) == value
