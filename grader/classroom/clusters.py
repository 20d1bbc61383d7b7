"""Failures that no misconception explains, grouped by what came: the catalogue's next entries."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from grader.model.evidence import ExceptionFacts, SourceFacts
from grader.model.records import CheckRecord, QuestionRecord, SubmissionRecord, evidence_of
from grader.model.trees import Tree
from grader.wording import repairs
from grader.wording.stages import NO_CODE

#: What keeps a whole file from loading: told well enough, and no misconception about a layer.
UNREADABLE = ("SyntaxError", "IndentationError", "TabError")
#: Digits to which outputs are compared: right ones in another order of sums stay together.
DIGITS = 6


@dataclass(frozen=True)
class Cluster:
    """Submissions that failed a question in one way: the same output, or the same exception.

    Those of which a line is known that one change makes right are together by that line's text and
    the kind of the change, which ``repair`` tells in words. ``id`` is the check's and a digest of
    what came, the same in every run with one key. ``example`` is the check of the first
    submission, as ``result.json`` holds it.
    """

    id: str
    question: str
    example: CheckRecord
    submissions: Sequence[str]
    repair: str = ""


def clusters(results: Iterable[SubmissionRecord]) -> list[Cluster]:
    """Return the clusters of *results*, questions in order, the largest first.

    A question counts once for a submission: by its first failed check that shows what came.
    """
    made = Clusters()
    for result in results:
        made.add(result)
    return made.listed()


class Clusters:
    """Clusters of results that come in any order: members stand in the order of their names."""

    def __init__(self) -> None:
        self._found: dict[str, Cluster] = {}
        self._members: dict[str, dict[str, None]] = {}
        #: Where a question comes: in the submission of the first name that has it.
        self._order: dict[str, tuple[str, int]] = {}

    def add(self, result: SubmissionRecord) -> None:
        """Put the unexplained failures of *result* into their clusters."""
        name = result["submission"]
        for place, question in enumerate(result["questions"]):
            first = self._order.get(question["id"])
            if first is None or name < first[0]:
                self._order[question["id"]] = name, place
            check = _unexplained(question)
            if check is None:
                continue
            id, words = group_of(check)
            members = self._members.setdefault(id, {})
            if not members or name < min(members):
                self._found[id] = Cluster(id, question["id"], check, (), words)
            members[name] = None

    def forget(self, submission: str) -> None:
        """Take *submission* out; one that was an example stays it."""
        for id, members in list(self._members.items()):
            members.pop(submission, None)
            if not members:
                del self._members[id], self._found[id]

    def listed(self) -> list[Cluster]:
        """Return the clusters, questions in order, the largest first."""
        made = [
            replace(cluster, submissions=tuple(sorted(self._members[id])))
            for id, cluster in self._found.items()
        ]
        made.sort(key=lambda c: (self._order[c.question], -len(c.submissions), c.submissions[0]))
        return made


def group_of(check: CheckRecord) -> tuple[str, str]:
    """Return the id of the group of a failed *check*, and in words the repair it is grouped by.

    The words are empty where no line is known that one change makes right.
    """
    repair = _repair(check)
    id = f"{check['id']}@{_digest([*repair] if repair else _came(check))}"
    return id, repairs.group(*repair) if repair else ""


def skeleton(cluster: Cluster) -> str:
    """Return TOML to begin a misconception with: its code and its words, to be filled in."""
    evidence = evidence_of(cluster.example)
    source = evidence.get("source")
    call = str(evidence.get("call", ""))
    id = _quoted(f"{cluster.question}-")
    commented = [
        f"Submissions ({len(cluster.submissions)}): {', '.join(cluster.submissions)}",
        cluster.example.get("message", ""),
        *(f"{number}: {line}" for number, line in _numbered(source)),
    ]
    return "\n".join(
        [
            *("# " + " ".join(line.split("\n")) for line in commented if line),
            "",
            "# In the file of misconceptions that edits "
            f"{source['file'] if source else 'the right file'}; `old` is the reference's text.",
            "[[misconception]]",
            f"id = {id}",
            f"question = {_quoted(cluster.question)}",
            f"function = {_quoted(call.partition('.')[0])}",
            'edits = [{ old = "", new = "" }]',
            "",
            "# In texts.toml: to the student, the recommendation first; to the instructor, the "
            "usual cause.",
            f"[{id}]",
            'title = ""',
            'message = ""',
            'note = ""',
            "",
        ]
    )


def _unexplained(question: QuestionRecord) -> CheckRecord | None:
    failed = [
        check
        for check in question.get("checks") or ()
        if check["status"] == "failed" and there_is_code(check)
    ]
    if any(check.get("diagnosis") for check in failed):
        return None
    return shows_most(failed)


def there_is_code(check: CheckRecord) -> bool:
    """Say whether a failed check ran code: it was written, and its file could be read."""
    unread = _exception(check).get("type") in UNREADABLE
    return check.get("stage") not in NO_CODE and not unread


def shows_most(failed: Sequence[CheckRecord]) -> CheckRecord | None:
    """Return the first of some failed checks that shows what came, else the first."""
    return min(failed, key=lambda check: "got" not in evidence_of(check), default=None)


def _digest(facts: Sequence[Tree]) -> str:
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:8]


def _repair(check: CheckRecord) -> tuple[str, str, str] | None:
    """Return the kind of the change that makes a check right, the line's text, the function."""
    evidence = evidence_of(check)
    source = evidence.get("source")
    for told in evidence.get("explanations") or ():
        if told["mechanism"] == "repair" and source and source["file"] == told.get("file"):
            for number, line in _numbered(source):
                if number == told.get("line") and line.strip():
                    return told.get("edit", ""), " ".join(line.split()), source["name"]
    return None


def _came(check: CheckRecord) -> list[Tree]:
    """Return what came, to be compared."""
    evidence = evidence_of(check)
    exception = _exception(check)
    return [
        check.get("stage"),
        evidence.get("output"),
        # Where nothing can be shown of a hidden example, the size of the error is told.
        _rounded(evidence["got"] if "got" in evidence else evidence.get("error"), DIGITS),
        evidence.get("got_shape"),
        evidence["property"]["name"] if evidence.get("property") else None,
        exception.get("type"),
        exception.get("text"),
    ]


def _exception(check: CheckRecord) -> ExceptionFacts:
    return evidence_of(check).get("exception") or ExceptionFacts()


def _numbered(source: SourceFacts | None) -> Iterator[tuple[int, str]]:
    """Yield a source's lines with their numbers."""
    if source is not None:
        yield from enumerate(source["lines"], source["first"])


def _rounded(value: Tree, digits: int) -> Tree:
    if isinstance(value, list):
        return [_rounded(child, digits) for child in value]
    if isinstance(value, float) and math.isfinite(value):
        return float(f"{value:.{digits}g}") + 0.0  # and one zero, not two
    return value


def _quoted(text: str) -> str:
    """Return *text* as a string of TOML."""
    return json.dumps(text)
