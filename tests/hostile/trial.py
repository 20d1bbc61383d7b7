"""A hostile submission on its way through the real grader, and what it did to it."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from arena import Arena
from cases import Case

from grader.key import Key
from grader.marking.marker import Marker
from grader.model.assignment import Assignment
from grader.model.checks import Replaceable
from grader.model.verdicts import SubmissionResult
from grader.sandbox import Limits, Package, ReferenceSession, Sandbox, Session, Terms, WallBudget
from grader.sandbox.protocol.levels import CONFINED
from grader.submissions import Place, read_submission


class Listening:
    """A sandbox whose sessions are kept, for what was printed in them."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox, self.level = sandbox, sandbox.level
        self.sessions: list[Session] = []

    def start(
        self,
        package: Package,
        reference: ReferenceSession | None = None,
        limits: Limits | None = None,
        budget: WallBudget | None = None,
        *,
        bare: bool = False,
    ) -> Session:
        self.sessions.append(self._sandbox.start(package, reference, limits, budget, bare=bare))
        return self.sessions[-1]

    def reference_session(
        self, reference: Package, parts: Sequence[Replaceable], terms: Terms | None = None
    ) -> ReferenceSession:
        return self._sandbox.reference_session(reference, parts, terms)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sandbox, name)


@dataclass(frozen=True)
class Attempt:
    """What came of one submission: its result, the effects by name, what it printed."""

    result: SubmissionResult
    effects: frozenset[str]
    printed: bytes


class Trial:
    """Marks submissions in *sandbox* with *key*, as a class's run does, and watches *arena*.

    *known* is added to what the corpus may know. With a *reference*, that answers for what
    fails, so that each case meets it, too.
    """

    def __init__(
        self,
        course: Assignment,
        key: Key,
        sandbox: Sandbox,
        arena: Arena,
        known: Mapping[str, object],
        reference: Mapping[str, bytes] | None = None,
    ) -> None:
        self._reference = reference
        self.course, self.key, self.arena = course, key, arena
        self.sandbox, self._known = sandbox, known
        self._listening = Listening(sandbox)
        self._markers: dict[str, Marker] = {}

    def __enter__(self) -> Trial:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.sandbox.close()

    def hostile(self, case: Case, reference: Mapping[str, bytes]) -> Attempt:
        """Mark a case of the corpus."""
        files = case.files(
            reference, {**self.arena.target(confined=self.sandbox.level in CONFINED), **self._known}
        )
        return self.mark(files, case.notebook)

    def mark(self, files: Mapping[str, str], notebook: str = "") -> Attempt:
        """Mark a package of these files, written to a folder and read as any submission is."""
        with (
            tempfile.TemporaryDirectory(prefix="grader-trial-") as folder,
            self.arena.watching() as effects,
        ):
            package = Path(folder) / self.course.package
            for path, text in files.items():
                place = Path(os.path.normpath(package / path))
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_text(text, "utf-8")
            self._listening.sessions.clear()
            submission = read_submission(Place("s01", Path(folder)), self.course)
            result = self.marker(notebook).mark(submission)
        printed = b"".join(session.printed for session in self._listening.sessions)
        effects |= self.arena.told(printed)
        if result.status != "graded":
            effects.add("hurt")
        return Attempt(result, frozenset(effects), printed)

    def marker(self, notebook: str = "") -> Marker:
        """Return the marker of a notebook; of the first by default."""
        if notebook not in self._markers:
            notebooks = (notebook,) if notebook else ()
            listening: object = self._listening
            self._markers[notebook] = Marker(
                self.course, self.key, listening, notebooks, self._reference, ("code",)
            )
        return self._markers[notebook]

    def state(self) -> tuple[int, int, str]:
        """Return the descriptors of grader and zygote, and the zygote's children."""
        server = self.sandbox._server
        assert server is not None
        zygote = server._process.pid
        children = Path(f"/proc/{zygote}/task/{zygote}/children").read_text()
        own, its = (len(list(Path(f"/proc/{pid}/fd").iterdir())) for pid in ("self", zygote))
        return own, its, children
