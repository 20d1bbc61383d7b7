"""The stages of a check in words: one row for each, in the order in which they are tried.

A row says how reports call the stage, what a student reads first, what a stronger hint adds, and
what the stage means. In a message ``{call}`` is the function asked, ``{output}`` what it should
have given, ``{where}`` where the line is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class StageWords(NamedTuple):
    """The texts about one stage.

    ``label`` is its short name, ``message`` the sentence about a failed check, ``hint`` the second
    sentence for who is stuck, ``meaning`` the entry of ``grader explain``. ``has_code``: there is
    code of the student's to show. ``answered``: the code ran as far as an answer or an exception,
    so that a small public example can explain more.
    """

    label: str
    message: str
    hint: str
    meaning: str
    has_code: bool = True
    answered: bool = True


STAGE_WORDS: Mapping[str, StageWords] = {
    "missing": StageWords(
        label="Not found",
        message="Define {call}: the grader could not find it. {text}",
        hint=(
            "Compare the name and the file with the template's, letter by letter, and see that "
            "the file is saved."
        ),
        meaning=(
            "The function, class, method or parameter that is asked for isn't there under the "
            "name and in the file that the template gives it."
        ),
        has_code=False,
    ),
    "not_implemented": StageWords(
        label="Not written yet",
        message="Write {call}: it still raises NotImplementedError.",
        hint=(
            "Begin with the docstring: it lists the shapes of what comes in and of what is "
            "returned. Write them beside your first lines."
        ),
        meaning="The code still raises NotImplementedError, as the template does.",
        has_code=False,
        answered=False,
    ),
    "refused": StageWords(
        label="Asks for what is not offered here",
        message="Leave out what numpy doesn't offer: {text}",
        hint=(
            "Write it with numpy and Python's own operators: numpy's reference has the "
            "operation under its name."
        ),
        meaning=(
            "The code asked for something that isn't offered where it runs: another library, "
            "the network, a file, a process."
        ),
    ),
    "raised": StageWords(
        label="Raised an exception",
        message="Look at {where}: {call} raised {type}. {text}",
        hint=(
            "Print the type and the shape of what goes into that line, and compare both with what "
            "the docstring says."
        ),
        meaning=(
            "The code raised an exception. The line named is the innermost one in the "
            "submission's own files."
        ),
    ),
    "timed_out": StageWords(
        label="Ran out of time",
        message=(
            "Look for a loop that doesn't end, or one over single elements: {call} did not "
            "finish within its time."
        ),
        hint=(
            "Replace the innermost loop by one operation on whole arrays, and see that each "
            "while changes what it tests."
        ),
        meaning="The code used more processor time than a question has.",
        answered=False,
    ),
    "out_of_memory": StageWords(
        label="Ran out of memory",
        message="Check the shapes of what {call} allocates: it ran out of memory.",
        hint=(
            "Look for an array larger than the product of two of the inputs' sizes: a missing "
            "axis lets two arrays broadcast against each other."
        ),
        meaning="The code asked for more memory than a submission has.",
        answered=False,
    ),
    "died": StageWords(
        label="Ended before it answered",
        message="Check how {call} ends: its process stopped before it answered. {text}",
        hint="Leave out what ends Python, such as exit(), and give each recursion an end.",
        meaning="The process that ran the code ended before it answered.",
        answered=False,
    ),
    "returned_none": StageWords(
        label="Returned None",
        message="Return {output} from {call}: it is None or isn't there.",
        hint=(
            "See that every path through the function ends in a return, and that what it "
            "returns is assigned on each of them."
        ),
        meaning="The code returned None where an array or a number is asked.",
    ),
    "type": StageWords(
        label="Another type than asked",
        message="Return a numpy array for {output}: {call} gave {got}.",
        hint="Return the arrays themselves, in the docstring's order, one for each name in it.",
        meaning="The code returned something that is neither an array nor a number.",
    ),
    "shape": StageWords(
        label="Another shape than asked",
        message="Check the shape of {output}: it is {got_shape}, and {expected_shape} is asked.",
        hint=(
            "Write the shape beside each line, from the inputs down: the first line where yours "
            "and the formula's part is the one to change."
        ),
        meaning=(
            "The array has another shape than asked. Right numbers in a wrong shape keep most "
            "of the points."
        ),
    ),
    "dtype": StageWords(
        label="Another dtype than asked",
        message="Keep {output} in floating point: its dtype is {got_dtype}.",
        hint=(
            "Look for an array that was made of whole numbers, or cast on the way, and make it "
            "of the input's dtype."
        ),
        meaning="The array isn't of floating point numbers of at least 32 bits.",
    ),
    "not_finite": StageWords(
        label="Holds NaN or infinity",
        message=(
            "Look for a division by zero, a logarithm of zero or an overflow: {output} holds "
            "NaN or infinity."
        ),
        hint=(
            "Print the smallest and largest values ahead of each division, exp, log and sqrt: "
            "one of them leaves its range."
        ),
        meaning="The array holds NaN or infinity.",
    ),
    "value": StageWords(
        label="Numbers differ",
        message=(
            "Check how {call} computes {output}: its numbers are off by {error} (relative to "
            "their size; at most {bound} is allowed)."
        ),
        hint=(
            "Work out one element of the example by hand, and print what each of your lines "
            "holds there: the first that differs is the one to change."
        ),
        meaning="The numbers differ from what is right by more than rounding can explain.",
    ),
    "gradient": StageWords(
        label="Gradient and forward pass disagree",
        message=(
            "Compare {output} with your forward pass: its slope differs from a numeric "
            "derivative of your own code by {error} (at most {bound} is allowed)."
        ),
        hint=(
            "Take the forward pass apart into single operations and write down the derivative "
            "of each, the last operation first; then hold your lines against that list."
        ),
        meaning=(
            "The slope that the gradient stands for isn't the one that the student's own "
            "forward pass shows."
        ),
    ),
}

#: Stages at which there is no code of the student's to show, nor anything that came.
NO_CODE = frozenset(stage for stage, words in STAGE_WORDS.items() if not words.has_code)
#: Stages at which the code came to no answer: no smaller example explains more.
NO_ANSWER = frozenset(stage for stage, words in STAGE_WORDS.items() if not words.answered)
