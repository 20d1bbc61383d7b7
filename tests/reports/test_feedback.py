"""The page for one student."""

import base64
import copy
import hashlib
import re
from itertools import pairwise

import pytest

from grader.model.verdicts import STAGES
from grader.reports import feedback
from grader.reports.findings import Diagnosis, finding
from grader.wording import labels as vocabulary
from grader.wording.stages import STAGE_WORDS


def test_no_text_of_a_result_is_taken_for_markup(result, hostile):
    """Names, messages, code, exceptions and notes show as the text that they are."""
    html = feedback(
        hostile.everywhere(result),
        title=hostile.text,
        links={"affine-backward": "javascript:alert(1)"},
    )
    parsed = hostile.harmless(html)
    assert "<script>alert(1)</script>" in parsed.text
    assert "\\x1b[31m\\u202e\\x00" in parsed.text
    assert all(not link["href"].startswith("javascript") for link in parsed.all("a"))


def test_hostile_ids_stay_within_their_attribute(result, hostile):
    """An id that isn't one becomes an anchor of plain characters."""
    result["questions"][1]["id"] = '"><script>alert(1)</script>'
    parsed = hostile.harmless(feedback(result))
    assert all(re.fullmatch(r"[A-Za-z0-9_-]+", a["id"]) for _, a in parsed.tags if "id" in a)


def test_lone_surrogates_can_be_written(result):
    """Half a surrogate pair in a file's name does not break the writing of the page."""
    result["source"] = "s\ud800.zip"
    assert "s\\ud800.zip" in feedback(result).encode("utf-8").decode("utf-8")


def test_the_policy_allows_the_stylesheet_and_nothing_else(result, page):
    """The Content-Security-Policy holds the hash of the one inline style."""
    parsed = page(feedback(result))
    (policy,) = [m["content"] for m in parsed.all("meta") if "http-equiv" in m]
    style = "".join(data for tag, data in parsed.texts if tag == "style")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert len(parsed.all("style")) == 1
    assert policy.startswith("default-src 'none'; ")
    assert f"style-src 'sha256-{digest}'" in policy
    assert "unsafe" not in policy
    assert "script" not in policy


def test_the_same_result_makes_the_same_page(result, diagnoses):
    """A page depends on nothing but what it is given."""
    first = feedback(copy.deepcopy(result), diagnoses=diagnoses, title="T")
    assert feedback(result, diagnoses=diagnoses, title="T") == first


def test_headings_landmarks_and_references_are_in_order(result, diagnoses, page):
    """One h1, no level skipped, each landmark once, every reference leads somewhere."""
    parsed = page(feedback(result, diagnoses=diagnoses))
    levels = [int(tag[1]) for tag, _ in parsed.tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    for landmark in ("header", "main", "footer"):
        assert len(parsed.all(landmark)) == 1
    assert parsed.all("html") == [{"lang": "en"}]
    ids = [attributes["id"] for _, attributes in parsed.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    labels = [a["aria-labelledby"] for _, a in parsed.tags if "aria-labelledby" in a]
    assert set(labels) <= set(ids)
    anchors = [a["href"][1:] for a in parsed.all("a") if a["href"].startswith("#")]
    assert anchors[0] == "main"
    assert set(anchors) <= set(ids)


def test_pictures_have_a_name_or_are_hidden(result, page):
    """A picture is either named or decoration; what scrolls can be reached by keyboard."""
    parsed = page(feedback(result))
    for svg in parsed.all("svg"):
        assert svg.get("aria-hidden") == "true" or svg["role"] == "img"
    assert all(pre["tabindex"] == "0" and pre["aria-label"] for pre in parsed.all("pre"))
    assert all("scope" in th for th in parsed.all("th"))


def test_nothing_is_open_that_passed(result, page):
    """Passed checks and examples are folded; nobody has to scroll past them."""
    details = page(feedback(result)).all("details")
    assert details
    assert all("open" not in attributes for attributes in details)


@pytest.mark.parametrize("stage", STAGES)
def test_every_stage_has_its_words(result, page, stage):
    """Whatever stage a check stops at, the page says so and shows the message."""
    failed = result["questions"][6]["checks"][0]
    failed |= {"stage": stage, "message": "Look here first.", "evidence": {}}
    text = page(feedback(result)).text
    assert "Look here first." in text
    assert STAGE_WORDS[stage].label in text


@pytest.mark.parametrize("status", vocabulary.STATUSES)
def test_every_status_has_its_words(result, page, status):
    """Whatever a question's status, with no check to show for it, the page says it."""
    result["questions"] = [{**result["questions"][8], "status": status}]
    assert page(feedback(result)).text.count(vocabulary.STATUSES[status]) >= 2


def test_the_earliest_stage_and_the_best_diagnosis_come_first(result, diagnoses, page):
    """Of several failures one is told: value before gradient, what is diagnosed before the rest."""
    question = result["questions"][1]
    plain = {**question["checks"][3], "diagnosis": None, "message": "Another failure."}
    question["checks"].insert(0, plain)
    headings = [d for tag, d in page(feedback(result, diagnoses=diagnoses)).texts if tag == "h4"]
    assert headings[0] == "A mean where a sum is asked"


def test_two_known_mistakes_are_both_told(result, diagnoses, page):
    """The first speaks, the other stands beneath it, and what else was found out is folded."""
    question = result["questions"][1]
    diagnoses = {**diagnoses, "affine-dw-mean": Diagnosis("A mean for dw", "Sum dw: why.")}
    question["checks"][3]["evidence"]["explanations"] = [
        {"mechanism": "catalogue", "text": "Sum db.", "misconception": "affine-db-mean"},
        {"mechanism": "terms", "text": "A term of dx comes in twice.", "outputs": ["dx"]},
    ]
    question["checks"][2]["evidence"]["explanations"] = [
        {"mechanism": "catalogue", "text": "Sum dw.", "misconception": "affine-dw-mean"},
        {"mechanism": "catalogue", "text": "Sum db.", "misconception": "affine-db-mean"},
    ]
    html = feedback(result, diagnoses=diagnoses)
    headings = [d for tag, d in page(html).texts if tag == "h4"]
    assert headings[:2] == ["A mean where a sum is asked", "A mean for dw"]
    assert "Sum dw: why." in page(html).text
    folded = html[html.index("What else was found out") :]
    assert folded.index("A term of dx comes in twice.") < folded.index("</details>")
    assert html.count("A term of dx comes in twice.") == 1


def test_what_was_right_comes_before_what_was_not(result, diagnoses):
    """In a question that is right in part, the passed checks stand before the message."""
    html = feedback(result, diagnoses=diagnoses)
    question = html[html.index('<h3 id="q-affine-backward"') :]
    assert question.index("2 of 4 checks passed") < question.index("A mean where a sum is asked")


def test_an_unknown_diagnosis_shows_the_message_of_the_check(result, page):
    """A diagnosis that has no words yet leaves the check's own."""
    assert "Numbers differ: db" in page(feedback(result)).text


def test_the_evidence_is_all_there(result, diagnoses, page):
    """Input, what came, what was expected, the worst element, error and bound, and the source."""
    text = page(feedback(result, diagnoses=diagnoses)).text
    for said in (
        "affine_backward(dout, (x, w, b))",
        "Got ( shape (2,), float64",
        "The element furthest off is at [0]: got 0.75, expected 1.5.",
        "The relative error is 3.3e-01; at most 1e-09 is allowed.",
        "25 of 25 examples fail",
        "db = np.mean(dout, axis=0)",
        "0.667",
    ):
        assert said.replace("( ", "(") in text.replace("( ", "("), said


def test_the_line_that_raised_is_marked(result, page):
    """Of the student's function, the one line that raised stands out, in words too."""
    parsed = page(feedback(result))
    (at,) = [i for i, (_, data) in enumerate(parsed.texts) if data == "Raised here: "]
    assert [data for _, data in parsed.texts[at + 1 : at + 3]] == [
        "19",
        '    v = config["mu"] * v - config["learning_rate"] * dw',
    ]


def test_only_wrong_elements_are_marked(result):
    """Elements that differ are marked on both sides; the others are not."""
    html = feedback(result)
    question = html[html.index('<h3 id="q-relu-backward"') :]
    question = question[: question.index("</article>")]
    assert re.findall(r"<mark>\s*([^<]*)</mark>", question) == ["0", "0.5", "nan", "1.5", "0", "0"]


def test_numbers_that_differ_late_are_shown_in_full(result):
    """Where five digits would read the same on both sides, all of them are shown."""
    evidence = result["questions"][1]["checks"][3]["evidence"]
    evidence |= {"got": [1.00000001, 2.0], "expected": [1.0, 2.0]}
    html = feedback(result)
    assert "1.00000001" in html


@pytest.mark.parametrize(
    ("got", "expected"),
    [
        (1.5, 1.0),
        ([[[1.0], [2.0]], [[3.0], [4.0]]], [[[1.0], [2.0]], [[3.0], [5.0]]]),
        ([1.0, 2.0], [[1.0], [2.0]]),
        ([], []),
        ([], [1.0]),
        ("an array of shape (30, 30)", "an array of shape (30, 30)"),
        ("list", [1.0]),
        ([1.0], None),
        ([[1.0, 2.0], [3.0]], [[1.0, 2.0], [3.0, 4.0]]),
    ],
)
def test_arrays_of_any_shape_are_shown(result, page, got, expected):
    """Scalars, empty arrays, three dimensions, two shapes, texts: all make a page."""
    evidence = result["questions"][1]["checks"][3]["evidence"]
    evidence |= {"got": got, "expected": expected}
    del evidence["heat"]
    assert "Got" in page(feedback(result)).text


def test_a_failure_without_evidence_makes_a_page(result, page):
    """Every part of the evidence may be missing, or null."""
    check = result["questions"][1]["checks"][3]
    for evidence in ({}, dict.fromkeys(check["evidence"]), None):
        check["evidence"] = evidence
        assert check["message"] in page(feedback(result)).text


def test_an_unreadable_submission_gets_its_reason(unreadable, page):
    """The page says why it could not be read, and shows no score."""
    text = page(feedback(unreadable)).text
    assert "no package was found: a folder with layers.py is asked" in text
    assert "points" not in text


def test_links_lead_to_notes_of_the_web_only(result, page):
    """A question's link shows if it is http or https."""
    links = {"affine-backward": "https://example.org/a?b=1&c=2", "relu-backward": "file:///etc"}
    hrefs = [a["href"] for a in page(feedback(result, links=links)).all("a")]
    assert "https://example.org/a?b=1&c=2" in hrefs
    assert "file:///etc" not in hrefs


def test_the_next_thing_to_do_stands_on_top(result, diagnoses, page):
    """The first broken part, what is to be done there, and what waits for it."""
    builds_on = {"sgd-momentum": ("affine-backward",)}
    html = feedback(result, diagnoses=diagnoses, builds_on=builds_on)
    text = page(html).text
    assert text.index("Do this next") < text.index("Overview")
    top = text[text.index("Do this next") : text.index("Overview")]
    assert "Affine layer: backward" in top
    assert "3 points are missing there" in top
    assert "SGD with momentum" in top
    assert 'href="#q-affine-backward"' in html[: html.index('id="overview"')]


def test_nothing_is_next_where_all_is_right(result, page):
    """A page of right answers recommends nothing."""
    for question in result["questions"]:
        question |= {"status": "passed", "score": question["max_score"], "checks": []}
    assert "Do this next" not in page(feedback(result)).text


def long_function(lines=60, raised=0, repaired=0):
    """Return evidence with a function of so many lines, one of which is at fault."""
    text = ["def f(x):", *(f"    x = x + {n}" for n in range(2, lines + 1))]
    told = {"mechanism": "repair", "text": "Look at it.", "file": "f.py", "line": repaired + 99}
    return {
        "source": {"file": "f.py", "name": "f", "first": 100, "lines": text,
                   "line": raised + 99 if raised else None},
        "explanations": [told] if repaired else [],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("evidence", "marked", "shown"),
    [
        (long_function(raised=40), 139, range(131, 148)),
        (long_function(repaired=40), 139, range(131, 148)),
        # What raised is at fault, whatever else was found out.
        (long_function(raised=3, repaired=40), 102, range(100, 117)),
        (long_function(repaired=60), 159, range(143, 160)),
        (long_function(lines=20, repaired=9), 108, ()),
        (long_function(), None, ()),
    ],
)
def test_the_line_at_fault_is_marked_and_in_sight(evidence, marked, shown):
    """A long function is shown about it, with the numbers that its lines have in the file."""
    found = finding({"title": "C", "status": "failed", "stage": "value", "evidence": evidence})
    assert [line.number for line in found.lines if line.mark] == ([marked] if marked else [])
    assert [line.number for line in found.excerpt] == list(shown)
    for line in found.excerpt:
        assert line.text == evidence["source"]["lines"][line.number - 100]


def test_an_excerpt_is_followed_by_the_rest(result, page):
    """Both say which lines they are, and the mark is told in words."""
    for check in result["questions"][1]["checks"]:
        check["evidence"] = {**check["evidence"], **long_function(repaired=40)}
    text = page(feedback(result)).text
    assert re.search(r"Look here:? 139", text)
    assert "More of it: lines 100 to 159" in text
