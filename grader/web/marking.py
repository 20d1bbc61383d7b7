"""Marking: a page for each group of answers, one for an answer alone, and what is done there."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from grader.classroom import answer_groups
from grader.classroom.answer_groups import Group
from grader.classroom.answer_index import HandedAnswer
from grader.classroom.judgements import Choice
from grader.classroom.rubric import points_of, whole_rubric
from grader.reports.environment import clean
from grader.web import refusals
from grader.web.desk import Desk
from grader.web.marking_view import view
from grader.web.pages import desk_of, done, marker_of, page, points, session_of
from grader.web.refusals import Refusal

#: Characters of a comment.
MAX_COMMENT = 4_000


async def open_question(request: Request) -> Response:
    """Go to the first group of a question that waits for this marker."""
    return _go_on(request, request.path_params["question"], None)


async def go_on(request: Request) -> Response:
    """Go to the next group that waits for this marker, in this question or in a later one."""
    return _go_on(request, request.path_params["question"], request.query_params.get("after"))


async def group_page(request: Request) -> Response:
    """Show a group, to be marked at once."""
    desk = desk_of(request)
    desk.refresh()
    question = request.path_params["question"]
    groups = desk.groups(question, marker_of(request))
    place = _place(groups, request.path_params["group"])
    base = f"/questions/{question}/groups"
    near = {
        name: f"{base}/{groups[there].id}"
        for name, there in (("previous", place - 1), ("next", place + 1))
        if 0 <= there < len(groups)
    }
    return _page(
        request, groups[place], groups, place=place, near=near, base=f"{base}/{groups[place].id}"
    )


async def answer_page(request: Request) -> Response:
    """Show one answer, to be marked by itself."""
    desk = desk_of(request)
    desk.refresh()
    answer = _answer(request)
    groups = desk.groups(answer.question, marker_of(request))
    whole = groups[_place(groups, answer.fingerprint)]
    near = {"group": f"/questions/{answer.question}/groups/{whole.id}"}
    alone = Group(answer.question, (answer,))
    return _page(request, alone, groups, place=-1, near=near, base=f"/answers/{answer.id}")


def _page(
    request: Request,
    group: Group,
    groups: Sequence[Group],
    *,
    place: int,
    near: dict[str, str],
    base: str,
) -> Response:
    desk, session = desk_of(request), session_of(request)
    judged = desk.judged(group.question)
    questions = desk.questions()
    at = next(i for i, q in enumerate(questions) if q.id == group.question)
    beside = {
        name: f"/questions/{questions[there].id}"
        for name, there in (("before", at - 1), ("after", at + 1))
        if 0 <= there < len(questions)
    }
    flags = desk.gradebook.flags()
    seen = view(group, judged, session.marker, blind=session.second)
    known = {a.id: i for i, a in enumerate(group.answers, start=1)}
    return page(
        request,
        "marking.html.j2",
        asked=questions[at],
        number=at + 1,
        of=len(questions),
        place=place + 1,
        groups=groups,
        view=seen,
        items=judged.items,
        whole=whole_rubric(judged.items, questions[at].points),
        flagged=[
            flags[a.submission, a.question]
            for a in group.answers
            if (a.submission, a.question) in flags
        ],
        near=near | beside,
        shown_ids=" ".join(answer.id for answer in group.answers),
        base=base,
        label=lambda answer: desk.name(answer) if session.names else f"Answer {known[answer.id]}",
        progress=_progress(desk, group.question),
    )


def _progress(desk: Desk, question: str) -> tuple[int, int]:
    """Return how many answers of a question have a mark, and how many there are."""
    given = desk.gradebook.judgements(question)
    answers = desk.index.of(question)
    return sum(answer.where in given for answer in answers), len(answers)


async def mark(request: Request) -> Response:
    """Store what was chosen for a group, or for an answer by itself: the whole of it, each time."""
    desk, me, form = desk_of(request), marker_of(request), request.state.form
    group, alone = _about(request)
    seen = set(str(form.get("seen", "")).split())
    if seen:
        # Another marker, or a run, may have put answers into the group that this page never showed.
        group = Group(group.question, tuple(a for a in group.answers if a.id in seen))
        if not group.answers:
            raise Refusal(404, refusals.MISSING)
    rubric = desk.gradebook.rubric(group.question)
    items = {item.id for item in rubric}
    chosen = tuple(sorted({str(i) for i in form.getlist("item")} & items))
    choice = Choice(chosen, _number(form, "adjustment"), _text(form, "comment"))
    desk.gradebook.judge(me, group.answers, choice, alone=alone)
    most = group.answers[0].points
    made = points_of(rubric, chosen, choice.adjustment, most, desk.policy.bonus)
    said = f"Saved: {points(made)} of {points(most)} points."
    return done(request, _back(form), said)


async def unmark(request: Request) -> Response:
    """Take this marker's own marks of a group or an answer back."""
    desk, me = desk_of(request), marker_of(request)
    group, alone = _about(request)
    desk.gradebook.judge(me, group.answers, None, alone=alone)
    return done(request, _back(request.state.form), "Your mark is taken back.")


async def decide(request: Request) -> Response:
    """Let one marker's judgement count where several gave one."""
    desk, me, form = desk_of(request), marker_of(request), request.state.form
    group, _ = _about(request)
    whose = str(form.get("whose", ""))
    judged = desk.judged(group.question)
    theirs = [a for a in group.answers if any(one.by == whose for one in judged.of(a))]
    desk.gradebook.decide(me, theirs, whose)
    return done(request, _back(form), f"The mark of {whose} counts.")


async def flag(request: Request) -> Response:
    """Flag a group or an answer, or take the flag back."""
    desk, me, form = desk_of(request), marker_of(request), request.state.form
    group, _ = _about(request)
    on = form.get("on") == "1"
    desk.gradebook.flag(me, group.answers, _text(form, "why"), on=on)
    return done(request, _back(form), "Flagged." if on else "The flag is taken back.")


async def split(request: Request) -> Response:
    """Take the answers of one text out of their group."""
    desk, me, form = desk_of(request), marker_of(request), request.state.form
    answer = _answer(request)
    changes = answer_groups.split(answer.question, answer.fingerprint)
    desk.gradebook.step(me, "split an answer out", changes)
    return done(request, _back(form), "These answers are a group of their own now.")


async def merge(request: Request) -> Response:
    """Put a group into another one."""
    desk, me, form = desk_of(request), marker_of(request), request.state.form
    question = request.path_params["question"]
    groups = desk.groups(question, me)
    into = groups[_place(groups, str(form.get("into", "")))]
    gone = [groups[_place(groups, str(one))] for one in form.getlist("group")]
    apart = [one for one in gone if one.id != into.id]
    changes = [change for one in apart for change in answer_groups.merge(one, into)]
    desk.gradebook.step(me, "merged groups", changes)
    to = f"/questions/{question}/groups/{into.id}" if form.get("open") else _back(form)
    return done(request, to, "The groups are one now.")


async def groups_page(request: Request) -> Response:
    """List the groups of a question, to be opened and merged."""
    desk, session = desk_of(request), session_of(request)
    desk.refresh()
    question = request.path_params["question"]
    groups = desk.groups(question, marker_of(request))
    if not groups:
        raise Refusal(404, refusals.MISSING)
    judged = desk.judged(question)
    asked = next(q for q in desk.questions() if q.id == question)
    seen = [view(group, judged, session.marker, blind=session.second) for group in groups]
    return page(request, "groups.html.j2", asked=asked, seen=seen)


def _go_on(request: Request, question: str, after: str | None) -> Response:
    desk, me, second = desk_of(request), marker_of(request), session_of(request).second
    desk.refresh()
    ids = [asked.id for asked in desk.questions()]
    if question not in ids:
        raise Refusal(404, refusals.MISSING)
    start = ids.index(question)
    # This question from where the marker stands and from its beginning, then the others.
    for id in ids[start:] + ids[:start]:
        groups = desk.groups(id, me)
        if id == question and after is not None:
            place = next((i for i, g in enumerate(groups) if _has(g, after)), -1)
            groups = groups[place + 1 :] + groups[: place + 1]
        given = desk.gradebook.judgements(id)
        for group in groups:
            for answer in group.answers:
                judged = given.get(answer.where, ())
                if not judged or (second and all(one.by != me for one in judged)):
                    return RedirectResponse(f"/questions/{id}/groups/{group.id}", 303)
        if after is None:
            break  # it was opened by its name: show it, whatever is done of it
    if after is None:
        return RedirectResponse(f"/questions/{question}/groups/{desk.groups(question, me)[0].id}")
    return done(request, "/", "Every answer has a mark.")


def _about(request: Request) -> tuple[Group, bool]:
    """Return the group that an action is about, or the one answer, and whether it is one."""
    if "answer" in request.path_params:
        answer = _answer(request)
        return Group(answer.question, (answer,)), True
    groups = desk_of(request).groups(request.path_params["question"], marker_of(request))
    return groups[_place(groups, request.path_params["group"])], False


def _answer(request: Request) -> HandedAnswer:
    found = desk_of(request).index.get(request.path_params["answer"])
    if found is None:
        raise Refusal(404, refusals.MISSING)
    return found


def _place(groups: Sequence[Group], fingerprint: str) -> int:
    for place, group in enumerate(groups):
        if _has(group, fingerprint):
            return place
    raise Refusal(404, refusals.MISSING)


def _has(group: Group, fingerprint: str) -> bool:
    return any(answer.fingerprint == fingerprint for answer in group.answers)


def _back(form: FormData) -> str:
    return str(form.get("back", "/"))


def _number(form: FormData, name: str) -> float:
    text = str(form.get(name, "")).strip().replace(",", ".") or "0"
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not abs(value) <= 1000:
        raise Refusal(400, refusals.FIELD.format(name=name, value=text[:40], way="give a number"))
    return value


def _text(form: FormData, name: str) -> str:
    text = str(form.get(name, "")).replace("\r\n", "\n").strip()
    if len(text) > MAX_COMMENT:
        way = f"give at most {MAX_COMMENT} characters"
        raise Refusal(400, refusals.FIELD.format(name=name, value=text[:40], way=way))
    return clean(text)


def _both(action: str) -> tuple[str, str]:
    return f"/questions/{{question}}/groups/{{group}}/{action}", f"/answers/{{answer}}/{action}"


_ACTIONS = {"mark": mark, "unmark": unmark, "decide": decide, "flag": flag}
ROUTES = [
    Route("/questions/{question}", open_question),
    Route("/questions/{question}/next", go_on),
    Route("/questions/{question}/groups", groups_page),
    Route("/questions/{question}/groups/{group}", group_page),
    Route("/answers/{answer}", answer_page),
    *(
        Route(path, action, methods=["POST"])
        for name, action in _ACTIONS.items()
        for path in _both(name)
    ),
    Route("/answers/{answer}/split", split, methods=["POST"]),
    Route("/questions/{question}/merge", merge, methods=["POST"]),
]
