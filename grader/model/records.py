"""Results as ``result.json`` and the gradebook hold them: plain data, schema ``grader/result/v1``.

:mod:`grader.model.verdicts` has the classes that marking fills in; reports read these. The schema
in docs is made from them, as :mod:`grader.model.evidence` says. This version only grows: a field
that came later is ``NotRequired``, since results from before lack it.
"""

from typing import Annotated, Literal, NotRequired, TypedDict

from grader.model.evidence import CheckEvidence, Keywords, QuestionEvidence
from grader.model.literals import (
    CheckStatus,
    Engine,
    QuestionStatus,
    Stage,
    SubmissionStatus,
    Visibility,
)

#: A number of points.
Mark = Annotated[float, Keywords(minimum=0)]
Name = Annotated[str, Keywords(minLength=1)]
Hash = Annotated[str, Keywords(pattern="^(sha256:[0-9a-f]{64})?$")]


class Points(TypedDict):
    """What was scored, of how much."""

    score: Mark
    max_score: Mark


class OutputRecord(TypedDict):
    """One of the outputs that a check compares, with its share of the check's points."""

    name: Name
    status: Annotated[CheckStatus, "error: the grader failed."]
    nearly: Annotated[bool, "It failed, and is nearly right: a part of its points is given."]
    score: Mark
    max_score: Mark


class CheckRecord(TypedDict):
    """One check of one question."""

    id: Name
    title: str
    visibility: Visibility
    status: Annotated[CheckStatus, "error: the grader failed."]
    score: Mark
    max_score: Mark
    stage: Annotated[
        Stage | None, "Where a failed check stopped, in the order in which stages are tried."
    ]
    message: Annotated[str, "The recommendation, then why."]
    evidence: CheckEvidence
    diagnosis: Annotated[str | None, "The id of the one misconception that gives the same answers."]
    nearly: NotRequired[
        Annotated[
            bool, "It failed, and all that fails is nearly right: a part of the points is given."
        ]
    ]
    outputs: NotRequired[
        Annotated[
            list[OutputRecord],
            "What the check compares, where it failed and its outputs are judged one by one.",
        ]
    ]


class QuestionRecord(TypedDict):
    """One question of one submission."""

    id: Name
    notebook: str
    title: str
    score: Mark
    max_score: Mark
    status: Annotated[
        QuestionStatus,
        "needs_marking: for a person to judge: free text, or a training that a machine can't "
        "judge. not_graded: the grader failed, which is never the student's fault.",
    ]
    given: Annotated[
        list[str],
        "The functions that a correct implementation answered for in place of the student's.",
    ]
    notes: list[str]
    checks: list[CheckRecord]
    evidence: QuestionEvidence


class GradeLine(TypedDict):
    """One line of a sum: points that were earned, added or taken away."""

    what: str
    points: float


class GradeRecord(TypedDict):
    """The number that counts, after a course's rules and a person's changes."""

    points: Annotated[float | None, "None for who is excused."]
    max_points: Mark
    excused: bool
    late: bool
    lines: Annotated[list[GradeLine], "They add up to the points."]
    notes: list[str]


class SubmissionRecord(TypedDict):
    """The result of one submission."""

    schema: Literal["grader/result/v1"]
    assignment: Annotated[Name, "The assignment's id."]
    submission: Annotated[
        Name, "The submission's name: unique in its run, and safe as a folder's name."
    ]
    status: Annotated[
        SubmissionStatus,
        "unreadable: nothing in it could be judged, score 0, the reason is in notes. not_graded: "
        "the grader failed on at least one question.",
    ]
    score: Mark
    max_score: Annotated[Mark, "The points of all questions asked, without pending ones."]
    pending: Annotated[
        Mark,
        "The points of the questions that a person has yet to mark: in neither score nor "
        "max_score.",
    ]
    notebooks: Annotated[dict[str, Points], "Points by the notebook's name."]
    isolation: Annotated[str, "How the student's code was confined."]
    engine: NotRequired[
        Annotated[
            Engine,
            "What ran the cells of notebooks: those of each training question by themselves "
            "(cells), or every notebook whole in a Jupyter kernel (kernel). A question's evidence "
            "names the one that gave its model.",
        ]
    ]
    grader: Annotated[str, "The grader's version."]
    versions: NotRequired[
        Annotated[
            dict[str, str],
            "The versions of python and numpy that ran the code, and the kind of machine.",
        ]
    ]
    key: Annotated[Hash, "The answer key's hash."]
    content: Annotated[Hash, "The hash of what was read of the submission; empty if nothing was."]
    source: Annotated[str, "The name under which it was handed in."]
    started: Annotated[
        str, "When marking began, ISO 8601 with the zone.", Keywords(format="date-time")
    ]
    seconds: Annotated[
        dict[str, Annotated[float, Keywords(minimum=0)]],
        "Time used: wall, and the student's process's CPU.",
    ]
    notes: list[str]
    questions: list[QuestionRecord]
    replay: NotRequired[
        Annotated[str, "The code by which `grader replay` marks the same bytes again."]
    ]
    grade: NotRequired[
        Annotated[
            GradeRecord,
            "What counts in the end, where a course's rules or a person's changes apply: the "
            "score is what was marked, without lateness.",
        ]
    ]


def evidence_of(check: CheckRecord) -> CheckEvidence:
    """Return the evidence of a check; empty where the result holds none."""
    return check.get("evidence") or CheckEvidence()
