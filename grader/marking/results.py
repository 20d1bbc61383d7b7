"""Results of checks, questions and submissions, built from what was judged: points and words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from grader.marking import scoring
from grader.marking.explaining.failure import MarkedWay
from grader.marking.explaining.naming import Naming
from grader.marking.scoring import Judged
from grader.marking.told import Places, calls_told, hidden
from grader.model.assignment import Question
from grader.model.checks import Check
from grader.model.evidence import CheckEvidence, ExplanationFacts
from grader.model.literals import Mechanism, QuestionStatus
from grader.model.notes import Calls, Changed, parse
from grader.model.records import Points
from grader.model.verdicts import CheckResult, QuestionResult, SubmissionResult, Verdict
from grader.wording import messages

#: The verdict on a public example, and its evidence.
Explained = tuple[Verdict, CheckEvidence]


def check_results(
    judged: Sequence[Judged],
    explained: Mapping[str, Explained],
    known: Mapping[str, Naming],
    places: Places,
) -> list[CheckResult]:
    """Return the result of each check; *explained* holds public examples by check id.

    *known* are the misconceptions that were recognized, by check; *places* are those that hidden
    examples name.
    """
    by_id = {entry.check.id: entry for entry in judged}
    made = []
    for entry in judged:
        earned = scoring.factors(entry, by_id)
        result = _check_result(entry, explained.get(entry.check.id), earned, places)
        if result.status == "passed" and result.score < entry.check.points:
            unmet = _unmet(entry.check, by_id)
            result.message = messages.NEEDS.format(needs=unmet) if unmet else messages.NOWHERE_ELSE
        if result.status == "failed":
            if found := _catalogued(known.get(entry.check.id, Naming())):
                result.diagnosis = found[0]["misconception"]
                result.evidence["explanations"] = found
            result.evidence["explained_by"] = _speaks(result)
        made.append(result)
    return made


def question_result(
    question: Question, checks: list[CheckResult], notes: list[str]
) -> QuestionResult:
    """Return the result of a code question: its checks' points, added up."""
    return QuestionResult(
        id=question.id,
        notebook=question.notebook,
        title=question.title,
        score=rounded(sum(check.score for check in checks)),
        max_score=float(question.points),
        status=_status(checks, question.points),
        notes=notes,
        checks=checks,
    )


def forgive(checks: Sequence[CheckResult], failed: Mapping[str, Sequence[str]]) -> None:
    """Let the *checks* of a backward pass count in full that is right for a nearly right forward.

    *failed* are the functions of the forward pass, by question.
    """
    functions = ", ".join(name for names in failed.values() for name in names)
    for check in checks:
        if check.status == "failed" or check.score < check.max_score:
            check.status, check.stage, check.score = "passed", None, check.max_score
            check.message = messages.NEARLY_FORWARD.format(functions=functions)
            check.diagnosis, check.evidence = None, {}
            check.nearly, check.outputs = False, []


def forgive_nearly(check: CheckResult, failed: Mapping[str, Sequence[str]]) -> None:
    """Let the outputs of a backward pass count in full that are nearly right, as its forward is."""
    if check.nearly:
        forgive([check], failed)
        return
    nearly = [output for output in check.outputs if output["nearly"]]
    for output in nearly:
        output["status"], output["nearly"] = "passed", False
        output["score"] = output["max_score"]
    if nearly:
        lost = sum(output["max_score"] - output["score"] for output in check.outputs)
        check.score = rounded(check.max_score - lost)


def explain(check: CheckResult, found: Sequence[ExplanationFacts]) -> None:
    """Let the first of what was *found* out about a failed check speak; it holds all of it.

    Where its mechanism has something to say of another output, too, both are told. Where the
    catalogue has a name for some of its outputs, that speaks; and where no numbers came to be
    compared, what came is said first, and a line that is found out after it.
    """
    if check.diagnosis:
        check.evidence["explanations"] = [*check.evidence.get("explanations", ()), *found]
        return
    first = found[0]
    check.evidence["explanations"] = [*found]
    if check.stage not in ("value", "gradient"):
        line = check.evidence.get("exception", {}).get("line")
        if first.get("line", 0) != line:
            check.message += " " + first["text"]
        return
    check.evidence["explained_by"] = first["mechanism"]
    check.evidence["came"] = check.message
    others = [
        facts["text"]
        for facts in found[1:]
        if facts["mechanism"] == first["mechanism"]
        and not set(facts.get("outputs", ())) & set(first.get("outputs", ()))
    ]
    said = [first["text"], *others[:1]]
    related = check.evidence.get("structure")
    if first["mechanism"] == "repair" and related:  # the line, and what shows of it
        said.append(messages.structure(check.evidence["output"], related))
    if check.evidence.get("precision"):
        said.append(messages.precision(check.evidence))
    check.message = " ".join([*said, *_right(check)])


def best(question: Question, tried: Sequence[MarkedWay]) -> MarkedWay:
    """Return the result with the best mark of each check; of equal ones the last.

    Notes and replaced functions are those of the results that a check was taken from.
    """
    last, *earlier = reversed(tried)
    checks, taken = [], {id(last)} if not last.result.checks else set()
    failures = {}
    for n, check in enumerate(last.result.checks):
        found, chosen = last, check
        for marked in earlier:
            if marked.result.checks[n].score > chosen.score:
                found, chosen = marked, marked.result.checks[n]
        checks.append(chosen)
        taken.add(id(found))
        if chosen.id in found.failures:
            failures[chosen.id] = found.failures[chosen.id]
    used = [marked.result for marked in (last, *earlier) if id(marked) in taken]
    notes = dict.fromkeys(note for result in used for note in result.notes)
    made = question_result(question, checks, list(notes))
    made.given = list(dict.fromkeys(name for result in used for name in result.given))
    return MarkedWay(made, failures)


def not_graded(question: Question, reason: str) -> QuestionResult:
    """Return the result of a question that the grader could not judge."""
    return QuestionResult(
        id=question.id,
        notebook=question.notebook,
        title=question.title,
        score=0.0,
        max_score=float(question.points),
        status="not_graded",
        notes=[messages.ERROR, reason],
    )


def total(result: SubmissionResult) -> SubmissionResult:
    """Add up the questions of *result*, in place, and return it."""
    totals: dict[str, Points] = {}
    for question in result.questions:
        notebook = totals.setdefault(question.notebook, {"score": 0.0, "max_score": 0.0})
        notebook["score"] = round(notebook["score"] + question.score, 6)
        if question.status == "needs_marking":
            result.pending += question.max_score
            result.max_score -= question.max_score
        else:
            notebook["max_score"] += question.max_score
        if question.status == "not_graded":
            result.status = "not_graded"
    result.notebooks = totals
    result.score = round(sum(notebook["score"] for notebook in totals.values()), 6)
    return result


def notes(judged: Sequence[Judged]) -> list[str]:
    """Return a sentence for each thing that is worth a look; nothing is taken off for any.

    An input that was written into, and a function that calls another one, its forward pass,
    again and again, as a numeric derivative does.
    """
    changed: set[tuple[str, str]] = set()
    calls: set[Calls] = set()
    for entry in judged:
        for text in entry.notes:
            match parse(text):
                case Changed(name):
                    changed.add((entry.check.call, name))
                case Calls() as counted:
                    calls.add(counted)
    # One for each two functions; of several counts the last in the order of their digits.
    told = {
        (c.function, c.name): calls_told(c.times)
        for c in sorted(calls, key=lambda c: (*c[:2], str(c.times)))
    }
    return [*dict.fromkeys(_changed(call, name) for call, name in sorted(changed))] + [
        messages.COUNTED.format(call=call, name=name, count=times)
        for (call, name), times in told.items()
    ]


def _changed(call: str, name: str) -> str:
    if name.endswith("arguments"):  # a model's constructor has them: the check is about a method
        return messages.CHANGED_ARGUMENTS.format(call=call.partition(".")[0])
    return messages.CHANGED.format(call=call, name=name)


def rounded(points: float) -> float:
    """Return *points* without the last digits of a sum, and zero as 0.0, never -0.0."""
    return round(points, 6) + 0.0


def _unmet(check: Check, by_id: Mapping[str, Judged]) -> str:
    """Return the id of the failed check that the points of *check* depend on, or "".

    That is the check it needs, or one which that needs in turn.
    """
    needed = by_id.get(check.needs or "")
    if needed is None:
        return ""
    wrong = not needed.fault and not all(
        scoring.right(needed, name) for name in needed.check.outputs
    )
    return needed.check.id if wrong else _unmet(needed.check, by_id)


def _check_result(
    entry: Judged, explained: Explained | None, earned: Mapping[str, float], places: Places
) -> CheckResult:
    """Return the result of one check whose outputs have *earned* these parts of their points."""
    check, verdict = entry.check, entry.verdict
    if entry.fault:
        return CheckResult(
            id=check.id,
            title=check.title,
            visibility=check.visibility,
            status="error",
            score=0.0,
            max_score=check.points,
            message=messages.ERROR,
        )
    result = CheckResult(
        id=check.id,
        title=check.title,
        visibility=check.visibility,
        status="passed" if verdict.passed else "failed",
        score=rounded(scoring.points(check, earned)),
        max_score=check.points,
        stage=verdict.stage,
        nearly=bool(verdict.nearly),
    )
    if verdict.passed:
        return result
    result.outputs = scoring.outputs(entry, earned)
    shown_verdict, facts = explained or (verdict, hidden(verdict, places))
    # How right it is says what all examples show; an example alone may be nearer.
    shown_verdict = replace(shown_verdict, nearly=verdict.nearly)
    if entry.says:
        facts["nearly"] = entry.says
    if verdict.nearly and "precision" in verdict.evidence:
        facts["precision"] = verdict.evidence["precision"]
    facts["call"], facts["output"] = check.call, messages.name_of(shown_verdict.output)
    facts["failing"] = [entry.failing, entry.examples]
    result.evidence = facts
    public = facts["example"] != "hidden"
    result.message = messages.message(check, shown_verdict, facts, public=public)
    result.message = " ".join([result.message, *_right(result)])
    return result


def _catalogued(naming: Naming) -> list[ExplanationFacts]:
    """Return what the catalogue says of a failed check."""
    return [
        {
            "mechanism": "catalogue",
            "text": named.misconception.message,
            "outputs": [*named.arrays],
            "misconception": named.misconception.id,
        }
        for named in naming.named
    ]


def _right(check: CheckResult) -> list[str]:
    """Return the sentence about the outputs of a failed check that are right, if there are any."""
    right = [
        output["name"]
        for output in check.outputs
        if output["status"] == "passed" and output["score"]
    ]
    return [messages.right_outputs(right)] if right else []


def _speaks(check: CheckResult) -> Mechanism:
    """Return what the message of a failed check comes from, as long as nobody looked further."""
    if check.diagnosis or check.evidence.get("nearly"):
        return "catalogue"
    if check.stage not in ("value", "gradient") or "property" in check.evidence or check.nearly:
        return "stage"
    return "structure" if "structure" in check.evidence else "number"


def _status(checks: Sequence[CheckResult], points: float) -> QuestionStatus:
    score = sum(check.score for check in checks)
    if score >= points - 1e-9:
        return "passed"
    if score > 0:
        return "partial"
    states = {check.status for check in checks}
    if "error" in states and "failed" not in states:
        return "not_graded"  # nothing that is the student's went wrong
    stages = {check.stage for check in checks if check.status == "failed"}
    return "not_implemented" if stages == {"not_implemented"} else "failed"
