"""A kind of this course's own: indices that are right in any order."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from grader.kinds.proof import Case, Proof, ReplaceableGroup, row_check
from grader.model.checks import Replaceable, Words
from grader.model.programs import Program
from grader.model.steps import Call
from grader.model.verdicts import PASSED, Verdict


@dataclass(frozen=True)
class Nearest:
    """``function(D, k) -> found``: in each row, the indices of the k smallest distances."""

    question: str
    function: str
    case: Case

    def proofs(self, *, live: bool) -> Iterator[Proof]:
        """Yield the one proof there is. The same wherever it is asked."""
        del live
        call = Call("f", self.function, [{"$": "D"}, {"$": "k"}])
        check = row_check(self.question, self.case, None, self.function, "same_indices")
        program = Program((call,), {"found": {"@": "f"}})
        yield Proof(check.run, program, (check,), self.case.inputs, self.case.count, ladder=True)

    def replaceable(self) -> ReplaceableGroup:
        return ReplaceableGroup(self.function, {self.question: Replaceable(self.function)})


def same_indices(check, inputs, outcome, answers) -> Verdict:
    """Each row holds the indices of the k smallest distances, each once, in any order."""
    if outcome.failed:
        from grader.kinds.arrays import failed

        return failed(check, outcome)
    found, (m, k) = outcome.gave.get("found"), (len(inputs["D"]), inputs["k"])
    if not isinstance(found, np.ndarray) or found.dtype.kind not in "iu":
        return Verdict("type", "found", {"got": type(found).__name__})
    if found.shape != (m, k):
        return Verdict("shape", "found", {"got_shape": list(found.shape), "expected_shape": [m, k]})
    right = np.argsort(inputs["D"], axis=1, kind="stable")[:, :k]
    for row, (got, expected) in enumerate(zip(found, right, strict=True)):
        if len(set(got.tolist())) < k:
            return Verdict("value", "found", {"property": {"name": "twice", "row": row}})
        if set(got.tolist()) != set(expected.tolist()):
            return Verdict("value", "found", {"property": {"name": "not_nearest", "row": row}})
    return PASSED


JUDGES = {"same_indices": same_indices}
WORDS = {
    "same_indices": Words(
        "Each row must hold the indices of the k smallest distances, each once, in any order.",
        properties={
            "twice": "Give each neighbour once: row {row} of {output} names one twice.",
            "not_nearest": "Look for the smallest distances: row {row} of {output} holds the "
            "index of another one.",
        },
        hints={
            "twice": "Print one row beside its distances.",
            "not_nearest": "Print one row of distances, sorted, beside the indices.",
        },
    )
}
