"""What is stale of a key that stands on disk: its checks, examples and answers."""

from __future__ import annotations

from collections.abc import Iterator

from grader.key.build import versions
from grader.key.draws import digest
from grader.key.store import Key
from grader.key.variants import Answers, alike, same

_DRAWN = {"sheets": "examples of {} are not those", "ladders": "ladder of {} is not the one"}


def stale(old: Key, new: Key) -> Iterator[str]:
    """Say what differs between a key on disk and one made afresh, a line each.

    Under the versions that drew the old one, examples must be the same; under others, they are
    not compared. Answers are compared by :func:`regrade`.
    """
    if [check.id for check in old.checks] != [check.id for check in new.checks]:
        yield "the key's checks are not those of the rows"
    elif old.checks != new.checks:
        changed = [a.id for a, b in zip(old.checks, new.checks, strict=True) if a != b]
        yield f"the key's checks differ from the rows: {', '.join(changed)}"
    if (old.seed_hash, old.secret) != (new.seed_hash, new.secret):
        yield "the key is of another secret"
    if dict(old.parts) != dict(new.parts):
        yield "the key's parts are not those of the rows"
    if dict(old.given) != dict(new.given):
        yield "the key's given files are not those of the assignment"
    if dict(old.notebooks) != dict(new.notebooks):
        yield "the key's notebooks are not those that students get"
    if dict(old.rubrics) != dict(new.rubrics):
        yield "the key's rubrics are not those of the assignment"
    if dict(old.trials) != dict(new.trials):
        yield "the key's trials are not those of the assignment"
    if dict(old.versions) == versions():
        for name in ("sheets", "ladders"):
            before, after = getattr(old, name), getattr(new, name)
            for run in after:
                if run not in before:
                    yield f"the key has no {name[:-1]} for {run}"
                elif digest(list(before[run].run.examples)) != digest(
                    list(after[run].run.examples)
                ):
                    yield f"the key's {_DRAWN[name].format(run)} that the strategies draw"
    for run, sheet in new.sheets.items():
        if run in old.sheets and not alike(old.sheets[run].nearly, sheet.nearly):
            yield f"the key's nearly right answers of {run} are not those of the variants"


def disagreements(key: Key, reference: Answers) -> Iterator[str]:
    """Replay every stored example to the reference; name the runs it answers otherwise (1e-12)."""
    for sheets in (key.sheets, key.ladders):
        stored = [sheet for sheet in sheets.values() if sheet.answers]
        answered = reference([sheet.run for sheet in stored])
        for sheet, outcomes in zip(stored, answered, strict=True):
            published = sheet.run.id.rpartition(".")[2].startswith("published")
            for answer, outcome in zip(sheet.answers, outcomes, strict=True):
                if published:
                    continue
                if outcome.failed or not same(outcome.gave, answer, 1e-12):
                    yield f"the reference no longer gives the key's answers of {sheet.run.id}"
                    break
