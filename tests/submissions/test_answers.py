"""Where a written answer begins and ends, and what is none."""

from __future__ import annotations

import pytest

from grader.submissions import answers


@pytest.mark.parametrize(
    "label",
    [
        "Answer:",
        "**Answer:**",
        "## Answer:",
        "### Answer",
        "**Your Answer**",
        "> answer 2:",
        "Inline Question 2 Answer:",
        "Answer to question 2:",
        "*My answer*:",
        r"$\color{blue}{\textit Your Answer:}$",
        r"$\color{red}{Answer:}$",
        '<font color="blue"><b>Your answer:</b></font>',
        "Ans:",
        "Solution:",
    ],
)
def test_labels_announce_an_answer(label: str) -> None:
    """What follows one is the answer; nothing of it is lost."""
    before, found, after = answers.after_label(f"Why?\n\n{label} ReLU, below zero.")
    if not found:  # a heading or bold words stand alone on their line
        before, found, after = answers.after_label(f"Why?\n\n{label}\nReLU, below zero.")
    assert before.strip() == "Why?"
    assert after.strip().endswith("ReLU, below zero.")
    assert answers.begins(f"{label}\nReLU")


@pytest.mark.parametrize(
    ("text", "repeated"),
    [
        ("Which of the two networks was more sensitive to the scale of its weights?", True),
        ("which of the two networks was more sensitive, and to the scale of its weights", False),
        ("The two networks", False),
        ("The deeper network was more sensitive to the scale of its weights.", False),
        ("", False),
    ],
)
def test_an_answer_can_repeat_its_question(text: str, repeated: bool) -> None:
    """In its words and their order; a few words can be an answer that the question offers."""
    asked = "## Question 2\n\nWhich of the *two* networks was\nmore sensitive to the scale of its "
    assert answers.repeats(text, asked + "weights? Why?") == repeated


@pytest.mark.parametrize(
    "text", ["I answer that it is ReLU.", "The answers differ.", "No answer here is right"]
)
def test_the_word_alone_is_no_label(text: str) -> None:
    """In a sentence it announces nothing."""
    assert answers.after_label(text) == (text, "", "")


@pytest.mark.parametrize(
    "text",
    [
        "[FILL THIS IN]",
        "[fill this in]",
        "*Your answer here*",
        "*Write your answer here: name them*",
        "Type your answer here.",
        "TODO",
        "**Your answer goes here**",
        "...",
    ],
)
def test_placeholders_are_no_answer(text: str) -> None:
    """Nothing is left of one; words beside it stay."""
    assert not answers.says(answers.without_placeholders(text))
    assert "ReLU" in answers.without_placeholders(f"{text}\nReLU")


@pytest.mark.parametrize(
    "next_text",
    [
        "# Update rules\nBetter ones.",
        "### Momentum",
        "Now try five layers.",
        "Open the file `net/optim.py` and write it.",
        "Once you have done so, run the following.",
    ],
)
def test_an_answer_ends_where_the_course_goes_on(next_text: str) -> None:
    """At a heading, and at a paragraph that leads to the next task."""
    assert answers.cut_off(f"Sigmoid.\n\nAnd ReLU.\n\n{next_text}") == (
        "Sigmoid.\n\nAnd ReLU.\n\n",
        True,
    )


@pytest.mark.parametrize(
    "text",
    [
        "Once you have large weights, gradients explode.\n\nNow we see why: they multiply.",
        "Sigmoid:\n\n```\n# a comment\n\nx = 1\n```\n\nSo it is.",
        "#### First\nReLU.\n\n#### Second\nSigmoid.",
    ],
)
def test_an_answer_of_several_paragraphs_stays_whole(text: str) -> None:
    """With comments in its code, and small headings."""
    assert answers.cut_off(text) == (text, False)
