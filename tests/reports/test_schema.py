"""The published schema of result.json, and the types that it is made from."""

import json
import subprocess
import sys
from dataclasses import asdict, fields

import jsonschema
import pytest

from grader.model import records, verdicts
from grader.model.evidence import CheckEvidence, QuestionEvidence
from grader.reports import feedback, overview, summary

#: Fields that earlier results of this version lack: they stay valid.
LATER = {"engine", "nearly", "outputs", "versions"}
#: What is added to a result when it is stored, or told: nothing of it is marked.
TOLD = {"grade", "replay"}
#: Results of the last release, by the name of their file.
EARLIER = ("dx-left-flat", "empty-one", "half-filled")


@pytest.fixture(scope="module")
def schema(root):
    """The schema, as it is in docs."""
    return json.loads((root / "docs" / "result.schema.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def validator(schema):
    """A validator of the schema, which is itself valid."""
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def test_results_are_valid(validator, result, unreadable):
    """Graded and unreadable results meet the schema."""
    validator.validate(result)
    validator.validate(unreadable)


def test_what_the_model_writes_is_valid(validator, result):
    """A SubmissionResult as a dict meets the schema."""
    known = {f.name for f in fields(verdicts.SubmissionResult)}
    assert set(result) == known
    made = verdicts.SubmissionResult(**{name: result[name] for name in known})
    validator.validate(asdict(made))


def test_stages_are_those_of_the_model(schema):
    """The schema names every stage, in order."""
    assert tuple(schema["$defs"]["check"]["properties"]["stage"]["enum"][1:]) == verdicts.STAGES


def test_every_field_of_the_model_is_asked_for(schema):
    """What a result has always held is required; what came later is described."""
    for kind, where in (
        (verdicts.SubmissionResult, schema),
        (verdicts.QuestionResult, schema["$defs"]["question"]),
        (verdicts.CheckResult, schema["$defs"]["check"]),
    ):
        names = {f.name for f in fields(kind)}
        assert names == set(where["properties"]) - TOLD
        assert names - LATER == set(where["required"])


def test_records_have_the_fields_of_the_model():
    """What marking fills in is what reports read, field by field."""
    for kind, record in (
        (verdicts.SubmissionResult, records.SubmissionRecord),
        (verdicts.QuestionResult, records.QuestionRecord),
        (verdicts.CheckResult, records.CheckRecord),
    ):
        assert {f.name for f in fields(kind)} == set(record.__annotations__) - TOLD


def test_the_schema_is_fresh(root):
    """``docs/result.schema.json`` is what the types make of it."""
    script = root / "docs" / "make_schema.py"
    done = subprocess.run(
        [sys.executable, str(script), "--check"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_all_evidence_is_described(schema):
    """Every fact of a check and of a question stands in the schema."""
    for kind, name in ((CheckEvidence, "check_evidence"), (QuestionEvidence, "question_evidence")):
        assert set(kind.__annotations__) == set(schema["$defs"][name]["properties"])


@pytest.fixture(params=EARLIER)
def earlier(request, root):
    """A result of the last release."""
    path = root / "tests" / "reports" / "earlier" / f"{request.param}.json"
    return json.loads(path.read_text(encoding="utf-8"))


def test_results_of_the_last_release_are_valid(validator, earlier):
    """The schema only grows."""
    validator.validate(earlier)


def test_results_of_the_last_release_are_read(earlier):
    """Each makes the student's page, the class's, and the lines of a terminal."""
    name = earlier["submission"]
    assert all(name in page for page in (feedback(earlier), overview([earlier]), summary(earlier)))
    for question in earlier["questions"]:
        assert question["title"] in summary(earlier)


@pytest.mark.parametrize("points", [21.5, None])
def test_a_grade_is_described_and_shown(validator, result, points):
    """The number that counts, or none for who is excused, with the lines that make it."""
    lines = [{"what": "All questions", "points": 22.0}, {"what": "Late", "points": -0.5}]
    result["grade"] = {"points": points, "max_points": 30.0, "excused": points is None,
                       "late": True, "lines": lines, "notes": ["Due earlier."]}  # fmt: skip
    validator.validate(result)
    page = feedback(result)
    assert "Due earlier." in page
    assert (">Late<" in page) == (points is not None)
    result["grade"].pop("lines")
    with pytest.raises(jsonschema.ValidationError):
        validator.validate(result)


def test_unknown_fields_are_allowed(validator, result):
    """A later grader may add fields anywhere."""
    result["later"] = 1
    result["questions"][1]["later"] = 1
    result["questions"][1]["checks"][3]["later"] = 1
    result["questions"][1]["checks"][3]["evidence"]["later"] = 1
    validator.validate(result)


WRONG = {
    "another schema": lambda r: r.update(schema="grader/result/v2"),
    "no score": lambda r: r.pop("score"),
    "a negative score": lambda r: r.update(score=-1.0),
    "a score as text": lambda r: r.update(score="22"),
    "an unknown status": lambda r: r.update(status="lost"),
    "an unreadable one with points": lambda r: r.update(status="unreadable"),
    "an unknown question status": lambda r: r["questions"][0].update(status="fine"),
    "an unknown stage": lambda r: r["questions"][1]["checks"][3].update(stage="odd"),
    "a failure without a stage": lambda r: r["questions"][1]["checks"][3].update(stage=None),
    "a pass with a stage": lambda r: r["questions"][0]["checks"][0].update(stage="value"),
    "a hash of another kind": lambda r: r.update(key="md5:00"),
    "notes as one text": lambda r: r.update(notes="a note"),
    "evidence as text": lambda r: r["questions"][1]["checks"][3].update(evidence="off"),
    "a check without a title": lambda r: r["questions"][0]["checks"][0].pop("title"),
    "a heat map beyond 1": lambda r: r["questions"][1]["checks"][3]["evidence"]["heat"].update(
        values=[[2.0]]
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_results_are_refused(validator, result, name):
    """A result that is wrong in one place does not meet the schema."""
    WRONG[name](result)
    with pytest.raises(jsonschema.ValidationError):
        validator.validate(result)
