"""A result as plain text."""

from grader.reports import summary


def test_a_question_is_a_line_and_the_columns_are_aligned(result):
    """Points end in one column, whatever the lengths of labels and titles."""
    lines = summary(result).splitlines()
    table = [line for line in lines if line.rstrip()[-4:].strip().startswith("/") or " / " in line]
    assert len(table) == 9
    assert len({len(line) for line in table}) == 1
    assert lines[0].startswith("s07: 22 of 42 points, 3 more to be marked")


def test_one_message_a_question(result):
    """The failure to look at first is told, and no other."""
    text = summary(result)
    assert "Check how affine_backward computes db" in text
    assert "Compare db with your forward pass" not in text


def test_long_messages_are_wrapped(result):
    """Lines stay within the width of a terminal."""
    assert max(map(len, summary(result).splitlines())) <= 88


def test_no_control_character_reaches_the_terminal(result):
    """Colour codes and line breaks of a student's own show as text."""
    result["submission"] = "s\x1b[31m07"
    result["questions"][6]["checks"][0]["message"] = "\x1b]0;title\x07 bell\r\nnext"
    text = summary(result)
    assert "s\\x1b[31m07" in text
    assert not [c for c in text if ord(c) < 32 and c != "\n"]


def test_an_unreadable_submission_says_why(unreadable):
    """Its reason stands where the questions would."""
    assert summary(unreadable) == (
        "s09: unreadable\n  no package was found: a folder with layers.py is asked\n"
    )
