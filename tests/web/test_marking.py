"""Marking by groups, as a marker does it: what is stored, shown, kept and taken back."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import pytest
import written_class
from conftest_web import ANSWERS, QUESTION, Browser

from grader.classroom import marks_table
from grader.classroom.gradebook import Gradebook, Mark
from grader.classroom.rubric import starting_items
from grader.web.desk import Desk


def marks(desk: Desk, question: str = QUESTION) -> dict[str, float]:
    """Return the points that count, by submission."""
    return {m.submission: m.score for m in desk.gradebook.marks() if m.question == question}


def ids(desk: Desk) -> list[str]:
    """Return the ids of the rubric's items: 1 point each."""
    return [item.id for item in desk.gradebook.rubric(QUESTION)]


def group_of(desk: Desk, name: str, marker: str = "Ada") -> str:
    """Return the path of the group that an answer is in."""
    found = answer_of(desk, name)
    for group in desk.groups(QUESTION, marker):
        if found in group.answers:
            return f"/questions/{QUESTION}/groups/{group.id}"
    raise AssertionError(name)


def answer_of(desk: Desk, name: str) -> object:
    return next(a for a in desk.index.of(QUESTION) if a.submission == name)


def undo(browser: Browser, desk: Desk, marker: str) -> str:
    """Undo a marker's last step; return the page that follows."""
    step = desk.gradebook.last(marker)
    assert step is not None
    return str(browser.submit("/undo", number=str(step.number)).text)


def path_of(desk: Desk, name: str) -> str:
    return f"/answers/{answer_of(desk, name).id}"  # type: ignore[attr-defined]


def test_a_rubric_begins_as_the_course_has_it() -> None:
    """Each line is an item; what a part of its points is for is one of its own."""
    lines = ["2 points: explains it; 1 point for naming it. (Or so.)", "1 point: p is right."]
    items = [(item.text, item.points) for item in starting_items("q", lines)]
    assert items == [
        ("Explains it. (Or so.)", 2.0),
        ("Instead, for naming it.", 1.0),
        ("p is right.", 1.0),
    ]


def test_a_group_is_marked_at_once(ada: Browser, desk: Desk) -> None:
    """Equal and near answers get one mark; others wait."""
    one, two, _ = ids(desk)
    page = ada.submit(f"{group_of(desk, 'ada')}/mark", item=[one, two], comment="Good.").text
    assert marks(desk) == {"ada": 2.0, "ben": 2.0, "eve": 2.0}
    assert "Saved: 2 of 3 points." in page
    assert {mark.comment for mark in desk.gradebook.marks()} == {"Good."}


def test_the_same_choice_twice_is_one_step(ada: Browser, desk: Desk) -> None:
    """A browser that repeats what it doesn't know to be stored changes nothing."""
    one, *_ = ids(desk)
    for _ in range(2):
        ada.submit(f"{group_of(desk, 'ada')}/mark", item=[one])
    undo(ada, desk, "Ada")
    assert marks(desk) == {}
    assert desk.gradebook.last("Ada") is None


def test_members_with_a_mark_of_their_own_keep_it(ada: Browser, desk: Desk) -> None:
    """An answer that was marked by itself stays so when its group is marked; it is shown."""
    one, two, three = ids(desk)
    ada.submit(f"{path_of(desk, 'ben')}/mark", item=[one, two, three])
    group = group_of(desk, "ada")
    ada.submit(f"{group}/mark", item=[one])
    assert marks(desk) == {"ada": 1.0, "ben": 3.0, "eve": 1.0}
    assert "marked by itself: 3" in ada.get_page(group)


def test_points_stay_within_bounds(ada: Browser, desk: Desk) -> None:
    """The sum of items and an adjustment is no less than 0 and no more than the maximum."""
    path = f"{path_of(desk, 'kim')}/mark"
    for adjustment, points in (("-5", 0.0), ("1", 3.0), ("-0,5", 2.5)):
        ada.submit(path, item=ids(desk), adjustment=adjustment)
        assert marks(desk) == {"kim": points}


def test_an_answer_is_split_out_and_merged_again(ada: Browser, desk: Desk) -> None:
    """By hand, and undone; what is split out isn't marked with the others."""
    one, *_ = ids(desk)
    together = group_of(desk, "ada")
    ada.submit(f"{path_of(desk, 'eve')}/split")
    apart = group_of(desk, "eve")
    assert apart != together
    ada.submit(f"{group_of(desk, 'ada')}/mark", item=[one])
    assert marks(desk) == {"ada": 1.0, "ben": 1.0}
    gone = [path.rpartition("/")[2] for path in (apart, group_of(desk, "kim"))]
    into = together.rpartition("/")[2]
    ada.submit(f"/questions/{QUESTION}/merge", group=gone, into=into)
    assert len(desk.groups(QUESTION, "Ada")) == 1
    undo(ada, desk, "Ada")
    assert len(desk.groups(QUESTION, "Ada")) == 3


def test_steps_are_undone_one_by_one(ada: Browser, desk: Desk) -> None:
    """The last first, in a browser and in a desk that was started anew, too."""
    one, two, _ = ids(desk)
    path = f"{group_of(desk, 'ada')}/mark"
    ada.submit(path, item=[one])
    ada.submit(path, item=[one, two])
    again = Desk(desk.output, desk.place, desk.assignment, desk.key, desk.policy)
    again.begin()
    for expected in ({"ada": 1.0, "ben": 1.0, "eve": 1.0}, {}):
        step = again.gradebook.last("Ada")
        assert step is not None
        again.gradebook.undo("Ada", step.number)
        assert marks(again) == expected


def test_changed_points_follow_everywhere(ada: Browser, desk: Desk) -> None:
    """A rubric's item that is worth more is so for all who have it; undone, it is as before."""
    one, two, three = ids(desk)
    ada.submit(f"{group_of(desk, 'ada')}/mark", item=[one, two])
    ada.submit(f"{path_of(desk, 'kim')}/mark", item=[three])
    fields = {
        "id": [one, two, three, ""],
        "text": ["first", "second", "third", "Clear."],
        "points": ["0,5", "1", "1", "0.25"],
        "position": ["3", "2", "1", "4"],
    }
    ada.submit(f"/questions/{QUESTION}/rubric", **fields)
    assert marks(desk) == {"ada": 1.5, "ben": 1.5, "eve": 1.5, "kim": 1.0}
    rubric = desk.gradebook.rubric(QUESTION)
    assert [item.text for item in rubric] == ["third", "second", "first", "Clear."]
    undo(ada, desk, "Ada")
    assert marks(desk)["ada"] == 2.0
    assert len(desk.gradebook.rubric(QUESTION)) == 3


def test_an_item_that_is_given_is_not_dropped(ada: Browser, desk: Desk) -> None:
    """Marks never lose their reason."""
    one, two, three = ids(desk)
    ada.submit(f"{path_of(desk, 'kim')}/mark", item=[one])
    ada.submit(f"/questions/{QUESTION}/rubric", id=[one, two, three], text=["a", "b", "c"],
               points=["1", "1", "1"], position=["1", "2", "3"], drop=[one, two])  # fmt: skip
    assert ids(desk) == [one, three]


def test_two_markers_keep_both_marks(
    ada: Browser, browse: Callable[[str], Browser], desk: Desk
) -> None:
    """The second one doesn't overwrite; the difference is shown until somebody decides."""
    one, two, _ = ids(desk)
    ben = browse("Ben")
    path = path_of(desk, "kim")
    ada.submit(f"{path}/mark", item=[one])
    ben.submit(f"{path}/mark", item=[one, two])
    assert marks(desk) == {"kim": 1.0}
    page = ben.get_page(path)
    assert "Ada gave 1 answer other points than you." in page
    assert "Ada: 1 (counts)" in ben.get_page("/review")
    ben.submit(f"{path}/decide", whose="Ben")
    assert marks(desk) == {"kim": 2.0}
    ada.submit(f"{path}/mark", item=[])
    assert marks(desk) == {"kim": 2.0}
    undo(ben, desk, "Ben")
    assert marks(desk) == {"kim": 0.0}


def test_undo_leaves_what_another_has_changed(
    ada: Browser, browse: Callable[[str], Browser], desk: Desk
) -> None:
    """Each marker undoes own steps, as far as nobody has built on them."""
    one, *_ = ids(desk)
    ben = browse("Ben")
    for browser, text in ((ada, "by Ada"), (ben, "by Ben")):
        browser.submit(f"/questions/{QUESTION}/rubric", id=[one], text=[text], points=["1"],
                       position=["1"])  # fmt: skip
    page = undo(ada, desk, "Ada")
    assert "What somebody has changed since stays: 1 row." in page
    assert desk.gradebook.rubric(QUESTION)[0].text == "by Ben"


def test_a_second_look_hides_what_others_gave(
    ada: Browser, browse: Callable[[str], Browser], desk: Desk
) -> None:
    """Everything is open to the second marker, whose points stand beside the first's."""
    one, *_ = ids(desk)
    ada.submit(f"{group_of(desk, 'ada')}/mark", item=[one])
    ben = browse("Ben")
    assert "Others gave: Ada: 1" in ben.get_page(group_of(desk, "ada", "Ben"))
    ben.submit("/second", on="1")
    assert "Others gave" not in ben.get_page(group_of(desk, "ada", "Ben"))
    seen = set()
    for _ in desk.groups(QUESTION, "Ben"):
        answer = ben.get(f"/questions/{QUESTION}/next")
        seen.add(str(answer.url))
        ben.submit(f"{answer.url.path}/mark", item=[one])
    assert len(seen) == len(desk.groups(QUESTION, "Ben"))


def test_next_leads_through_what_is_open(ada: Browser, desk: Desk) -> None:
    """Through one question, then the next; in the end it says that all is done."""
    for _ in range(20):
        answer = ada.get(f"/questions/{QUESTION}/next?after=none")
        if answer.url.path == "/":
            break
        ada.submit(f"{answer.url.path}/mark", adjustment="1")
    assert "Every answer has a mark." in answer.text
    assert len(desk.gradebook.marks()) == 2 * len(ANSWERS)


def test_orders_differ_by_marker_and_question(desk: Desk, tmp_path: object) -> None:
    """Each marker sees the groups of a question in an order of its own, the same every time."""
    desk.begin()
    orders = {
        (marker, question): [group.id for group in desk.groups(question, marker)]
        for question in desk.index.questions()
        for marker in ("Ada", "Ben", "Eve", "Kim", "Lea", "Max")
    }
    assert len({tuple(order) for order in orders.values()}) > 2
    for (marker, question), order in orders.items():
        assert [group.id for group in desk.groups(question, marker)] == order


def test_names_are_hidden_until_they_are_asked_for(ada: Browser, desk: Desk) -> None:
    """On pages, in addresses and in the search."""
    path = group_of(desk, "ada")
    for page in (ada.get_page(path), ada.get_page("/search?q=sigmoid"), ada.get_page("/review")):
        assert not any(f">{name}" in page or f"/{name}" in page for name in ANSWERS)
    ada.submit("/names", on="1")
    assert ">ada<" in ada.get_page(path)
    assert "2 answers with" in ada.get_page("/search?q=kim")


def test_flags_are_listed_until_taken_back(ada: Browser, desk: Desk) -> None:
    """What somebody is to look at again stands on the page for review."""
    path = path_of(desk, "kim")
    ada.submit(f"{path}/flag", on="1", why="See the plot.")
    assert "See the plot." in ada.get_page("/review")
    ada.submit(f"{path}/flag", on="0")
    assert "Nothing is flagged." in ada.get_page("/review")


def test_like_answers_with_two_marks_are_listed(ada: Browser, desk: Desk) -> None:
    """Consistency: one text with two marks stands there as such."""
    one, *_ = ids(desk)
    ada.submit(f"{path_of(desk, 'ada')}/mark", item=[one])
    assert "have one mark" in ada.get_page("/review")
    ada.submit(f"{path_of(desk, 'ben')}/mark", item=[])
    assert "for the same text" in ada.get_page("/review")


def test_a_regrade_keeps_marks_and_shows_new_answers(ada: Browser, desk: Desk) -> None:
    """A run beside the desk stores results again and new ones; marks stay with their texts."""
    one, *_ = ids(desk)
    ada.submit(f"{group_of(desk, 'ada')}/mark", item=[one])
    asked = [q for q in desk.assignment.questions if q.id == QUESTION]
    with Gradebook(desk.output) as run:
        for name, text in (("ada", ANSWERS["ada"]), ("ben", "Another."), ("zoe", "Tanh too.")):
            run.save(written_class.record(name, asked, {QUESTION: text}), ["written"])
    ada.get_page("/")
    judged = desk.gradebook.judgements(QUESTION)
    waiting = [a.submission for a in desk.index.of(QUESTION) if a.where not in judged]
    assert sorted(waiting) == ["ben", "kim", "zoe"]


def test_a_submission_that_is_removed_is_gone(ada: Browser, desk: Desk) -> None:
    """With its judgements and flags; its page is missing."""
    path = path_of(desk, "kim")
    ada.submit(f"{path}/mark", item=ids(desk))
    ada.submit(f"{path}/flag", on="1")
    with Gradebook(desk.output) as other:
        other.remove("kim")
    assert ada.get("/").status_code == 200
    assert ada.get(path).status_code == 404
    assert desk.gradebook.flags() == {}
    assert marks(desk) == {}


def test_the_table_and_the_desk_agree(ada: Browser, desk: Desk) -> None:
    """What either changed last counts: an old table takes nothing back, a changed row is taken."""
    one, two, three = ids(desk)
    ada.submit(f"{path_of(desk, 'kim')}/mark", item=[one], comment="So so.")
    with Gradebook(desk.output) as gradebook:
        write = lambda: marks_table.write_table(desk.output, gradebook, ANSWERS, {})  # noqa: E731
        write()
        ada.submit(f"{path_of(desk, 'kim')}/mark", item=[one, two], comment="Better.")
        marks_table.import_table(desk.output, gradebook)
        assert marks(desk) == {"kim": 2.0}
        write()
        table = desk.output / marks_table.CSV
        text = table.read_text("utf-8-sig")
        assert '"2","Better."' in text
        table.write_text(text.replace('"2","Better."', '"3","Right."'), "utf-8")
        marks_table.import_table(desk.output, gradebook)
    page = ada.get_page(path_of(desk, "kim"))
    assert marks(desk) == {"kim": 3.0}
    assert "written.csv gave 1 answer other points than you." in page
    ada.submit(f"{path_of(desk, 'kim')}/mark", item=[three])
    assert marks(desk) == {"kim": 3.0}
    ada.submit(f"{path_of(desk, 'kim')}/decide", whose="Ada")
    assert marks(desk) == {"kim": 1.0}


def test_a_mark_of_an_earlier_table_is_shown(ada: Browser, desk: Desk) -> None:
    """Marks from before the desk count, and are there beside the marker's own."""
    where = answer_of(desk, "kim").where  # type: ignore[attr-defined]
    with Gradebook(desk.output) as gradebook:
        gradebook.mark(Mark(*where, 1.5, "Half."))
    assert "Others gave: written.csv: 1.5" in ada.get_page(path_of(desk, "kim"))
    assert marks(desk) == {"kim": 1.5}
    with Gradebook(desk.output) as gradebook:
        gradebook.unmark(*where)
    assert "Others gave" not in ada.get_page(path_of(desk, "kim"))


@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script>", "</textarea><img src=x>", "a" * 50_000]
)
def test_markup_and_length_of_an_answer_are_text(ada: Browser, desk: Desk, text: str) -> None:
    """Scripts and elements are shown as they were typed; what is long is cut, with a link."""
    asked = [q for q in desk.assignment.questions if q.id == QUESTION]
    with Gradebook(desk.output) as gradebook:
        gradebook.save(written_class.record("mal", asked, {QUESTION: text}), ["written"])
    ada.get_page("/")
    path = path_of(desk, "mal")
    for page in (ada.get_page(path), ada.get_page(f"{path}/frame"), ada.get_page("/review")):
        assert "<script>alert" not in page
        assert "<img" not in page
    assert len(ada.get_page(path)) < 40_000
    whole = ada.get(f"{path}/text")
    assert whole.text == text
    assert whole.headers["content-type"].startswith("text/plain")
    for part in ("frame", "text", "beside"):
        policy = ada.get(f"{path}/{part}").headers["content-security-policy"]
        assert policy.startswith("sandbox; default-src 'none'")
        assert "script" not in policy


class Reader:
    """Reads as the confined process does, without one."""

    def question(self, submission: str, question: str) -> SimpleNamespace:
        own = {"number": 2, "kind": "markdown", "answers": True, "html": "<p>As <b>x</b></p>"}
        code = {"number": 1, "kind": "code", "answers": False, "source": "print('<i>')"}
        printed = ("<i>out", ""), ("", "data:,")
        rest = {"html": "", "source": "", "why": "", "outputs": ()}
        cells = [{**rest, **code, "why": "It is too long.", "outputs": printed}, {**rest, **own}]
        return SimpleNamespace(cells=[SimpleNamespace(**cell) for cell in cells], why="")


def test_an_answer_stands_in_a_frame_as_its_notebook_shows_it(ada: Browser, desk: Desk) -> None:
    """Where it has more than words in it; the cells beside it are a click away."""
    asked = [q for q in desk.assignment.questions if q.id == QUESTION]
    with Gradebook(desk.output) as gradebook:
        gradebook.save(written_class.record("zoe", asked, {QUESTION: "As **x**"}), ["written"])
    desk.readings = Reader()
    ada.get_page("/")
    path = path_of(desk, "zoe")
    page = ada.get_page(path)
    assert f'<iframe sandbox="" src="{path}/frame"' in page
    assert "<p>As <b>x</b></p>" not in page
    frame = ada.get_page(f"{path}/frame")
    assert "<p>As <b>x</b></p>" in frame
    assert "print(" not in frame
    beside = ada.get_page(f"{path}/beside")
    assert "<p>As <b>x</b></p>" in beside
    assert "print(&#39;&lt;i&gt;&#39;)" in beside
    assert "&lt;i&gt;out" in beside
    assert "<iframe" in ada.get_page(path_of(desk, "kim"))  # in the notebook
    assert f'src="{path_of(desk, "kim")}/frame"' not in ada.get_page(path_of(desk, "kim"))


def test_a_comment_with_markup_is_text(ada: Browser, desk: Desk) -> None:
    """What a marker types is escaped as well."""
    path = path_of(desk, "kim")
    ada.submit(f"{path}/mark", comment="</textarea><script>alert(1)</script>")
    assert "<script>alert" not in ada.get_page(path)


def test_answers_that_a_page_did_not_show_get_no_mark(
    ada: Browser, browse: Callable[[str], Browser], desk: Desk
) -> None:
    """Another marker put them into the group meanwhile; who saw the rest marks the rest."""
    one, *_ = ids(desk)
    group = group_of(desk, "ada")
    page = ada.get_page(group)
    seen = page.partition('name="seen" value="')[2].partition('"')[0]
    assert len(seen.split()) == 3
    gone, into = (group_of(desk, name).rpartition("/")[2] for name in ("kim", "ada"))
    browse("Bo").submit(f"/questions/{QUESTION}/merge", group=[gone], into=into)
    ada.submit(f"{group_of(desk, 'ada')}/mark", item=[one], seen=seen)
    assert marks(desk) == {"ada": 1.0, "ben": 1.0, "eve": 1.0}
    assert ada.submit(f"{group_of(desk, 'ada')}/mark", item=[one], seen="none").status_code == 404
