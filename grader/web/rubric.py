"""The page on a question's rubric: texts, points, order, new items; marks follow at once."""

from __future__ import annotations

import secrets
from collections import Counter

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from grader.classroom.rubric import MAX_ITEMS, Item
from grader.classroom.steps import RowChange
from grader.reports.environment import clean
from grader.web import refusals
from grader.web.asked import AskedQuestion
from grader.web.desk import Desk
from grader.web.pages import desk_of, done, marker_of, page
from grader.web.refusals import Refusal

#: Characters of an item, and how many points it may give or take.
MAX_TEXT, MAX_POINTS = 1_000, 1_000.0


async def rubric_page(request: Request) -> Response:
    """Show a question's items, and how many answers have each."""
    desk = desk_of(request)
    desk.refresh()
    asked = _asked(desk, request)
    items = desk.gradebook.rubric(asked.id)
    return page(request, "rubric.html.j2", asked=asked, items=items, given=_given(desk, asked.id))


async def change(request: Request) -> Response:
    """Store the items as they were sent; those that aren't among them stay."""
    desk, me, form = desk_of(request), marker_of(request), request.state.form
    asked = _asked(desk, request)
    before = {item.id: item for item in desk.gradebook.rubric(asked.id)}
    given = _given(desk, asked.id)
    dropped = {str(one) for one in form.getlist("drop") if not given.get(str(one))}
    columns = [form.getlist(name) for name in ("id", "text", "points", "position")]
    sent = [tuple(map(str, row)) for row in zip(*columns, strict=False)]
    changes = []
    for id, text, points, position in sent:
        text = clean(text.replace("\r\n", "\n").strip())[:MAX_TEXT]
        if id and id not in before:
            continue  # somebody has dropped it meanwhile
        if id in dropped:
            changes.append(RowChange("rubric", (id,), None))
        elif text:
            made = id or f"r{secrets.token_hex(5)}"
            place = int(_number("position", position or str(len(before))))
            worth = _number("points", points or "0")
            item = Item(made, asked.id, place, text, worth)
            changes.append(RowChange("rubric", (made,), tuple(item)))
    if len(before) + sum(not id for id, *_ in sent) > MAX_ITEMS:
        way = f"{MAX_ITEMS} items are the most"
        raise Refusal(400, refusals.FIELD.format(name="id", value="", way=way))
    number = desk.gradebook.step(me, "changed the rubric", changes)
    said = "The rubric is stored; marks with a changed item follow it."
    return done(request, f"/questions/{asked.id}/rubric", said if number else "Nothing changed.")


def _given(desk: Desk, question: str) -> Counter[str]:
    found = desk.gradebook.judgements(question).values()
    return Counter(item for judged in found for one in judged for item in one.items)


def _asked(desk: Desk, request: Request) -> AskedQuestion:
    question = request.path_params["question"]
    for asked in desk.questions():
        if asked.id == question:
            return asked
    raise Refusal(404, refusals.MISSING)


def _number(name: str, text: str) -> float:
    try:
        value = float(text.strip().replace(",", "."))
    except ValueError:
        value = float("nan")
    if not abs(value) <= MAX_POINTS:
        raise Refusal(400, refusals.FIELD.format(name=name, value=text[:40], way="give a number"))
    return value


ROUTES = [
    Route("/questions/{question}/rubric", rubric_page, methods=["GET"]),
    Route("/questions/{question}/rubric", change, methods=["POST"]),
]
