"""Markers: answers come out whole, and a bad marker is refused by file and line."""

import textwrap

import pytest

from grader.authoring.release import MarkerError, markers

GOOD = """\
def f(x):
    # BEGIN ANSWER halve: divide by two
    out = x / 2

    # END ANSWER
    return out
"""


def test_an_answer_becomes_a_todo_and_a_raise():
    """The template names the question twice and keeps the lines around."""
    answers = markers.parse(GOOD, "layers.py", ["halve"])
    assert markers.replace(GOOD, answers) == textwrap.dedent("""\
        def f(x):
            # TODO (halve): divide by two
            raise NotImplementedError("not implemented yet: question halve")
            return out
        """)


def test_a_solved_text_loses_its_markers_only():
    """The reference's text is the source without the two marker lines."""
    answers = markers.parse(GOOD, "layers.py", ["halve"])
    expected = "".join(line for line in GOOD.splitlines(True) if "ANSWER" not in line)
    assert markers.replace(GOOD, answers, markers.solved) == expected


def test_several_answers_keep_their_own_indentation_and_hint():
    """Two answers of one text are told apart."""
    text = GOOD + "# BEGIN ANSWER why: a constant\nc = 1\n# END ANSWER\n"
    found = [(a.question, a.hint, a.indent) for a in markers.parse(text, "f", ["halve", "why"])]
    assert found == [("halve", "divide by two", "    "), ("why", "a constant", "")]


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("# BEGIN ANSWER q: a\nx\n# BEGIN ANSWER q: b\n", 3, "inside the one of line 1"),
        ("x\n# BEGIN ANSWER q: a\ny\n", 2, "never closed"),
        ("x\n# END ANSWER\n", 2, "without a BEGIN"),
        ("# BEGIN ANSWER q: a\nx\n# END ANSWER\n# END ANSWER\n", 4, "without a BEGIN"),
        ("# BEGIN ANSWER other: a\nx\n# END ANSWER\n", 1, "no question 'other'"),
        ("x = 1  # BEGIN ANSWER q: a\n", 1, "alone on its line"),
        ("# BEGIN ANSWER q: a\nx = 1  # END ANSWER\n", 2, "alone on its line"),
        ("    # BEGIN ANSWER q: a\n    x\n# END ANSWER\n", 3, "indented otherwise"),
        ("    # BEGIN ANSWER q: a\n  x\n    # END ANSWER\n", 2, "indented less"),
        ("# BEGIN ANSWER q:\nx\n# END ANSWER\n", 1, "hint is empty"),
        ("# BEGIN ANSWER q:   \nx\n# END ANSWER\n", 1, "hint is empty"),
        ("# BEGIN ANSWER q: a\n\n# END ANSWER\n", 1, "nothing between"),
        ("# BEGIN ANSWER q\nx\n# END ANSWER\n", 1, "this is no marker"),
        ("#BEGIN ANSWER q: a\nx\n", 1, "this is no marker"),
        ("# begin answer q: a\nx\n", 1, "this is no marker"),
        ("# BEGIN ANSWER q: a\nx\n# END ANSWERS\n# End_Answer\n", 4, "this is no marker"),
    ],
)
def test_a_bad_marker_is_refused_with_file_and_line(text, line, reason):
    """Every mistake stops the build and says where it stands."""
    with pytest.raises(MarkerError) as caught:
        markers.parse(text, "layers.py", ["q"])
    assert str(caught.value).startswith(f"layers.py:{line}: ")
    assert reason in str(caught.value)
