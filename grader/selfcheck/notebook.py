"""The public checks in a notebook's cell: ``import grader; grader.check("adam")``."""

from __future__ import annotations

import difflib
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from grader.key.checks import NAME as CHECKS
from grader.key.checks import TERMS_NAME as TERMS
from grader.key.sources import MANIFEST, find
from grader.model.assignment import ManifestError
from grader.sandbox import preserved_state
from grader.selfcheck.examples import ExampleFiles
from grader.selfcheck.page import Shorten, cell, question_lines, together, wrapped
from grader.selfcheck.questions import CheckedQuestion
from grader.selfcheck.readiness import Line
from grader.selfcheck.search import EXAMPLES, Budget
from grader.selfcheck.work import Live, Opened, own_folder


class CheckReport:
    """What the checks found, for a cell to show. ``failed`` are the ids of those that failed."""

    def __init__(
        self,
        found: Sequence[CheckedQuestion],
        titles: Sequence[str],
        source: str,
        shorten: Shorten,
        ready: Sequence[Line] = (),
    ) -> None:
        self._found, self._titles, self._source = found, titles, source
        self._shorten, self._ready = shorten, ready
        self.failed = [result.id for question in found for result in question.failed]

    def __repr__(self) -> str:
        said: set[str] = set()
        told = [
            question_lines(question, title, said, self._shorten)
            for question, title in zip(self._found, self._titles, strict=True)
        ]
        told += [wrapped(word, sentence) for word, sentence in together(self._found)]
        told += [wrapped(line.word, line.text) for line in self._ready]
        return "\n".join([self._source, *filter(None, told)])

    def _repr_html_(self) -> str:
        return cell(self._found, self._source, self._shorten, self._ready)


def check(
    *questions: object,
    live: bool = False,
    examples: int = EXAMPLES,
    folder: str | os.PathLike[str] | None = None,
) -> CheckReport:
    """Check *questions* on the work in this folder; all of it without any.

    The files are checked as they are saved. With *live*, the functions and classes that this
    kernel has imported are; and a function or class in place of a question's name is checked
    itself. Each check searches through *examples* inputs. *folder* is the one that holds the
    package: without it, this one or those above, else the one that the package was imported from.
    ``np.random`` stays as it was.

    Raises :class:`ValueError` for what there is no question about, for less than one example, and
    (:class:`~grader.model.assignment.ManifestError`) where no assignment is found.
    """
    if examples < 1:
        raise ValueError("examples must be at least 1: how many inputs each check searches through")
    place, own = _places(folder)
    objects = {q.__name__: q for q in questions if hasattr(q, "__name__")}
    shorten = ExampleFiles(own, shown=_shown(own)).shortened
    with preserved_state():
        if live or objects:
            work = Live(place, own, objects)
            asked = _asked(questions, work)
            found = list(work.check(asked, Budget(examples)))
            titles = [work.assignment.question(question.id).title for question in found]
            return CheckReport(found, titles, "Checked as this kernel has it now.", shorten)
        with Opened(place, own) as opened:
            named = _asked(questions, opened)
            code, others = opened.named(named)
            found = list(opened.check(code, Budget(examples)))
            ready = opened.prepared(others) if questions else []
            opened.remember()
            titles = [opened.assignment.question(question.id).title for question in found]
            source = f"Checked as saved in {own}."
            if any(question.state == "passed" for question in found):
                source = f"{source} {opened.meaning}"
            return CheckReport(found, titles, source, shorten, ready)


def _places(folder: str | os.PathLike[str] | None) -> tuple[Path, Path]:
    """Return the folders of the assignment and of the work.

    A notebook may stand elsewhere than the package, as on Colab: then the package is where it was
    imported from.
    """
    if folder is not None:
        start = Path(folder).expanduser().resolve()
        place = find(start)
        return place, own_folder(place, start)
    try:
        place = find(Path.cwd())
    except ManifestError:
        for imported in _imported():
            if (imported / MANIFEST).is_file():
                return imported, imported
        raise ManifestError(
            f"no {MANIFEST} is in {Path.cwd()} or above it, nor beside a package that this kernel "
            'has imported: name the folder that holds it, grader.check(..., folder="...")'
        ) from None
    return place, own_folder(place)


def _imported() -> Iterator[Path]:
    """Yield the folders that hold a package which this process has imported."""
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if (
            name not in (CHECKS, TERMS)
            and "." not in name
            and isinstance(file, str)
            and Path(file).stem == "__init__"
        ):
            yield Path(file).resolve().parents[1]


def _shown(folder: Path) -> str:
    """Return how *folder* is written in front of a file's name, as seen from this process."""
    return "" if folder.resolve() == Path.cwd().resolve() else f"{folder.as_posix()}/"


def _asked(questions: Sequence[object], work: Live | Opened) -> Sequence[str]:
    """Return the ids of *questions*, which may be named by their function or class."""
    kinds = ("code",) if isinstance(work, Live) else ("code", "written", "training")
    known = [q for q in work.assignment.questions if q.kind in kinds]
    asked: list[str] = []
    for question in questions:
        name = getattr(question, "__name__", question)
        ids = [q.id for q in known if name == q.id or name in q.functions]
        if not ids:
            close = difflib.get_close_matches(str(name), [q.id for q in known], n=3, cutoff=0.5)
            raise ValueError(
                f"there is no question {name!r}: choose from "
                f"{', '.join(close or [q.id for q in known])}"
            )
        here = [id for id in ids if id in work.questions]
        asked += here or ids
    return asked or work.questions
