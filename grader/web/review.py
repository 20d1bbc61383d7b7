"""What to look at again: marks that differ, like answers with two marks, flags; and the search."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from grader.classroom.answer_index import HandedAnswer
from grader.web.desk import Desk
from grader.web.pages import desk_of, marker_of, page, session_of

#: How many entries of each list a page shows.
MOST = 200
#: Characters of a text around what was searched.
AROUND = 90


@dataclass(frozen=True)
class Differing:
    """An answer that several markers gave different points."""

    answer: HandedAnswer
    gave: list[str]


@dataclass(frozen=True)
class Uneven:
    """A group of like answers whose marks differ: the numbers of answers by points."""

    answer: HandedAnswer
    marks: list[str]
    equal: bool


@dataclass(frozen=True)
class Hit:
    """An answer in which words were found, with the text around them."""

    answer: HandedAnswer
    text: str


async def review(request: Request) -> Response:
    """List what markers differ on, like answers with two marks, and flags."""
    desk, me = desk_of(request), marker_of(request)
    desk.refresh()
    differing: list[Differing] = []
    uneven: list[Uneven] = []
    for asked in desk.questions():
        judged = desk.judged(asked.id)
        for answer in desk.index.of(asked.id):
            if judged.differ(answer):
                gave = [
                    f"{one.by}: {judged.points(one, answer):g}"
                    + (" (counts)" if one.counts else "")
                    for one in judged.of(answer)
                ]
                differing.append(Differing(answer, gave))
        uneven += _uneven(desk, asked.id, me)
    flags = desk.gradebook.flags()
    flagged = [(a, flags[a.submission, a.question]) for a in desk.index.all()
               if (a.submission, a.question) in flags]  # fmt: skip
    return page(
        request,
        "review.html.j2",
        differing=differing,
        uneven=sorted(uneven, key=lambda one: not one.equal),
        flagged=flagged,
        most=MOST,
        label=_label(request),
    )


def _uneven(desk: Desk, question: str, me: str) -> Iterator[Uneven]:
    judged = desk.judged(question)
    for group in desk.groups(question, me):
        by_text: dict[str, set[float]] = {}
        counts: dict[float, int] = {}
        for answer in group.answers:
            mark = judged.mark(answer)
            if mark is not None:
                by_text.setdefault(answer.fingerprint, set()).add(mark)
                counts[mark] = counts.get(mark, 0) + 1
        if len(counts) > 1:
            marks = [f"{counts[mark]} × {mark:g}" for mark in sorted(counts, reverse=True)]
            yield Uneven(group.answers[0], marks, any(len(m) > 1 for m in by_text.values()))


async def search(request: Request) -> Response:
    """List the answers that hold all words of a search; names only where they are shown."""
    desk = desk_of(request)
    desk.refresh()
    asked = request.query_params.get("q", "")[:200]
    words = asked.casefold().split()
    label = _label(request)
    hits: list[Hit] = []
    for answer in desk.index.all() if words else ():
        text = answer.text.casefold()
        named = label(answer).casefold() if session_of(request).names else ""
        if all(word in text or word in named for word in words):
            at = max(text.find(words[0]) - AROUND, 0)
            hits.append(Hit(answer, answer.text[at : at + 3 * AROUND]))
    return page(request, "search.html.j2", q=asked, hits=hits, most=MOST, label=label)


def _label(request: Request) -> Callable[[HandedAnswer], str]:
    desk, session = desk_of(request), session_of(request)
    return lambda answer: desk.name(answer) if session.names else "An answer"


ROUTES = [Route("/review", review), Route("/search", search)]
