"""From the assignment's folder to ``student_template/`` and ``reference_outputs/``."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from grader.authoring import release
from grader.files import write
from grader.key import BadKey, Key, load, sources
from grader.key import fingerprints as probes
from grader.key.build import Answers, BuildError, disagreements
from grader.key.build import build as build_key
from grader.key.build import stale as differing
from grader.key.store import dump
from grader.kinds import judge
from grader.marking.examiner import Examiner
from grader.marking.explaining.diagnosis import probe
from grader.model.assignment import Assignment, Limits
from grader.model.checks import Check
from grader.model.programs import Inputs, Outcome, Run
from grader.model.trees import Tree
from grader.sandbox import Batch, Package, Sandbox

TEMPLATE, OUTPUTS = "student_template", "reference_outputs"
#: The seed of the committed key, which is public: it demonstrates. A course makes its own.
DEMONSTRATION = "a public seed, for the demonstration key only"
_PATIENT = Limits(question_cpu_seconds=120, submission_cpu_seconds=1200, memory_mb=2048)


@dataclass(frozen=True)
class _Course:
    folder: Path
    assignment: Assignment
    given: dict[str, bytes]
    notebooks: dict[str, bytes]
    sandbox: Sandbox
    reference: Answers
    witness: Answers

    def files(self, seed: str) -> dict[str, bytes]:
        """Return the files of the key that *seed* draws: its own, and the misconceptions'."""
        key = self.key(seed)
        return {**dump(key), probes.FILE: self.probes(key)}

    def probes(self, key: Key) -> bytes:
        """Return what each misconception answers to the key, as ``probes.json``."""
        examiner = Examiner(key)
        reference = sources.package(self.folder / self.assignment.package)
        found = []
        for wrong in sources.misconceptions(self.folder, reference):
            package = Package(
                self.assignment.package, wrong.files, self.given, self.assignment.given
            )
            with self.sandbox.start(package) as session:
                look = examiner.look(wrong.misconception.question, session)
            if not look.failed:
                raise BuildError(f"misconception {wrong.misconception.id} passes every check")
            found.append(probe(wrong.misconception, look.rungs, look.verdicts))
        return probes.dump(found)

    def key(self, seed: str) -> Key:
        rows = sources.rows(self.folder)
        return build_key(
            self.assignment,
            rows,
            seed=seed,
            given=self.given,
            notebooks=self.notebooks,
            rubrics=sources.rubrics(self.folder, self.assignment),
            reference=self.reference,
            witness=self.witness,
            passes=passes,
        )


@contextmanager
def _open(folder: Path) -> Iterator[_Course]:
    assignment = sources.manifest(folder)
    given = release.given_texts(folder, assignment)
    notebooks = release.notebook_texts(folder, assignment)
    # The course's own code is trusted; it is asked through the same door as a student's.
    with Sandbox(_PATIENT, level="process", allow_unsandboxed=True) as sandbox:

        def answers(name: str) -> Answers:
            files = sources.package(folder / name)
            package = Package(assignment.package, files, given, assignment.given)
            return asking(sandbox, package)

        reference, witness = answers(assignment.package), answers("witness")
        yield _Course(folder, assignment, given, notebooks, sandbox, reference, witness)


def build(folder: Path) -> list[Path]:
    """Make both generated folders beside *folder*; return them."""
    with _open(folder) as course:
        files = release.make(folder, course.assignment)
        _safe(files, folder, course.assignment)
        made = course.files(DEMONSTRATION)
    template, outputs = folder.parent / TEMPLATE, folder.parent / OUTPUTS
    release.write(files, template)
    release.write({**made, "published.json": _published(folder)}, outputs)
    return [template, outputs]


def own_key(folder: Path, out: Path, seed: str) -> None:
    """Make a course's own key in *out*, drawn from its secret *seed*."""
    with _open(folder) as course:
        for name, data in course.files(seed).items():
            write(out / name, data)


def stale(folder: Path) -> list[str]:
    """Return what is not as :func:`build` would make it, a line each."""
    outputs = folder.parent / OUTPUTS
    with _open(folder) as course:
        files = release.make(folder, course.assignment)
        _safe(files, folder, course.assignment)
        lines = [f"{TEMPLATE}/{path}" for path in release.check(files, folder.parent / TEMPLATE)]
        published = outputs / "published.json"
        if not published.is_file() or published.read_bytes() != _published(folder):
            lines.append(f"{OUTPUTS}/published.json")
        try:
            old = load(outputs)
        except BadKey as error:
            return [*lines, str(error)]
        lines += [f"{OUTPUTS}: {line}" for line in differing(old, course.key(DEMONSTRATION))]
        lines += [f"{OUTPUTS}: {line}" for line in disagreements(old, course.reference)]
        if not probes.same(probes.parse(course.probes(old)), probes.load(outputs)):
            lines.append(f"{OUTPUTS}: the misconceptions' answers")
    return lines


def _safe(files: dict[str, bytes], folder: Path, assignment: Assignment) -> None:
    leaks = release.scan(files, folder, assignment)
    if leaks:
        raise BuildError("not written, since answers would leak: " + "; ".join(map(str, leaks[:5])))


def _published(folder: Path) -> bytes:
    source = folder / "checks" / "published.json"
    figures = json.loads(source.read_text("utf-8")) if source.is_file() else {}
    by_row = sorted(figures.items(), key=lambda item: (item[1]["row"], item[0]))
    return (json.dumps(dict(by_row), indent=1) + "\n").encode("ascii")


__all__ = ["BuildError", "build", "own_key", "stale"]


def asking(sandbox: Sandbox, package: Package) -> Callable[[Sequence[Run]], list[list[Outcome]]]:
    """Return a function that answers runs with *package*, each time in a fresh process."""

    def ask(runs: Sequence[Run]) -> list[list[Outcome]]:
        with sandbox.start(package) as session:
            return [reply.outcomes for reply in session.ask(Batch(runs))]

    return ask


def passes(
    check: Check, inputs: Inputs, outcome: Outcome, answers: Sequence[Mapping[str, Tree]]
) -> bool:
    """Say whether an outcome passes a check."""
    return judge(check, inputs, outcome, answers).passed
