"""A course's ``checks/``, imported: its rows, and the judges that it brings; and its ``terms/``.

They are the course's own code and trusted. They are imported from the folder of the assignment that
a command has taken, and never from a path that is being graded.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType

from grader.key.store import Key
from grader.kinds import JUDGES, Judge, KindError, Proof, Row, extended, proofs, worded
from grader.kinds.terms import Sum
from grader.model.assignment import CHECKS_FOLDER, TERMS_FOLDER, ManifestError
from grader.model.checks import Words

#: What the imported packages are called while they are loaded.
NAME, TERMS_NAME = "_grader_checks", "_grader_terms"


@dataclass(frozen=True)
class Checks:
    """What a course's ``checks/`` say: its rows, and its own judges with what is said of them.

    *judges* are the engine's too. *source* names the file, for messages.
    """

    rows: tuple[Row, ...]
    judges: Mapping[str, Judge]
    words: Mapping[str, Words]
    source: str

    def proofs(self, *, live: bool = False) -> list[Proof]:
        """Return the proofs of all rows, worded. Raises :class:`grader.kinds.KindError`."""
        made = []
        for row in self.rows:
            try:
                made += proofs([row], live=live)
            except KindError as error:
                raise KindError(f"{self.source}: {error}") from None
            except Exception as error:
                raise KindError(
                    f"{self.source}: the row of {row.question} can't be used: {told(error)}"
                ) from error
        return worded(made, self.judges, self.words, self.source)


def course_checks(folder: Path) -> Checks:
    """Import ``checks/`` in *folder*: the course's own code, which is trusted.

    Raises :class:`ManifestError` where it isn't there, has no rows, or raises, and
    :class:`grader.kinds.KindError` for judges that can't be used.
    """
    place = folder / CHECKS_FOLDER
    file = place / "__init__.py"
    if not file.is_file():
        raise ManifestError(f"{place} holds no __init__.py with ROWS: write one, a row a question")
    module = _imported(place, NAME)
    if not hasattr(module, "ROWS"):
        raise ManifestError(f"{file} has no ROWS: name the tuple of its rows so")
    for row in module.ROWS:
        if not all(hasattr(row, name) for name in ("question", "proofs", "replaceable")):
            raise ManifestError(
                f"{file}: ROWS holds a {type(row).__name__}, which is no row: a row has "
                "question, proofs() and replaceable()"
            )
    judges: Mapping[str, Judge] = getattr(module, "JUDGES", {})
    return Checks(
        tuple(module.ROWS),
        extended(judges, str(file)),
        getattr(module, "WORDS", {}),
        str(file),
    )


def course_terms(folder: Path) -> tuple[Sum, ...]:
    """Import ``terms/`` in *folder*, which no student gets; none where it isn't there.

    Raises :class:`ManifestError` where it declares nothing, something else, or raises.
    """
    place = folder / TERMS_FOLDER
    file = place / "__init__.py"
    if not file.is_file():
        return ()
    module = _imported(place, TERMS_NAME)
    declared = getattr(module, "TERMS", None)
    if not isinstance(declared, tuple) or not all(isinstance(one, Sum) for one in declared):
        raise ManifestError(f"{file} has no TERMS: name the tuple of its Sums and Products so")
    return declared


def _imported(place: Path, name: str) -> ModuleType:
    """Import the package in *place*, afresh. Raises :class:`ManifestError` where it raises."""
    for loaded in [module for module in sys.modules if module.partition(".")[0] == name]:
        del sys.modules[loaded]
    spec = importlib.util.spec_from_file_location(
        name, place / "__init__.py", submodule_search_locations=[str(place)]
    )
    if spec is None or spec.loader is None:
        raise ManifestError(f"{place} can't be imported: write an __init__.py into it")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise ManifestError(f"{place} can't be imported: {told(error)}") from error
    return module


def told(error: BaseException) -> str:
    """Return what a course's own code raised, with the file and line in its own folder."""
    found = ""
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_globals.get("__name__", "").partition(".")[0] in (NAME, TERMS_NAME):
            file = Path(trace.tb_frame.f_code.co_filename)
            found = f", at {file.parent.name}/{file.name}:{trace.tb_lineno}"
        trace = trace.tb_next
    if isinstance(error, SyntaxError) and error.filename:
        file = Path(error.filename)
        found = f", at {file.parent.name}/{file.name}:{error.lineno}"
        return f"SyntaxError: {error.msg}{found}"
    return f"{type(error).__name__}: {error}{found}"


def judged(key: Key, folder: Path, graded: Iterable[Path] = ()) -> Key:
    """Return *key* with the judges of the course in *folder*, where its checks need any.

    Only then is the course's ``checks/`` imported; and never from below a path that is *graded*.
    Raises :class:`ManifestError` where they need a judge that can't be had.
    """
    wanted = {check.judge for check in key.checks} - set(JUDGES)
    if not wanted:
        return key
    place = (folder / CHECKS_FOLDER).resolve()
    for path in map(Path.resolve, graded):
        if place.is_relative_to(path):
            raise ManifestError(
                f"the key needs the course's own judges, and {place} lies in {path}, which is "
                "being graded: name the assignment's folder elsewhere with -a"
            )
    judges = course_checks(folder).judges
    if missing := sorted(wanted - set(judges)):
        raise ManifestError(
            f"{place} has no judge {', '.join(missing)} in JUDGES, which the key asks for: run "
            "`grader build`, or name the folder that the key was made from with -a"
        )
    return replace(key, judges=judges)
