"""The page of what is alike: what it says, what it doesn't, and that texts in it stay texts."""

from __future__ import annotations

import csv
import re
from dataclasses import replace

from conftest_reports import similar_page, works

from grader.classroom.likeness.pairs import compare
from grader.classroom.likeness.works import Work
from grader.reports import similar
from grader.wording import likeness as said

#: What would be a verdict.
VERDICTS = re.compile(r"(?i)plagiar|cheat|copied|copy|guilt|suspect|dishonest|violat|offen[cs]e")


def test_it_says_what_the_number_means_and_what_not() -> None:
    """No word on it is a verdict, and what is left out stands there."""
    page = similar_page()
    assert said.MEANS_NOT in page
    assert "stands apart" in page
    assert "homework/2019" in page
    words = " ".join(text for name, text in vars(said).items() if isinstance(text, str))
    assert not VERDICTS.search(words)
    assert not VERDICTS.search(page)


def test_both_stand_beside_each_other_with_what_they_share() -> None:
    """Lines of code by their numbers, words of an answer, the mistake above both."""
    page = similar_page()
    first = page.partition('<article class="question"')[2].partition("</article>")[0]
    assert first.index("The output is the mask") < first.index('class="beside"')
    assert first.count('class="alike"') > 20
    assert "<mark>the slope of it is flat" in page


def test_a_students_text_stays_a_text() -> None:
    """In names, code, answers and what couldn't be read; and the page runs and loads nothing."""
    page = similar_page()
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert "default-src &#39;none&#39;" in page
    assert not re.search(r"""<[^>]*\ssrc=""", page)


def test_the_distribution_has_its_table() -> None:
    """Ten ranges, that sum up to the class; earlier years aren't in it."""
    page = similar_page()
    table = re.search(r"<caption>Submissions by highest likeness</caption>.*?</table>", page, re.S)
    assert table is not None
    counts = [int(count) for count in re.findall(r"<td>(\d+)</td>", table[0])]
    assert (len(counts), sum(counts)) == (10, 12)


def test_a_class_in_which_nothing_is_alike_says_so() -> None:
    """No pair, no line."""
    alone = [Work("ada"), Work("bo")]
    comparison = compare(alone, lambda work: work.code, most=9, mistakes=True)
    part = similar.part("code", comparison, lambda work: work.name, lambda work, part: "")
    page = similar.page([part], title="Nets", works=alone, called=lambda work: work.name)
    assert said.NOTHING in page
    assert said.SMALL in page


def test_a_name_in_the_table_is_no_formula() -> None:
    """A spreadsheet would compute it."""
    listed = [replace(one, name=f"=1+{place}") for place, one in enumerate(works())]
    comparison = compare(listed, lambda work: work.code, most=9, mistakes=False)
    part = similar.part("code", comparison, lambda work: work.name, lambda work, part: "")
    rows = list(csv.reader(similar.rows([part], lambda work: work.name).splitlines()))
    assert len(rows) > 1
    assert all(row[1].startswith("'=1+") and row[2].startswith("'=1+") for row in rows[1:])
