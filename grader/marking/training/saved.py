"""Trained models that are handed in as files: whether one stands for its training."""

from __future__ import annotations

from dataclasses import replace

from grader.marking.training.attempts import Attempts, Task
from grader.marking.training.datasets import Absent, DataSet, DataSets
from grader.marking.training.decision import passes
from grader.marking.training.report import TrainingReport
from grader.wording import trainings


class SavedModels:
    """Measures saved models on each data set that there is; *noun* names their inputs."""

    def __init__(self, noun: str, attempts: Attempts, datasets: DataSets) -> None:
        self._noun, self._attempts, self._datasets = noun, attempts, datasets

    def reaches(self, task: Task, saved: bytes, report: TrainingReport) -> bool:
        """Say whether the model in the file *saved* reaches what is asked, where one may count.

        A model trained on the real images scores near chance on the drawn ones, so both are tried.
        """
        training = task.training
        if not training.load:
            return False
        why = trainings.NO_FIT
        for kind in ("short", "full"):
            try:
                data: DataSet = getattr(self._datasets, kind)
            except Absent:
                continue
            measured = replace(task, data=data)
            attempt = self._attempts.measure(measured, saved)
            scale = measured.scale
            if passes(training, attempt, scale):
                report.add_figures(attempt, data.kind)
                return True
            if attempt.failure:
                why = trainings.NO_MODEL.format(type=attempt.failure.type or attempt.failure.stage)
                why = trainings.PICKLED if attempt.pickled else why
                break
        else:
            why = self._knows_the_stand_in(task, saved) or why
        report.note(trainings.OTHER_FILE.format(file=training.saved, why=why))
        return False

    def _knows_the_stand_in(self, task: Task, saved: bytes) -> str:
        """Return why a model in the file *saved* misses that was trained on the images given out.

        How the classes of those look is public, and another than that of the hidden ones. "" for
        any other model.
        """
        if self._datasets.stand_in is None:
            return ""
        # They are harder to tell apart than the hidden ones: half of what is asked says enough.
        measured = replace(task, data=self._datasets.stand_in)
        accuracy = self._attempts.measure(measured, saved).accuracy
        if accuracy is None or measured.scale.share(accuracy) < 0.5:
            return ""
        return trainings.STAND_IN.format(noun=self._noun)
