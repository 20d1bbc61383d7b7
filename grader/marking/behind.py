"""A backward pass marked behind a right forward pass, where the student's own isn't one.

The student's own cache comes first, and is asked by who calls this. Then the usual cache, where
the row has one, and the student's forward pass with one expression of it mended; the best mark of
each check counts. Whatever stands in, the gradients are compared with the key's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from grader.key import Key
from grader.marking.explaining.failure import MarkedWay
from grader.marking.isolation import PublicSession
from grader.marking.judging import Judging
from grader.marking.mending import Mending
from grader.marking.sessions import Asked, has_usual_forms, mended, usual
from grader.model.assignment import Question
from grader.model.edits import NumberedEdit
from grader.model.verdicts import QuestionResult
from grader.wording import messages

#: Stages at which a forward pass takes its process with it, and all the time that it may use.
_LOST = frozenset(("timed_out", "died", "out_of_memory"))

#: Failed questions with their functions.
Failed = Mapping[str, Sequence[str]]


class OtherWays:
    """Marks questions of one submission behind other functions than its own failed ones.

    *session* holds the submission with all that it is asked, *public* one that holds nothing
    hidden.
    """

    def __init__(
        self, key: Key, judging: Judging, session: Asked, public: PublicSession, mending: Mending
    ) -> None:
        self._key, self._judging, self._mending = key, judging, mending
        self._session, self._public = session, public

    def results(self, question: Question, failed: Failed) -> Iterator[MarkedWay]:
        """Yield the result of *question* with one right form after another of what *failed*.

        Raises :class:`~grader.sandbox.Fault` where the submission can't be asked.
        """
        if self.has_usual_cache(question):
            marked = self._judging.mark(
                question, usual(self._session), explaining=lambda: usual(self._public.session())
            )
            call = ", ".join(question.functions)
            marked.result.notes.insert(
                0, messages.USUAL_CACHE.format(functions=names_of(failed), call=call)
            )
            yield marked
        for other, names in failed.items():
            for edit in self._mending.edits(other):
                yield self._mended(question, {other: names}, [edit])

    def together(self, question: Question, failed: Failed) -> Iterator[MarkedWay]:
        """Yield the result of *question* with all *failed* functions mended that can be.

        Raises :class:`~grader.sandbox.Fault` as :meth:`results` does.
        """
        known = {other: next(self._mending.edits(other), None) for other in failed}
        edits = [edit for edit in known.values() if edit is not None]
        if edits:
            found = {other: names for other, names in failed.items() if known[other] is not None}
            yield self._mended(question, found, edits)

    def _mended(
        self, question: Question, failed: Failed, edits: Sequence[NumberedEdit]
    ) -> MarkedWay:
        marked = self._judging.mark(
            question,
            mended(self._session, edits),
            explaining=lambda: mended(self._public.session(), edits),
            editable=False,
        )
        marked.result.notes.insert(0, messages.MENDED.format(functions=names_of(failed)))
        return marked

    def has_usual_cache(self, question: Question) -> bool:
        """Say whether *question* can be asked without its forward pass."""
        checks = self._key.by_question.get(question.id, ())
        return any(has_usual_forms(self._key.sheets[check.run].run.program) for check in checks)


def names_of(failed: Failed) -> str:
    """Return the names of the functions of *failed* questions."""
    return ", ".join(name for names in failed.values() for name in names)


def lost(forward: QuestionResult) -> bool:
    """Say whether asking a function again would only cost its time once more."""
    failed = [check for check in forward.checks if check.status == "failed"]
    return any(check.stage in _LOST for check in failed)


def nearly_right(forward: QuestionResult) -> bool:
    """Say whether all that fails of a forward pass is nearly right."""
    return all(check.nearly for check in forward.checks if check.status == "failed")
