"""The closed sets of words that results, manifests and keys use, as types.

Where a set is also looped over or looked up in, a tuple of the same words stands with what it
belongs to, made of the type: ``STAGES`` in :mod:`grader.model.verdicts`, and so on.
"""

from __future__ import annotations

from typing import Literal

#: Where a failed check stopped, in the order in which stages are tried.
Stage = Literal[
    "missing",
    "not_implemented",
    "refused",
    "raised",
    "timed_out",
    "out_of_memory",
    "died",
    "returned_none",
    "type",
    "shape",
    "dtype",
    "not_finite",
    "value",
    "gradient",
]
#: Stages at which a step gave nothing: a process tells them, so what it says is checked.
FailureStage = Literal[
    "missing", "not_implemented", "refused", "raised", "timed_out", "out_of_memory", "died", "type"
]

#: What speaks of a failed check, in the order in which it is asked: the first that has something
#: true to say speaks. ``stage``: what its stage says by itself (an exception, a shape);
#: ``number``: nothing is known but how far it is off. ``trial``: of a training, the same with one
#: thing about it as the course has it.
Mechanism = Literal[
    "catalogue", "terms", "dependence", "repair", "structure", "stage", "number", "trial"
]

#: What an output is made of: terms that are added, or factors that are multiplied.
Composition = Literal["sum", "product"]

#: A step from an output to the quantity that is made of terms: a number is subtracted, divided by
#: what was there, multiplied with it, or its power is taken.
ReadingStep = Literal["minus", "into", "times", "power"]

#: What numbers an input may take: any, those above 0, those between 0 and 1, or only its own.
Range = Literal["any", "positive", "unit", "fixed"]

#: Those at which a process was lost.
LossStage = Literal["timed_out", "died"]

#: How a check ended; ``error`` is the grader's own fault.
CheckStatus = Literal["passed", "failed", "error"]
#: How a question ended; ``not_graded`` is the grader's own fault.
QuestionStatus = Literal[
    "passed", "partial", "failed", "not_implemented", "needs_marking", "not_graded"
]
#: ``unreadable``: nothing could be judged. ``not_graded``: the grader failed on a question.
SubmissionStatus = Literal["graded", "unreadable", "not_graded"]
#: What ran the cells of notebooks: a question's by themselves, or the whole in a Jupyter kernel.
Engine = Literal["cells", "kernel"]

#: Kinds of questions: functions of the package, a model that a notebook trains, a text.
Kind = Literal["code", "training", "written"]
#: When one's own checks say more about a failure.
Hints = Literal["never", "stepwise", "always"]
#: What a model answers: scores by class, a class for each input, or numbers to come near to.
ModelAnswer = Literal["scores", "classes", "values"]
#: What networks a model's parameters are read as; nothing: they aren't.
NetworkKind = Literal["", "fully-connected"]
#: How a class is trained: a saved model where there is one, and on the small set elsewhere; on
#: the small set always, ended where it has reached what is asked; there to its end; on the whole
#: data set.
TrainMode = Literal["saved", "short", "whole", "full"]
#: Which data set a model was trained and measured on.
DataKind = Literal["short", "full"]

#: Whose figures a check compares with; ``property`` explains and carries no points.
Visibility = Literal["published", "hidden", "property"]
#: Where the numbers of a failure's evidence come from.
Example = Literal["published", "ladder", "hidden"]
#: A precision of floating point below that of float64.
Precision = Literal["float16", "float32"]
#: How a wrong array and the right one are related.
StructureKind = Literal[
    "zeros",
    "transposed",
    "reshaped",
    "sign",
    "mean",
    "sum",
    "axis",
    "factor",
    "offset",
    "rows",
    "columns",
    "columns_scaled",
    "rows_scaled",
]

#: What a cell of a released notebook is for, by the last of its tags; ``added`` is a student's own.
Role = Literal[
    "", "title", "setup", "text", "answer", "check", "plot", "save", "selfcheck", "added"
]
#: How a cell was found, surest first; nothing for a cell that is missing or added.
Found = Literal["", "id", "tag", "marker", "content", "calls", "words", "heading"]
#: The same of a written answer; ``place`` is below its question.
AnswerFound = Literal["", "id", "tag", "marker", "content", "calls", "words", "heading", "place"]
CellKind = Literal["code", "markdown", "raw"]
OutputKind = Literal["stream", "result", "error", "image", "other"]

#: In which property hidden examples that failed differ from all that passed.
InputProperty = Literal[
    "one_row",
    "one_column",
    "four_dimensions",
    "three_dimensions",
    "close",
    "large",
    "zeros",
    "wide",
    "tall",
]
