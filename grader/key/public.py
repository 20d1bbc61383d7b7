"""More public examples, drawn when they are needed: of a stream that makes nothing hidden.

A ladder has a few small examples. Where a submission passes them all and fails hidden ones, as many
as :data:`COUNT` more are drawn from a seed that is no secret, rounded like the ladder's, and
answered by the reference and the witness as those of a key are.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path

from grader.key.certifying import BuildError, certain
from grader.key.checks import Checks, course_checks
from grader.key.draws import draw, readable, size
from grader.key.variants import Answers
from grader.kinds import KindError
from grader.model.assignment import CHECKS_FOLDER, ManifestError
from grader.model.checks import AnsweredRun

#: How many are drawn of one run.
COUNT = 200


class PublicDraws:
    """Further public examples of the runs of the course in *folder*, answered, smallest first.

    *reference* and *witness* answer runs. Nothing is imported from below a path in *graded*.
    """

    def __init__(
        self, folder: Path, reference: Answers, witness: Answers, graded: Iterable[Path] = ()
    ) -> None:
        self._folder, self._reference, self._witness = folder, reference, witness
        place = (folder / CHECKS_FOLDER).resolve()
        self._mine = not any(place.is_relative_to(path.resolve()) for path in graded)
        self._drawn: dict[str, AnsweredRun | None] = {}

    def of(self, run: str) -> AnsweredRun | None:
        """Return more examples of a *run* that has a ladder; ``None`` where none can be had.

        They are drawn once. Raises :class:`~grader.sandbox.Fault` where the reference can't be
        asked.
        """
        if run not in self._drawn:
            self._drawn[run] = self._draw(run)
        return self._drawn[run]

    def _draw(self, run: str) -> AnsweredRun | None:
        checks = self._checks() if self._mine else None
        proofs = checks.proofs() if checks else []
        proof = next((p for p in proofs if p.run == run and p.ladder and not p.first), None)
        if checks is None or proof is None or proof.inputs is None:
            return None
        # Not the ladder's own stream, whose examples have been asked already.
        examples = map(readable, draw(proof.inputs, COUNT, f"public/{run}"))
        examples = map(proof.rounded, examples) if proof.rounded else examples
        try:
            return certain(
                proof,
                sorted(examples, key=size),
                self._reference,
                self._witness,
                checks.judges,
                f"{run}.public",
            )
        except BuildError:
            return None  # the strategy or the reference has changed since the key was made

    @cache  # noqa: B019 - as long as the worker that holds this
    def _checks(self) -> Checks | None:
        try:
            return course_checks(self._folder)
        except (ManifestError, KindError):
            return None
