"""Causes, code and appeals in the desk: what is shown, changed, undone, and refused."""

from __future__ import annotations

import re
import shutil
from html import unescape
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("starlette", reason="the extra [web] is not installed")
testclient = pytest.importorskip("starlette.testclient", reason="httpx is not installed")

from grader.classroom.policy import Policy  # noqa: E402
from grader.cli import main  # noqa: E402
from grader.key import load  # noqa: E402
from grader.key.sources import key_folder, manifest  # noqa: E402
from grader.web.app import application  # noqa: E402
from grader.web.desk import Desk  # noqa: E402

PLAIN = ("--isolation", "process", "--allow-unsandboxed")
WRONG = "def scale_forward(x, a):\n    return x, (x, a)\n\n\n"
ORIGIN = "http://127.0.0.1:8000"


@pytest.fixture(scope="module")
def graded(toy_course: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four hand-ins, graded: two are wrong in one way, one in another, one is right."""
    folder = tmp_path_factory.mktemp("decided")
    right = (toy_course / "scales" / "scale.py").read_text("utf-8")
    backward = right[right.index("def scale_backward") :]
    texts = {
        "ada": right,
        "bo": WRONG + backward,
        "cy": WRONG + backward,
        "di": right.replace("sum(axis=0)", "sum(axis=1)  # <b>why</b>"),
    }
    for name, text in texts.items():
        place = folder / "class" / name / "scales"
        place.mkdir(parents=True)
        (place / "scale.py").write_text(text, "utf-8")
        shutil.copy(toy_course / "scales" / "steps.py", place)
    grades = folder / "grades"
    words = ["grade", "-q", "-a", toy_course, "-o", grades, "-j", 2, *PLAIN, folder / "class"]
    assert main([str(word) for word in words]) == 0
    return grades


class FormBrowser:
    """A browser that came with the token: it follows links and sends forms as they stand."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self._client = testclient.TestClient(application(desk), base_url=ORIGIN)
        self._client.get(f"/?token={desk.sessions.token}")
        self.html = ""

    def get(self, path: str, status: int = 200) -> str:
        """Return a page, as it is read: without the signs of HTML."""
        answer = self._client.get(path)
        assert answer.status_code == status, answer.text
        self.html = answer.text
        return unescape(re.sub(r"<[^>]+>", "", answer.text))

    def fetch(self, path: str) -> Any:
        """Return the bare answer of a path."""
        return self._client.get(path)

    def send(self, action: str, status: int = 200, **fields: str) -> str:
        """Send the first form to *action* of the page at hand, with some *fields* filled in."""
        forms = re.findall(r"<form[^>]*>.*?</form>", self.html, re.DOTALL)
        form = next(f for f in forms if f'action="{action}"' in f)
        hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form))
        data = {name: unescape(value) for name, value in hidden.items()} | fields
        answer = self._client.post(action, data=data, headers={"Origin": ORIGIN})
        assert answer.status_code == status, answer.text
        if status == 200:
            self.html = answer.text
        return unescape(re.sub(r"<[^>]+>", "", answer.text))

    def follow(self, text: str) -> str:
        """Follow the first link whose text begins so."""
        links = re.findall(r'<a [^>]*href="([^"]*)"[^>]*>(.*?)</a>', self.html)
        found = [unescape(to) for to, words in links if unescape(words).startswith(text)]
        return self.get(found[0])

    def action(self, pattern: str) -> str:
        """Return the address of the first form that matches."""
        found = re.search(f'action="({pattern})"', self.html)
        assert found is not None
        return found[1]

    def scores(self) -> dict[str, float]:
        """Return what every student's points are now."""
        names = self.desk.gradebook.submissions()
        return {r["submission"]: r["score"] for r in self.desk.telling().results(names)}

    def notes(self) -> dict[str, list[str]]:
        """Return the notes of every student's questions now."""
        names = self.desk.gradebook.submissions()
        results = self.desk.telling().results(names)
        return {r["submission"]: [n for q in r["questions"] for n in q["notes"]] for r in results}


@pytest.fixture
def browser(graded: Path, toy_course: Path, tmp_path: Path) -> FormBrowser:
    """A browser at a desk of its own, by the name of kim."""
    shutil.copytree(graded, tmp_path / "grades")
    assignment = manifest(toy_course)
    key = load(key_folder(toy_course, assignment))
    desk = Desk(tmp_path / "grades", toy_course, assignment, key, Policy())
    desk.isolation = PLAIN
    desk.sessions.marker = "kim"
    return FormBrowser(desk)


def shared(browser: FormBrowser) -> str:
    """Open the page of the cause that two students share."""
    browser.get("/causes")
    row = next(r for r in re.findall(r"<tr>.*?</tr>", browser.html) if ">2</td>" in r)
    found = re.search(r'href="([^"]+)"', row)
    assert found is not None
    return browser.get(unescape(found[1]))


def test_a_cause_leads_to_its_students(browser: FormBrowser) -> None:
    """Who they are stays hidden until that is asked for."""
    listed = browser.get("/causes")
    assert "Scale: forward" in listed
    assert "Scale: backward" in listed
    assert "2 students" in shared(browser)
    assert not re.search(r">(ada|bo|cy|di)<", browser.html)
    browser.send("/names")
    assert re.findall(r">(ada|bo|cy|di)<", browser.html) == ["bo", "cy"]
    browser.follow("bo")
    assert "return x, (x, a)" in browser.html


def test_a_note_is_pinned_and_undone(browser: FormBrowser) -> None:
    """It stands on the pages of exactly those two, once though the form came twice."""
    shared(browser)
    first = browser.html
    assert "on the pages of 2 students" in browser.send("/cause/pin", text="Read <b>slide 3</b>.")
    browser.html = first
    browser.send("/cause/pin", text="Read <b>slide 3</b>.")
    assert "<b>slide" not in browser.html
    counts = {name: len(notes) for name, notes in browser.notes().items()}
    assert counts == {"ada": 0, "bo": 1, "cy": 1, "di": 0}
    assert "Undone: pinned a note" in browser.send("/undo")
    assert not any(browser.notes().values())
    whos = [(entry.who, entry.what.split(" (")[0]) for entry in browser.desk.gradebook.logged()]
    assert whos == [("kim", "pinned a note"), ("kim", "undid: pinned a note")]


def test_a_note_is_taken_off(browser: FormBrowser) -> None:
    """In the list of what was done, too."""
    shared(browser)
    browser.send("/cause/pin", text="Read slide 3.")
    browser.get("/causes")
    assert "The note was taken off" in browser.send("/cause/unpin")
    assert not any(browser.notes().values())


def test_points_of_exactly_these_students(browser: FormBrowser) -> None:
    """What it cost is given back to both, and taken back by one button."""
    before = browser.scores()
    shared(browser)
    browser.send("/cause/points", change="back", reason="The check was harsh.")
    gained = {name: score - before[name] for name, score in browser.scores().items()}
    assert gained == {"ada": 0, "bo": 4, "cy": 4, "di": 0}
    shared(browser)
    browser.send("/take-back")
    assert browser.scores() == before


def test_what_cannot_be_done_is_refused_and_stored_nowhere(browser: FormBrowser) -> None:
    """No reason, no number, no text; a class that has changed; a cause that nobody has."""
    before = browser.scores()
    shared(browser)
    assert "say why" in browser.send("/cause/points", 400, change="back", reason="")
    browser.send("/cause/points", 400, change="add", points="many", reason="why")
    browser.send("/cause/points", 400, change="steal", points="1", reason="why")
    assert "write the note" in browser.send("/cause/pin", 400, text=" ")
    said = browser.send("/cause/points", 409, change="back", reason="why", of="others")
    assert "Other students" in said
    browser.send("/cause/points", 404, change="back", reason="why", id="nothing")
    assert "Nobody has lost points by this cause" in browser.get("/cause?question=q&id=x")
    assert browser.scores() == before
    assert browser.desk.gradebook.logged() == []


def test_a_regrade_of_exactly_these_and_the_way_back(browser: FormBrowser) -> None:
    """Both are marked again from their stored bytes; the earlier results can be put back."""
    gradebook = browser.desk.gradebook
    row = gradebook.row("bo")
    assert row is not None
    # As if another grader had marked it then.
    gradebook.put_back(row._replace(result=row.result.replace('"grader": "', '"grader": "0.')))
    shared(browser)
    assert "Marking again: 2 hand-ins" in browser.send("/cause/regrade", key="now")
    assert browser.desk.regrading is not None
    browser.desk.regrading.wait()
    assert browser.desk.regrading.code == 0, browser.desk.regrading.said()
    assert "2 results marked again" in browser.get("/causes")
    assert {one.submission for one in gradebook.replaced()} == {"bo", "cy"}
    (again,) = gradebook.results(["bo"])
    assert not again["grader"].startswith("0.0.")
    assert gradebook.logged()[-1].who == "kim"
    assert "The earlier results of 2 students are back" in browser.send("/cause/put-back")
    (before,) = gradebook.results(["bo"])
    assert before["grader"].startswith("0.0.")


def test_code_is_shown_with_its_verdicts(browser: FormBrowser) -> None:
    """A student's own text is text: in the function, in the file, and in the frame."""
    browser.get("/code")
    page = browser.follow("Scale: backward")
    assert "<b>why</b>" not in browser.html
    assert "<b>why</b>" in page
    frame = re.search(r'<iframe[^>]*sandbox=""[^>]*src="([^"]+)"', browser.html)
    assert frame is not None
    answer = browser.fetch(frame[1])
    assert answer.headers["content-security-policy"].startswith("sandbox; default-src 'none'")
    assert "<b>why</b>" not in answer.text
    assert not re.search(r"\bdi\b", re.sub(r"(?s)<style>.*?</style>", "", answer.text))


def test_points_of_one_student_are_changed_and_made_again_for_the_next(
    browser: FormBrowser,
) -> None:
    """Of a question or a check; a change is offered for the next student by a number key."""
    before = browser.scores()
    browser.get("/code")
    browser.follow("Scale: forward")
    first = browser.action(r"/code/scale-forward/\w+")
    browser.send(first, check="", change="add", points="1.5", reason="A good idea.")
    changed = [score - before[name] for name, score in browser.scores().items()]
    assert sorted(changed) == [0, 0, 0, 1.5]
    browser.follow("Next who lost points")
    assert 'data-key="1"' in browser.html
    other = browser.action(r"/code/scale-forward/\w+")
    assert other != first
    browser.send(other)  # as for the student before
    changed = [score - before[name] for name, score in browser.scores().items()]
    assert sorted(changed) == [0, 0, 1.5, 1.5]
    browser.send("/undo")
    browser.send("/undo")
    assert browser.scores() == before
    (check, *_) = re.findall(r'<option value="(scale-forward[^"]*)"', browser.html)
    browser.send(other, check=check, change="set", points="0,5", reason="Half.")
    browser.send(other, 400, check="other", change="set", points="0.5", reason="Half.", new="c1")
    browser.send(other, 400, check=check, change="set", points="-1", reason="Half.", new="c2")
    assert sum(browser.scores().values()) == pytest.approx(sum(before.values()) + 0.5)


def test_an_objection_is_recorded_decided_and_taken_back(browser: FormBrowser) -> None:
    """With the code beside it; the decision and its points are on the page, and undone as one."""
    before = browser.scores()["di"]
    (di,) = browser.desk.gradebook.results(["di"])
    browser.get("/appeals")
    assert "has the code" in browser.send("/appeals", 400, code="nothing", objection="It is right.")
    asked = {"code": di["replay"], "question": "scale-backward"}
    browser.send("/appeals", objection="It <i>is</i> right.", **asked)
    assert "<i>is" not in browser.html
    page = browser.follow("It ")
    assert "Scale: backward" in page
    assert "<b>why</b>" in page
    (appeal,) = browser.desk.gradebook.appeals()
    action = f"/appeals/{appeal.id}"
    browser.send(action, 400, change="none", decision="")
    browser.send(action, change="add", points="2", decision="You are right in part.")
    assert browser.scores()["di"] == before + 2
    assert any("right in part" in note for note in browser.notes()["di"])
    browser.get(action)
    browser.send(action, change="set", points="3", decision="It is worth 3.")
    assert any("It is worth 3." in note for note in browser.notes()["di"])
    assert not any("in part" in note for note in browser.notes()["di"])
    browser.send("/undo")
    assert browser.scores()["di"] == before + 2
    browser.get(action)
    assert "open again" in browser.send(f"{action}/reopen")
    assert browser.scores()["di"] == before
    assert browser.notes()["di"] == []


def test_pages_that_are_not_there(browser: FormBrowser) -> None:
    """A question, a student, an appeal that isn't known: a plain refusal."""
    for path in ("/code/nothing", "/code/decay/nobody", "/appeals/a0", "/feedback/nobody"):
        assert "There is no such page" in browser.get(path, 404)
