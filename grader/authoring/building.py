"""From the assignment's folder to its template and its key, where its manifest says they go."""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from grader.authoring import release
from grader.authoring.release.complete import complete
from grader.authoring.trained import reached
from grader.files import write
from grader.key import BadKey, Key, dependence, examples, load, sources, terms
from grader.key import fingerprints as probes
from grader.key.build import build as build_key
from grader.key.build import public_examples, versions
from grader.key.certifying import BuildError
from grader.key.checks import course_checks, course_terms, judged
from grader.key.declarations import evaluated
from grader.key.stale import disagreements
from grader.key.stale import stale as differing
from grader.key.store import JSON as KEY
from grader.key.store import dump
from grader.key.variants import Answers, NearlyRight
from grader.marking.explaining.diagnosis import Catalogue
from grader.marking.judging import Judging
from grader.model.assignment import Assignment, Limits, ManifestError, Outputs
from grader.model.checks import AnsweredRun
from grader.model.dependence import Table
from grader.model.programs import Outcome, Run
from grader.sandbox import Batch, Package, Sandbox

#: Where the committed assignment's go, and any other's that says nothing else.
TEMPLATE, OUTPUTS = (PurePosixPath(place).name for place in (Outputs.template, Outputs.key))
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

    def files(self, key: Key, depends: bytes) -> dict[str, bytes]:
        """Return the files of *key*: its own, the misconceptions', and what explains answers."""
        made = terms.dump(self.made_of(key))
        return {**dump(key), probes.FILE: self.probes(key), dependence.FILE: depends, **made}

    def made_of(self, key: Key) -> terms.TermsByRun:
        """Return what the public answers of *key* are made of, by run."""
        return evaluated(course_terms(self.folder), key, self.reference)

    def dependence(self, key: Key) -> dict[str, Table]:
        """Return what the reference's outputs depend on, by run."""
        proofs = course_checks(self.folder).proofs()
        return dependence.tables(proofs, key.ladders, self.reference, self.witness)

    def probes(self, key: Key) -> bytes:
        """Return what each misconception answers to the key, as ``probes.json``."""
        judging, catalogue = Judging(key), Catalogue(key)
        reference = sources.package(self.folder / self.assignment.package)
        found = []
        for wrong in sources.misconceptions(self.folder, self.assignment, reference):
            package = Package(
                self.assignment.package, wrong.files, self.given, self.assignment.given
            )
            with self.sandbox.start(package) as session:
                look = judging.look(wrong.misconception.question, session)
            if not look.failed:
                raise BuildError(
                    f"misconception {wrong.misconception.id} passes every check of "
                    f"{wrong.misconception.question}: correct its edits, or ask for what it gets "
                    "wrong"
                )
            found.append(catalogue.probe(wrong.misconception, look))
        return probes.dump(found)

    def public(self, key: Key) -> dict[str, AnsweredRun]:
        """Return the public examples, by run."""
        return public_examples(
            course_checks(self.folder),
            key.ladders,
            reference=self.reference,
            witness=self.witness,
            nearly=self.nearly(),
        )

    def key(self, seed: str, public: Mapping[str, AnsweredRun] | None = None) -> Key:
        return build_key(
            self.assignment,
            course_checks(self.folder),
            seed=seed,
            given=self.given,
            notebooks=self.notebooks,
            rubrics=sources.rubrics(self.folder, self.assignment),
            reference=self.reference,
            witness=self.witness,
            nearly=self.nearly(),
            public=public,
            trials=sources.trials(self.folder, self.assignment),
        )

    def nearly(self) -> list[NearlyRight]:
        """Return the variants of the reference that are nearly right, ready to be asked."""
        reference = sources.package(self.folder / self.assignment.package)
        return [
            NearlyRight(variant.id, variant.says, variant.questions, self.answers_of(variant.files))
            for variant in sources.nearly_right(self.folder, self.assignment, reference)
        ]

    def answers_of(self, files: Mapping[str, bytes]) -> Answers:
        """Return what asks a package of these *files*."""
        package = Package(self.assignment.package, files, self.given, self.assignment.given)
        return asking(self.sandbox, package)


@contextmanager
def _open(folder: Path) -> Iterator[_Course]:
    assignment = sources.manifest(folder)
    complete(folder, assignment)
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
    """Make both generated folders of the assignment in *folder*; return them.

    Raises :class:`BuildError` for a folder that was made from another assignment, or by no build.
    """
    with _open(folder) as course:
        template, outputs = places(folder, course.assignment)
        for place in (template, outputs):
            _made_here(place)
        key = course.key(DEMONSTRATION)
        public = examples.dump(key.assignment, course.public(key))
        depends = dependence.dump(key.assignment, course.dependence(key))
        files = {
            **release.make(folder, course.assignment),
            **public,
            release.examples.DEPENDENCE: depends,
        }
        _safe(files, folder, course.assignment, key)
        made = course.files(key, depends)
    release.write(files, template)
    release.write({**made, "published.json": _published(folder)}, outputs)
    return [template, outputs]


def own_key(folder: Path, out: Path, seed: str, *, trains: bool = True) -> None:
    """Make a course's own key in *out*, drawn from its secret *seed*.

    With *trains*, the reference's answers to training questions are trained on the key's images
    first, which takes as long as a class's training. Raises :class:`BuildError` where one of them
    doesn't clear what is asked.
    """
    with _open(folder) as course:
        _own(out, course.assignment)
        template, _ = places(folder, course.assignment)
        # Whatever draws here: students have those examples, and feedback shows the same.
        public = examples.load(template / examples.FOLDER, course.assignment.id)
        key = course.key(seed, public)
        if trains:
            _clears(folder, course.assignment, key)
        # The ladders are those of the template, and so is what is known of them.
        known = dependence.load(template / examples.FOLDER, key.assignment)
        depends = dependence.dump(key.assignment, known or course.dependence(key))
        for name, data in course.files(key, depends).items():
            write(out / name, data)


def _clears(folder: Path, assignment: Assignment, key: Key) -> None:
    """Raise :class:`BuildError` where the reference doesn't train well on the key's images."""
    with Sandbox(assignment.limits, level="process", allow_unsandboxed=True) as sandbox:
        for found in reached(folder, assignment, key, sandbox):
            if not found.clears:
                raise BuildError(
                    f"the images of this key are too hard: the reference's answer to "
                    f"{found.question} reaches {found.accuracy:.3f} on them, and "
                    f"{found.enough:g} is to be cleared, a little more than the manifest's "
                    "training.short.reach. Take another secret, or correct the answer"
                )


def stale(folder: Path) -> list[str]:
    """Return what is not as :func:`build` would make it, a line each."""
    with _open(folder) as course:
        template, outputs = places(folder, course.assignment)
        files = release.make(folder, course.assignment)
        lines = []
        published = outputs / "published.json"
        if not published.is_file() or published.read_bytes() != _published(folder):
            lines.append(f"{outputs.name}/published.json")
        try:
            old = judged(load(outputs), folder)
        except (BadKey, ManifestError) as error:
            _safe(files, folder, course.assignment)
            lines += [f"{template.name}/{path}" for path in release.check(files, template)]
            return [*lines, str(error)]
        files |= _as_they_stand(template)  # compared by what is in them
        if (outputs / dependence.FILE).is_file():
            files[release.examples.DEPENDENCE] = (outputs / dependence.FILE).read_bytes()
        _safe(files, folder, course.assignment, old)
        lines += [f"{template.name}/{path}" for path in release.check(files, template)]
        found = release.examples.stale(template, old, course.public(old), course.reference)
        lines += [f"{template.name}/{line}" for line in found]
        lines += [f"{outputs.name}: {line}" for line in differing(old, course.key(DEMONSTRATION))]
        lines += [f"{outputs.name}: {line}" for line in disagreements(old, course.reference)]
        if dict(old.versions) == versions() and old.dependence != course.dependence(old):
            lines.append(f"{outputs.name}: what outputs depend on")
        if not probes.same(probes.parse(course.probes(old)), probes.load(outputs)):
            lines.append(f"{outputs.name}: the misconceptions' answers")
        if not terms.same(course.made_of(old), terms.load(outputs)):
            lines.append(f"{outputs.name}: the terms of the public answers")
    return lines


def places(folder: Path, assignment: Assignment) -> tuple[Path, Path]:
    """Return where the template and the key of the assignment in *folder* go.

    Raises :class:`BuildError` where either was made from another assignment, or would lie where
    the assignment itself does.
    """
    template = sources.template_folder(folder, assignment)
    outputs = sources.key_folder(folder, assignment)
    home = Path(os.path.normpath(folder.absolute()))
    for name, place in (("template", template), ("key", outputs)):
        if place == home or home.is_relative_to(place) or template == outputs:
            raise BuildError(
                f"outputs.{name} is {place}, which holds the assignment or the other output: "
                "name a folder of its own in the manifest"
            )
        _own(place, assignment)
    return template, outputs


def _own(place: Path, assignment: Assignment) -> None:
    """Raise :class:`BuildError` for a folder that was made from another assignment."""
    other = made_from(place)
    if other not in (None, assignment.id):
        raise BuildError(
            f"{place} was made from another assignment, {other}: say in the manifest of "
            f"{assignment.id} where its own go ([outputs] template = ..., key = ...)"
        )


def _made_here(place: Path) -> None:
    """Raise :class:`BuildError` for a folder that holds something and wasn't made by a build.

    What a build doesn't make is removed from its folders: a README alone makes no template.
    """
    if made_from(place) is None and place.is_dir() and any(place.iterdir()):
        raise BuildError(
            f"{place} holds files, and was made by no build: name an empty folder under "
            "[outputs] in the manifest, or move them away"
        )


def made_from(place: Path) -> str | None:
    """Return the id of the assignment that a folder was made from; ``None`` for any other."""
    for name, read in ((sources.MANIFEST, tomllib.loads), (KEY, json.loads)):
        try:
            id = read((place / name).read_text("utf-8")).get("id" if name != KEY else "assignment")
        except (OSError, ValueError, AttributeError):
            continue
        return str(id)
    return None


def _as_they_stand(template: Path) -> dict[str, bytes]:
    """Return the files of the public examples in a template."""
    paths = [path for path in release.examples.PATHS if (template / path).is_file()]
    return {path: (template / path).read_bytes() for path in paths}


def leaks(
    files: Mapping[str, bytes], folder: Path, assignment: Assignment, key: Key | None = None
) -> list[str]:
    """Return what leaks from *files*: answers, and with a *key* the examples that it hides."""
    found = release.scan(files, folder, assignment)
    found += release.examples.scan(files, key) if key is not None else []
    return list(map(str, found))


def _safe(
    files: dict[str, bytes], folder: Path, assignment: Assignment, key: Key | None = None
) -> None:
    if told := leaks(files, folder, assignment, key):
        raise BuildError("not written, since answers would leak: " + "; ".join(told[:5]))


def _published(folder: Path) -> bytes:
    source = folder / "checks" / "published.json"
    try:
        figures = json.loads(source.read_text("utf-8")) if source.is_file() else {}
        by_row = sorted(
            figures.items(),
            key=lambda item: (item[1].get("notebook", ""), item[1]["row"], item[0]),
        )
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise BuildError(
            f"{source} can't be read ({error}): it maps names to "
            '{"row": number, "value": figure}'
        ) from None
    return (json.dumps(dict(by_row), indent=1) + "\n").encode("ascii")


__all__ = ["BuildError", "build", "own_key", "stale"]


def asking(sandbox: Sandbox, package: Package) -> Callable[[Sequence[Run]], list[list[Outcome]]]:
    """Return a function that answers runs with *package*, each time in a fresh process."""

    def ask(runs: Sequence[Run]) -> list[list[Outcome]]:
        with sandbox.start(package) as session:
            return [reply.outcomes for reply in session.ask(Batch(runs))]

    return ask
