"""The page for the instructor."""

import copy
from itertools import pairwise

import pytest

from grader.classroom.clusters import Cluster
from grader.reports import Diagnosis, feedback, overview


def cluster(person):
    """A cluster of one, with that person's first failed check as its example."""
    checks = [check for question in person["questions"] for check in question["checks"]]
    example = next(check for check in checks if check["status"] == "failed")
    return Cluster("relu.values@0a1b2c3d", "relu-forward", example, [person["submission"]])


def test_no_text_of_a_result_is_taken_for_markup(people, hostile):
    """Hostile names, titles, reasons, diagnoses and outputs show as text."""
    texts = {"affine-db-mean": Diagnosis(hostile.text, hostile.text, hostile.text)}
    found = cluster(hostile.everywhere(people[0]))
    found = Cluster(hostile.text, hostile.text, found.example, [hostile.text])
    html = overview(
        [hostile.everywhere(r) for r in people],
        title=hostile.text,
        diagnoses=texts,
        clusters=[found],
    )
    parsed = hostile.harmless(html)
    assert "<script>alert(1)</script>" in parsed.text
    assert all(link["href"].startswith(("#", "submissions/%3C")) for link in parsed.all("a"))


def test_each_submission_has_a_row_and_a_link(people, page):
    """Graded or not, every submission is there and leads to its own page."""
    people[0]["submission"] = "a b#é"
    hrefs = [a["href"] for a in page(overview(people)).all("a")]
    assert {f"submissions/{n}/feedback.html" for n in ("a%20b%23%C3%A9", "s08", "s09")} <= set(
        hrefs
    )


def test_questions_are_counted_by_status(people, page):
    """A question's row holds how many are right, partly right and so on, and the mean."""
    text = page(overview(people)).text
    assert "Affine layer: backward – 2 – – – – 3 / 6" in text
    assert "SGD with momentum – – 2 – – – 0 / 4" in text
    assert "Adam – – – – – 2 – / 6" in text


def test_the_mean_leaves_out_what_was_not_graded(people, page):
    """A question that the grader failed on counts for nobody's mean."""
    people[0]["questions"][8] |= {"status": "passed", "score": 6.0}
    assert "Adam 1 – – – – 1 6 / 6" in page(overview(people)).text


def test_failures_are_grouped_by_check_and_cause(people, diagnoses, page):
    """Two who share a diagnosis are one row; code not written yet is no failure."""
    text = page(overview(people, diagnoses=diagnoses)).text
    assert text.count("A mean where a sum is asked") == 1
    assert "divides by N. db on hidden examples 2: s07 , s08" in text
    assert text.count("RMSProp") == 1


def test_checks_that_the_same_submissions_failed_alike_are_one_row(people, page):
    """One fault that shows in two checks of a question is told once."""
    for person in people[:2]:
        checks = person["questions"][6]["checks"]
        checks.append({**checks[0], "id": "sgd-momentum.more", "title": "Other values"})
    text = page(overview(people)).text
    assert "Raised an exception Three steps on hidden examples Other values 2: s07" in text
    assert text.count("Raised an exception") == 1


def test_the_most_frequent_failure_of_a_question_comes_first(people, page):
    """Within a question, rows go by how many they concern."""
    third = {**copy.deepcopy(people[0]), "submission": "s10"}
    for person in (people[1], third):
        person["questions"][6]["checks"][0]["stage"] = "shape"
    text = page(overview([*people, third])).text
    assert 0 < text.index("Another shape than asked") < text.index("Raised an exception")


def test_the_unreadable_come_with_their_reason(people, page):
    """What needs a person's attention stands at the top."""
    text = page(overview(people)).text
    assert "s09 could not be read: no package was found" in text
    assert "s07 was not graded in full: Adam" in text


def test_clusters_are_shown_only_if_there_are_any(people, page):
    """Without clusters there is no section of them."""
    assert "match no known misconception" not in page(overview(people)).text
    shown = page(overview(people, clusters=[cluster(people[0])])).text
    assert "1 submission relu.values@0a1b2c3d s07" in shown


def test_nobody_is_a_class_too(page):
    """A class without submissions, or with unreadable ones only, makes a page."""
    assert "Class of 0 submissions" in page(overview([])).text


def test_only_unreadable_submissions_make_a_page(unreadable, page):
    """Where nothing was graded there is no mean to show."""
    assert "on average" not in page(overview([unreadable])).text


def test_the_same_class_makes_the_same_page(people):
    """A page depends on nothing but what it is given."""
    assert overview(copy.deepcopy(people)) == overview(people)


def test_headings_are_in_order_and_ids_unique(people, diagnoses, page):
    """No level is skipped, no id given twice, every table header has a scope."""
    parsed = page(overview(people, diagnoses=diagnoses, clusters=[cluster(people[0])]))
    levels = [int(tag[1]) for tag, _ in parsed.tags if tag in ("h1", "h2", "h3", "h4")]
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    ids = [attributes["id"] for _, attributes in parsed.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert all("scope" in th for th in parsed.all("th"))


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("trained_on", "Trained on 70 of the images that are there to validate or to test."),
        ("repeated", "The answer says nothing but what is asked."),
    ],
)
def test_what_is_for_the_instructor_alone_is_on_no_students_page(people, page, kind, said):
    """Trainings on images that aren't for training are listed on the class's page only."""
    assert said not in page(overview(people)).text
    person = people[0]
    person["questions"][0].setdefault("evidence", {})[kind] = [said]
    assert said in page(overview(people)).text
    assert said not in page(feedback(person)).text


def test_scores_of_different_points_are_told_apart(people, page):
    """Where a part waits for some, the page says for whom, and averages shares."""
    some = {**people[0], "submission": "s1", "score": 43.0, "max_score": 86.0, "pending": 14.0}
    whole = {**people[0], "submission": "s2", "score": 100.0, "max_score": 100.0, "pending": 0.0}
    text = page(overview([some, whole])).text
    assert "75.0 % of what is marked, on average" in text
    assert "1 submission of 86 points, 14 points more to be marked: s1" in text
    assert "1 submission of 100 points: s2" in text
    assert "of what is marked" not in page(overview([whole])).text


def test_the_page_names_its_script(people, page):
    """The policy of the class's page lets its own script run and no other; a student's has none."""
    (policy,) = [
        m["content"]
        for m in page(overview(people)).all("meta")
        if m.get("http-equiv") == "Content-Security-Policy"
    ]
    assert "script-src 'sha256-" in policy
    assert "unsafe" not in policy
