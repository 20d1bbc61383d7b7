"""The rows of ``checks/``, searched in a process that is confined as a student's code is."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import IO, get_args

from grader.key.examples import BIN, JSON
from grader.key.sources import MANIFEST
from grader.model.assignment import ManifestError
from grader.model.evidence import CheckEvidence
from grader.model.literals import Stage, Visibility
from grader.model.programs import Program, Run
from grader.model.trees import Malformed, Tree, clean, unpack
from grader.model.verdicts import STAGES, CheckResult
from grader.sandbox import Batch
from grader.sandbox.host.launch import ENGINE, environment, libraries, readable
from grader.selfcheck import wire
from grader.selfcheck.questions import CheckedQuestion, State
from grader.selfcheck.search import Budget, Respondent
from grader.submissions.disk import open_tree
from grader.submissions.trees import FileLost, Unreadable

_BOOT = "import sys; sys.path += {paths!r}; from grader.selfcheck.rows_program import main; main()"
#: What drawing and judging import, wherever it is installed.
_NEEDED = ("hypothesis", "sortedcontainers", "attr", "msgspec")
#: In bytes: of one file of ``checks/``.
_MAX_FILE = 4 << 20
_VISIBLE = get_args(Visibility)


def search(
    place: Path,
    public: Path,
    questions: Sequence[str],
    session: Respondent,
    budget: Budget,
    stubs: Collection[str] = (),
) -> Iterator[CheckedQuestion]:
    """Yield what is found of each of *questions*, by the rows of ``checks/`` in *place*.

    *public* is the folder of the public examples, *stubs* are the questions that aren't written.

    They are read as data and imported in another process, which asks *session* through this one.
    Raises :class:`grader.model.assignment.ManifestError` for rows that can't be used.
    """
    with tempfile.TemporaryDirectory(prefix="grader-rows-") as copy:
        _copied(place, public, Path(copy))
        process = _started(Path(copy), questions, budget, stubs)
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield from _heard(process.stdout, process.stdin, session, place)
        finally:
            process.kill()
            process.wait()
            process.stdout.close()
            with suppress(BrokenPipeError):
                process.stdin.close()


def confines() -> bool:
    """Return whether this machine confines the rows: it does where it has Landlock and seccomp."""
    if sys.platform != "linux":
        return False
    from grader.sandbox.confinement.landlock import version

    return version() > 0


def _copied(place: Path, public: Path, copy: Path) -> None:
    """Copy the manifest, the files of ``checks/`` and the public examples, not through any link."""
    (copy / MANIFEST).write_bytes((place / MANIFEST).read_bytes())
    for folder in dict.fromkeys((place / "checks", public)):
        try:
            tree = open_tree(folder)
            for path in tree.paths:
                if folder == place / "checks" or path in (JSON, BIN):
                    target = copy / "checks" / path
                    target.parent.mkdir(parents=True, exist_ok=True)
                    target.write_bytes(tree.read(path, _MAX_FILE))
        except (Unreadable, FileLost) as error:
            raise ManifestError(f"{folder} can't be read: {error}") from None
    if not (copy / "checks" / "__init__.py").is_file():
        raise ManifestError(f"{place / 'checks'} holds no __init__.py with ROWS")


def _started(
    copy: Path, questions: Sequence[str], budget: Budget, stubs: Collection[str]
) -> subprocess.Popen[bytes]:
    homes = [Path(spec.origin).parents[1] for name in _NEEDED if (spec := _spec(name))]
    paths = list(dict.fromkeys([*libraries(), *map(str, homes)]))
    options = {
        "confined": confines(),
        # The libraries' folders, but of the grader's its own alone: a checkout holds more.
        "readable": [*readable(), *map(str, homes), str(Path(paths[0])), str(ENGINE), str(copy)],
        "place": str(copy),
        "questions": list(questions),
        "stubs": list(stubs),
        "examples": budget.examples,
        "seconds": budget.seconds,
    }
    return subprocess.Popen(
        [
            os.path.realpath(sys.executable),
            *("-I", "-S", "-c", _BOOT.format(paths=paths), json.dumps(options)),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment(),
        cwd="/",
    )


def _spec(name: str) -> Tree:
    spec = find_spec(name)
    return spec if spec and spec.origin else None


def _heard(
    replies: IO[bytes], requests: IO[bytes], session: Respondent, place: Path
) -> Iterator[CheckedQuestion]:
    while True:
        try:
            kind, text, data = wire.receive(replies)
            if kind == wire.DONE:
                return
            if kind == wire.ASK:
                (reply,) = session.ask(Batch([_run(json.loads(text), data)]))
                wire.send(requests, wire.ANSWER, bytes(reply.text), bytes(reply.data))
            elif kind == wire.RESULT:
                yield _checked(json.loads(text))
            else:
                said = clean(text.decode("utf-8", "replace"), 500)
                raise ManifestError(f"{place / 'checks'} can't be used: {said}")
        except (EOFError, BrokenPipeError):
            raise ManifestError(
                f"{place / 'checks'} can't be used: the process that ran it has ended"
            ) from None
        except (LookupError, TypeError, ValueError, RecursionError, Malformed) as error:
            if isinstance(error, ManifestError):
                raise
            raise ManifestError(
                f"{place / 'checks'} can't be used: what it asks is no run ({type(error).__name__})"
            ) from None


def _run(asked: Tree, data: bytes) -> Run:
    examples = unpack(asked["examples"], memoryview(data))
    if not (isinstance(examples, list) and all(isinstance(one, dict) for one in examples)):
        raise Malformed("examples are no examples")
    return Run(str(asked["id"]), Program.from_json(asked["program"]), examples)


def _checked(found: Tree) -> CheckedQuestion:
    """Return a question that came as JSON. Raises :class:`ValueError` for what is none."""
    if found["state"] not in get_args(State):
        raise ValueError("no state")
    return CheckedQuestion(
        id=clean(str(found["id"]), 200),
        state=found["state"],
        checks=list(map(_result, found["checks"])),
        needs=tuple(clean(str(id), 200) for id in found["needs"]),
        valued=found["valued"] is True,
    )


def _result(found: Tree) -> CheckResult:
    """Return a result that came as JSON. Raises :class:`ValueError` for one that is none."""
    stage: Stage | None = found["stage"]
    evidence: CheckEvidence = found["evidence"]
    if found["status"] not in ("passed", "failed") or not isinstance(evidence, dict):
        raise ValueError("no result")
    if stage is not None and stage not in STAGES:
        raise ValueError("no stage")
    return CheckResult(
        id=clean(str(found["id"]), 200),
        title=clean(str(found["title"]), 500),
        visibility=found["visibility"] if found["visibility"] in _VISIBLE else "property",
        status=found["status"],
        score=0.0,
        max_score=0.0,
        stage=stage,
        message=clean(str(found["message"]), 4000),
        evidence=evidence,
        nearly=found.get("nearly") is True,
    )
