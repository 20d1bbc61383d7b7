"""A regrade of some submissions from their stored bytes; what it replaces can be put back."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path

from grader.classroom.decisions import Replaced, now, person
from grader.classroom.gradebook import Gradebook, ResultRow
from grader.classroom.replays import NoReplay, ReplayRow, key_folder, stored_submission
from grader.classroom.run import replayable
from grader.classroom.worker import Marked, Settings, Worker
from grader.submissions import Place
from grader.wording import decisions as words


def row_of_code(gradebook: Gradebook, code: str) -> ReplayRow:
    """Return what is kept under the code of a page. Raises :class:`NoReplay`: nothing is."""
    row = gradebook.replay(code.strip().lower())
    if row is None:
        raise NoReplay(
            f"no result in {gradebook.path.parent} has the code {code!r}: it stands at the end of "
            "a student's page, and results of earlier graders have none"
        )
    return row


def codes(gradebook: Gradebook, submissions: Iterable[str]) -> dict[str, str]:
    """Return the codes of the stored results of *submissions*, by name; "" where there is none."""
    return {r["submission"]: r.get("replay", "") for r in gradebook.results(submissions)}


def settings_of(row: ReplayRow, output: Path, settings: Settings, *, today: bool) -> Settings:
    """Return *settings* with the options of *row*, and the key of then unless *today*'s counts."""
    asked = json.loads(row.settings)
    return replace(
        settings,
        key=settings.key if today else key_folder(output, row.key),
        notebooks=tuple(asked["notebooks"]),
        kinds=tuple(asked["kinds"]),
        train=asked["train"],
        engine=asked["engine"],
    )


def replayed(
    rows: Sequence[ReplayRow], output: Path, settings: Settings, *, today: bool = False
) -> Iterator[tuple[ReplayRow, Worker, Marked]]:
    """Yield each of *rows* with the worker that has marked it again and what came out.

    Nothing is stored. Raises :class:`NoReplay` where bytes or the key of then were changed, and
    what :class:`~grader.classroom.worker.Worker` raises.
    """
    submissions = {row.code: stored_submission(output, row) for row in rows}

    def like(row: ReplayRow) -> tuple[str, str]:
        return row.key, row.settings

    for _, group in groupby(sorted(rows, key=like), key=like):
        alike = list(group)
        worker = Worker(settings_of(alike[0], output, settings, today=today))
        try:
            if not today and worker.key.hash != alike[0].key:
                raise NoReplay(
                    f"the key in {worker.key.folder} was changed since {alike[0].submission} "
                    "was marked"
                )
            for row in alike:
                place = Place(row.submission, output)
                yield row, worker, worker.mark(place, submissions[row.code])
        finally:
            worker.close()


def regrade(
    rows: Sequence[ReplayRow],
    output: Path,
    gradebook: Gradebook,
    settings: Settings,
    id: str,
    *,
    today: bool = False,
    why: str = "",
    by: str = "",
) -> Iterator[Marked]:
    """Mark exactly *rows* again and store what comes out; yield each with the result of before.

    *id* is what :func:`put_back` takes. What the grader itself fails on isn't stored. Raises as
    :func:`replayed`, and where a row is of an earlier page than the submission's.
    """
    now_there = codes(gradebook, [row.submission for row in rows])
    for row in rows:
        if now_there.get(row.submission) != row.code:
            raise NoReplay(f"{row.code} is the code of an earlier page of {row.submission}")
    keeping = replace(settings, keep=output)
    for row, _, entry in replayed(rows, output, keeping, today=today):
        before = gradebook.row(row.submission)
        if before is None:
            continue
        entry = replace(entry, before=next(gradebook.results([row.submission]), None))
        if entry.result["status"] == "graded":
            own = settings_of(row, output, keeping, today=today)
            entry = replayable(entry, own, gradebook)
            kept = Replaced(id, row.submission, json.dumps(before), by or person(), now())
            gradebook.keep_replaced([kept])
            gradebook.save(entry.result, before.asked.split(" "))
            gradebook.log(words.REGRADED.format(id=id), row.submission, "", why, by)
        yield entry


def put_back(gradebook: Gradebook, id: str, why: str = "", by: str = "") -> list[str]:
    """Put the results back that the regrade *id* has replaced, and log it; return whose.

    A submission that another hand-in has come for since keeps the newer result.
    """
    found = [one for one in gradebook.replaced() if one.id == id]
    made: list[str] = []
    for one in found:
        before, there = ResultRow(*json.loads(one.before)), gradebook.row(one.submission)
        if there is not None and there.content == before.content:
            gradebook.put_back(before)
            gradebook.log(words.PUT_BACK.format(id=id), one.submission, "", why, by)
            made.append(one.submission)
    gradebook.drop_replaced(id, made)
    return made
