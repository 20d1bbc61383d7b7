"""Programs that train a model and ask for its scores, and the figures read off the answers."""

from __future__ import annotations

from collections.abc import Sequence

from grader.marking.training.answer_cells import AnswerCells, Source
from grader.marking.training.datasets import DataSet
from grader.marking.training.measure import Measure
from grader.model.assignment import Models, Training
from grader.model.programs import Inputs, Program, Run
from grader.model.steps import (
    Begin,
    Call,
    FindModel,
    HandOut,
    Histories,
    Holdings,
    RunCell,
    RunSetup,
    Step,
    Trainings,
)


def lead_run(
    cells: AnswerCells, lead: Sequence[Source], seed: int, seconds: float, begin: Begin
) -> Run:
    """Return the run of the course's cells, and then those of *lead*, before an answer's own.

    The cells of *lead* may use *seconds* of CPU time; *begin* comes after them.
    """
    steps: list[Step] = [
        RunSetup(f"setup {n}", cell.code, cell.name) for n, cell in enumerate(cells.setup)
    ]
    steps += [
        RunCell(f"lead {n}", cell.code, cell.name, seed, seconds) for n, cell in enumerate(lead)
    ]
    return Run("lead", Program((*steps, begin), {}), [{}])


def answer_run(cells: AnswerCells, lead: Sequence[Source], seed: int, seconds: float) -> Run:
    """Return the run of an answer, after that of *lead*; it may use *seconds* of CPU time."""
    # Cells as they were given out cost nothing: then there is one share, not two.
    total = 2 * seconds if len(lead) > len(cells.given) else seconds
    steps = [
        RunCell(f"cell {n}", cell.code, cell.name, seed, total)
        for n, cell in enumerate(cells.answer)
    ]
    give = {f"cell {n}": {"@": f"cell {n}"} for n in range(len(steps))}
    return Run("cells", Program(tuple(steps), give), [{}])


def file_run(load: Step, inputs: Inputs) -> Run:
    """Return the run that takes a model's parameters from its file, which *load* reads."""
    program = Program((load, HandOut("arrays", "model")), {"arrays": {"@": "arrays"}})
    return Run("facts", program, [inputs])


def facts_run(training: Training, models: Models, data: DataSet) -> Run:
    """Return the run that tells what an answer left: parameters, histories, what names hold.

    It is asked ahead of the scores: once a process has hidden images, a history may hold their
    pixels, and parameters may depend on them.
    """
    names, attributes = list(training.names), list(models.histories.values())
    steps = (
        Holdings("holdings", names, models.method),
        FindModel("model", names, models.method),
        Histories("histories", names, attributes),
        HandOut("arrays", "model"),
        Trainings("trainings", attributes, data.variable, list(data.images)),
    )
    kept = ("holdings", "histories", "arrays", "trainings")
    return Run("facts", Program(steps, {name: {"@": name} for name in kept}), [{}])


def scores_run(
    found: Step,
    measures: Sequence[Measure],
    inputs: Inputs,
    models: Models,
) -> Run:
    """Return the run that takes a model's scores on images, whose labels stay here."""
    steps = [found, *(Call(m.name, f"@model.{models.method}", [{"$": m.name}]) for m in measures)]
    give = {m.name: {"@": m.name} for m in measures}
    images = {m.name: m.X for m in measures}
    return Run("scores", Program(tuple(steps), give), [{**inputs, **images}])
