"""What a model's accuracy is measured on: hidden inputs and their labels, which stay here."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from grader.model.literals import ModelAnswer
from grader.model.trees import Array, Tree


@dataclass(frozen=True)
class Measure:
    """Images as a model gets them, with their labels: one accuracy that is measured."""

    name: str
    X: Array
    y: Array
    answers: ModelAnswer = "scores"

    def accuracy(self, scores: Tree) -> float | None:
        """Return the share of right answers in *scores*; ``None`` if they have another form.

        Scores are (N, C), ``classes`` and ``values`` (N,) or (N, 1); of values, the share of
        variance that they explain.
        """
        if not isinstance(scores, np.ndarray) or scores.dtype.kind not in "fiu":
            return None
        if self.answers != "scores":
            if scores.size != len(self.y) or scores.shape[:1] != self.y.shape[:1]:
                return None
            flat = scores.reshape(len(self.y)).astype(np.float64)
            right = np.asarray(self.y, np.float64)
            if self.answers == "classes":
                return float(np.mean(flat == right))
            if not np.isfinite(flat).all():
                return 0.0
            spread = float(np.sum((right - right.mean()) ** 2)) or 1.0
            return max(0.0, 1.0 - float(np.sum((right - flat) ** 2)) / spread)
        if scores.ndim != 2 or len(scores) != len(self.y) or scores.shape[1] < 2:
            return None
        usable = np.isfinite(scores).all(axis=1)
        return float(np.mean(usable & (scores.argmax(axis=1) == self.y)))
