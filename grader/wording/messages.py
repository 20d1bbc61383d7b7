"""Every sentence that a student reads about a check: what to look at first, then why.

The code that finds the facts is elsewhere; sentences about a stage are in
:mod:`grader.wording.stages`. ``{call}`` is the function asked, ``{output}`` what
it should have given, ``{where}`` where the line is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from string import Formatter

from grader.model.checks import Check
from grader.model.evidence import CheckEvidence, ExceptionFacts, Shape, StructureFacts
from grader.model.literals import InputProperty
from grader.model.verdicts import Verdict
from grader.wording import causes
from grader.wording.stages import STAGE_WORDS

#: Kinds of arrays that aren't plain ones, by the name of their type.
SUBCLASSES = ("matrix", "MaskedArray")
SUBCLASS = (
    "Return a plain numpy array for {output}: {call} gave a {got}, whose operators mean something "
    "else to the code that goes on with it."
)
SEVERAL = (
    "Return all that the docstring of {call} lists, in its order: one value came in place of "
    "several."
)
OTHER_DTYPE = (
    "Keep {output} in {expected_dtype}, which the dtype option asks for: its dtype is {got_dtype}."
)
COARSE_DTYPE = (
    "Keep float64 all the way to {output}: its dtype is {got_dtype}, whose numbers are too coarse."
)
RIGHT_NUMBERS = (
    "Return {output} in the shape {expected_shape}: its numbers are right, and its shape is "
    "{got_shape}."
)

#: What is nearly right: an answer that equals what a declared variant gives, with its name in
#: words; one of less precision; any other that is close.
NEARLY_VARIANT = (
    "Compare the last details of {output} with the formula. It is nearly right: {nearly}."
)
NEARLY_PRECISION = (
    "Keep float64 all the way to {output}. It is nearly right: it agrees with the answer as far as "
    "numbers of {precision} do."
)
NEARLY_CLOSE = (
    "Look for a small term or a constant that differs. {output} is nearly right: it is off by "
    "{error}, and up to {bound} counts as right."
)
PRECISION = "Its numbers are those of {precision}, which is too coarse: keep float64 on the way."

STRUCTURES: Mapping[str, str] = {
    "zeros": "{output} is all zeros.",
    "transposed": "{output} is the transpose of what is asked.",
    "reshaped": "{output} holds the right numbers in another shape.",
    "sign": "{output} has the opposite sign of what is asked.",
    "mean": "{output} is {value:g} times too small, and {value:g} is the size of an axis: a mean "
    "stands where a sum is asked.",
    "sum": "{output} is {value:g} times too large, and {value:g} is the size of an axis: a sum "
    "stands where a mean is asked.",
    "factor": "{output} is {value:.6g} times what is asked, in every element.",
    "offset": "{output} is off by {value:.6g} in every element.",
    "axis": "{output} is summed over axis {value:g}; the sum over the other axis is asked.",
    "columns_scaled": "Each column of {output} is right but for a factor and a constant of its "
    "own: compare what a column is multiplied and divided by, and what is added to it.",
    "rows_scaled": "Each row of {output} is right but for a factor and a constant of its own: "
    "compare what a row is multiplied and divided by, and what is added to it.",
    "rows": "Rows of {output} that are off: {value:g}. The others are right.",
    "columns": "Columns of {output} that are off: {value:g}. The others are right.",
}

#: By the name of a property that a judge reports. Each kind of check brings its own.
PROPERTIES: dict[str, str] = {}

#: Of a property that nobody has words for.
PROPERTY = "Check {output} of {call}: it lacks the property {name}."

#: In place of those that name what came: of a hidden example no number of the student's is told.
BARE: Mapping[str, str] = {
    "weight_scale": "Check the scale of the first weights: the standard deviation of {output} is "
    "not weight_scale.",
    "mean": "Draw the first weights around zero: the mean of {output} is not.",
    "mask_scale": "Scale what is kept by 1/p: {call} does not.",
    "keep_rate": "Keep each value with probability p: {call} does not.",
    "no_gradient": "Give a gradient for each parameter: one is missing.",
}

#: What is said where hidden examples alone fail, and how these differ from all others.
DIFFERS: Mapping[InputProperty, str] = {
    "one_row": "Try it with a single row (N = 1): the examples that fail have one, and no other "
    "has.",
    "one_column": "Try it with a single column: the examples that fail have one, and no other has.",
    "four_dimensions": "Try it with an input of four dimensions, such as (N, C, H, W): the "
    "examples that fail have four, and no other has.",
    "three_dimensions": "Try it with an input of three dimensions: the examples that fail have "
    "three, and no other has.",
    "close": "Try it with a column whose numbers lie close together: the examples that fail have "
    "one, and no other has.",
    "large": "Try it with large numbers, in the hundreds and above: the examples that fail have "
    "some, and no other has.",
    "zeros": "Try it with zeros in the input: the examples that fail have some, and no other has.",
    "wide": "Try it with fewer rows than values in a row: the examples that fail have fewer, and "
    "no other has.",
    "tall": "Try it with more rows than values in a row: the examples that fail have more, and no "
    "other has.",
}

OWN_FORWARD = (
    "Mend the forward pass first: this gradient is right for the forward pass as it is, which "
    "earns a part of the points."
)
NO_REFERENCE = (
    "This builds on {functions}, which failed. The course's own was not at hand to stand in for "
    "it, so points may be missing here that are not this question's fault."
)
#: Of a question that is marked behind another forward pass than the student's own.
MENDED = (
    "Mend {functions} first: its own question says what is wrong there. Here it was taken with "
    "one or two expressions of it changed, so that its fault costs nothing."
)
USUAL_CACHE = (
    "Mend {functions} first: its own question says what is wrong there. {call} was called on the "
    "usual cache, in place of what {functions} keeps, so that a fault there costs nothing here."
)
NEARLY_FORWARD = (
    "{functions} is nearly right, and this is right for it: what its own question names costs "
    "nothing here."
)
FORWARD_FIRST = (
    "Mend {functions} first: this builds on it, and what is wrong there may be all that is wrong "
    "here."
)
NEEDS = "Right, and its points count once {needs} passes as well."
NOWHERE_ELSE = (
    "Right for the notebook's own inputs; its points count once an answer to other inputs is right."
)
#: Added to the sentence of a check that fails in other outputs.
RIGHT_OUTPUT = "{names} is right and keeps its points."
RIGHT_OUTPUTS = "{names} are right and keep their points."
NO_NOTEBOOK = "Hand in {notebook}.ipynb: it isn't there, and this answer stands in it."
LOST_NOTEBOOK = (
    "Hand in {notebook}.ipynb in a form that can be read, without large outputs: {reason}."
)
UNREAD_NOTEBOOK = "Open {notebook}.ipynb, save it again and hand it in: it could not be read."
NO_ANSWER_CELL = "Put the question's cell back from the course's notebook: it isn't there."
#: For the instructor alone.
REPEATED = "The answer says nothing but what is asked."
BLANK = "Write an answer in the cell below the question: it is blank."
UNPLACED = (
    "The notebook is of another edition, and none of its questions is surely this one: a person "
    "looks at the answers that stand in it."
)
NOT_ASKED = (
    "The notebook is of another edition, in which this question wasn't found: a person decides."
)
NOT_RELEASED = "The key doesn't hold the notebook {notebook}: `grader build` makes it anew."
ERROR = "The grader could not judge this; it is not your fault. Tell your instructor."
NO_PAGES = "Not all of this submission's files could be made: the run's errors.log says why."
COUNTED = (
    "{call} calls {name} {count} times for one answer, as a numeric derivative does; one that is "
    "worked out has no use for that. It costs nothing; your instructor reads this, too."
)
CHANGED_ARGUMENTS = (
    "{call} changes a list that it is made with. It costs nothing; who made the list goes on with "
    "it, so a copy is safer."
)
CHANGED = "{call} changes its input {name} in place. It costs nothing; a copy is safer."


def message(check: Check, verdict: Verdict, evidence: CheckEvidence, *, public: bool) -> str:
    """Return the sentences for a failed check. *public*: what came of the student may be shown."""
    exception = evidence.get("exception", {})
    facts: dict[str, object] = {
        "call": check.call,
        "owner": check.call.partition(".")[0],
        "output": name_of(verdict.output),
        "text": exception.get("text", "") if public else "",
        "type": exception.get("type") or "an exception",
        "where": _where(exception),
        "file": exception.get("file") or "the file",
        "got": evidence.get("got", "something else"),
        "got_shape": _shape(evidence.get("got_shape")),
        "expected_shape": _shape(evidence.get("expected_shape")),
        "got_dtype": evidence.get("got_dtype", ""),
        "expected_dtype": evidence.get("expected_dtype", ""),
        "nearly": evidence.get("nearly", ""),
        "precision": evidence.get("precision", ""),
        "error": f"{evidence.get('error', float('nan')):.1e}",
        "bound": f"{evidence.get('bound', float('nan')):.0e}",
    }
    found = evidence.get("property")
    if found:
        own = check.words.properties if check.words else {}
        name = found["name"]
        template = own.get(name) or PROPERTIES.get(name, PROPERTY)
        named = {field for _, field, _, _ in Formatter().parse(template) if field}
        if not public and not named <= {"call", "output", *found}:
            template = BARE.get(name, PROPERTY)
    elif verdict.right_numbers:
        template = RIGHT_NUMBERS
    elif verdict.nearly:
        template = _nearly(evidence)
    elif verdict.stage == "type" and evidence.get("got") in SUBCLASSES:
        template = SUBCLASS
    elif verdict.stage == "type" and str(evidence.get("got")).endswith("of several values"):
        template = SEVERAL
    elif verdict.stage == "dtype" and evidence.get("expected_dtype"):
        template = OTHER_DTYPE
    elif verdict.stage == "dtype" and evidence.get("got_dtype") == "float16":
        template = COARSE_DTYPE
    elif known := causes.sentence(exception.get("cause", "")):
        template = known
    else:
        template = STAGE_WORDS[verdict.stage or "value"].message
    said = template.format(**{**facts, **(found or {})}).strip()
    if evidence.get("precision") and not verdict.nearly and not found:
        said += " " + precision(evidence)
    related = evidence.get("structure")
    if related and not verdict.right_numbers and not verdict.nearly:
        said += " " + structure(str(facts["output"]), related)
    return said


def beside(came: str, said: str) -> str:
    """Return the sentences of *came* that *said* doesn't have."""
    sentences = re.split(r"(?<=\.) (?=[A-Z])", came)
    return " ".join(sentence for sentence in sentences if sentence not in said)


def structure(output: str, related: StructureFacts) -> str:
    """Return the sentence about how an output is related to what is asked."""
    return STRUCTURES[related["kind"]].format(output=output, value=related.get("value"))


def precision(evidence: CheckEvidence) -> str:
    """Return the sentence about what the numbers are held in, or were on the way."""
    return PRECISION.format(precision=evidence["precision"])


def right_outputs(names: Sequence[str]) -> str:
    """Return the sentence about the outputs of a failed check that are right."""
    if len(names) == 1:
        return RIGHT_OUTPUT.format(names=names[0])
    return RIGHT_OUTPUTS.format(names=f"{', '.join(names[:-1])} and {names[-1]}")


def _nearly(evidence: CheckEvidence) -> str:
    if evidence.get("nearly"):
        return NEARLY_VARIANT
    return NEARLY_PRECISION if evidence.get("precision") else NEARLY_CLOSE


def name_of(output: str) -> str:
    """Return an output's name as a person would write it: ``grads["W1"]`` for ``grads.W1``."""
    name, _, key = output.partition(".")
    return f'{name}["{key}"]' if key else name


def _where(exception: ExceptionFacts) -> str:
    if exception.get("file") and exception.get("line"):
        return f"line {exception['line']} of {exception['file']}{_caller(exception)}"
    return "the call"


def _caller(exception: ExceptionFacts) -> str:
    """Return where the function asked was by then, in brackets."""
    caller = exception.get("caller")
    if caller is None or exception.get("cause"):
        return ""
    other = f" of {caller['file']}" if caller["file"] != exception.get("file") else ""
    return f" (reached from line {caller['line']}{other})"


def _shape(shape: Shape | None) -> str:
    return str(tuple(shape)) if shape is not None else "a different one"
