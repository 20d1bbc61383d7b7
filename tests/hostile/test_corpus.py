"""No hostile submission gains a point, learns a secret, leaves a trace or hurts the grader.

By default at the strongest level that the machine has; with ``GRADER_HOSTILE=all`` at each that
confines. ``test_controls.py`` shows that every attack is real.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

import pytest
from cases import Case, cases
from trial import Trial

from grader.key import Key
from grader.model.assignment import Assignment
from grader.model.verdicts import SubmissionResult

CASES = cases()
Files = dict[str, bytes]


def _ids(case: Case) -> str:
    return case.id


def _points(result: SubmissionResult) -> dict[str, float]:
    """Return the points of every question and of every check."""
    found = {question.id: question.score for question in result.questions}
    return found | {check.id: check.score for q in result.questions for check in q.checks}


def _touched(course: Assignment, zero: tuple[str, ...]) -> set[str]:
    """Return the questions that a case spoils, and those that build on them."""
    spoilt = {id.partition(".")[0] for id in zero}
    for question in course.questions:
        if spoilt & set(question.builds_on):
            spoilt.add(question.id)
    return spoilt


def test_the_corpus_covers_every_kind_of_attack() -> None:
    """At least sixty cases, over all groups."""
    assert len(CASES) >= 60
    groups = {"reading", "faking", "forging", "breaking", "network", "gaming", "pages"}
    assert {case.group for case in CASES} == groups


@pytest.mark.parametrize("case", CASES, ids=_ids)
def test_a_hostile_submission_gets_what_it_earns_and_no_more(
    trial: Trial, reference: Files, case: Case
) -> None:
    """No point, no secret, no trace, no harm; its honest questions in full; the next one too."""
    state = trial.state()
    attempt = trial.hostile(case, reference)
    points = _points(attempt.result)
    assert {id: points[id] for id in case.zero} == dict.fromkeys(case.zero, 0.0)
    touched = _touched(trial.course, case.zero)
    for question in attempt.result.questions:
        if question.id not in touched:
            assert question.score == question.max_score, question
    assert attempt.effects - {"page"} == set()  # what is printed goes on no page
    honest = trial.mark({path: text.decode() for path, text in reference.items()})
    assert (honest.result.status, honest.result.score) == ("graded", honest.result.max_score)
    assert trial.state() == state


def test_the_published_keys_answers_earn_with_the_published_key_only(
    trial: Trial, public_key: Key, reference: Files, known: Mapping[str, object]
) -> None:
    """What was looked up is right there, so that it is the seed that keeps it from earning."""
    (case,) = [case for case in CASES if case.where == "public key"]
    public = Trial(trial.course, public_key, trial.sandbox, trial.arena, known)
    found = {q.id: q.score for q in public.hostile(case, reference).result.questions}
    assert found["rmsprop"] >= 3.0


def test_honest_marks_stay_in_a_class_of_hostile_submissions(
    trial: Trial, reference: Files
) -> None:
    """Honest submissions of three kinds, every eighth case of the corpus between them."""
    honest = {path: text.decode() for path, text in reference.items()}
    slow = {**honest, "optim.py": honest["optim.py"] + "\nfor i in range(10**5):\n    pass\n"}
    wrong = honest["layers.py"].replace(
        "dout.sum(axis=0)\n    # END", "dout.mean(axis=0)\n    # END"
    )
    assert wrong != honest["layers.py"]
    kinds = [honest, slow, {**honest, "layers.py": wrong}]
    alone = [_points(trial.mark(files).result) for files in kinds]
    for number, case in enumerate(CASES[::8]):
        trial.hostile(case, reference)
        assert _points(trial.mark(kinds[number % 3]).result) == alone[number % 3]


def test_the_reference_gives_nothing(isolating: Trial, reference: Files) -> None:
    """Where the reference answers for what failed, what it doesn't answer for earns no more."""
    honest = {path: text.decode() for path, text in reference.items()}
    for case in CASES if os.environ.get("GRADER_HOSTILE") == "all" else CASES[::8]:
        attempt = isolating.hostile(case, reference)
        for question in attempt.result.questions:
            if question.id in case.zero and not question.given:
                assert question.score == 0.0, (case, question)
        assert attempt.effects - {"page"} == set(), case
    result = isolating.mark(honest).result
    assert result.score == result.max_score
    sums = "dout.sum(axis=0)\n    # END"
    wrong = honest["layers.py"].replace(sums, sums.replace("sum", "mean"))
    answered = isolating.mark({**honest, "layers.py": wrong}).result.questions
    assert any(question.given for question in answered)  # the reference is there, and asked
