"""``grader test``: each check of a submission as a test case of pytest's, in the sandbox."""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from grader.cli import DONE, FAILED, INTERRUPTED, NOT_GRADED, USAGE
from grader.cli.pytest_options import pytest_arguments
from grader.cli.terminal import course, problems, say, way

_CONFIGURATION = "[pytest]\njunit_suite_name = grader\n"


def run(arguments: argparse.Namespace) -> int:
    """Run the checks of every submission under pytest; return the command's own exit code."""
    import pytest

    from grader.classroom.run import Settings, Worker
    from grader.cli.cases import Cases
    from grader.submissions import find

    with problems():
        assignment, key = course(arguments, arguments.paths)
        settings = Settings(
            assignment,
            key,
            tuple(arguments.notebook),
            ("code",),
            level=arguments.isolation,
            allow_unsandboxed=arguments.allow_unsandboxed,
            graded=tuple(arguments.paths),
        )
        # While the working directory is the caller's: pytest runs in another.
        paths = [Path(os.path.abspath(path)) for path in arguments.paths]  # noqa: PTH100
        options = pytest_arguments(arguments)
        worker = Worker(settings)
        try:
            places = find(paths, worker.assignment, as_=arguments.as_, way=way(arguments)).places
            if not arguments.quiet:
                say(f"isolation: {worker.sandbox.level}")
            with _folder_of_its_own() as folder:
                code = pytest.main([*_fixed(folder), *options], plugins=[Cases(worker, places)])
        finally:
            worker.close()
    return _code(pytest.ExitCode(code))


@contextmanager
def _folder_of_its_own() -> Iterator[Path]:
    """Run the block in a folder that holds nothing, with no variable that pytest reads.

    pytest looks for its configuration, for conftest.py and for plugins in the working directory,
    above it, in what its arguments name, and in its variables.
    """
    before = Path.cwd()
    variables = {name: os.environ[name] for name in os.environ if name.startswith("PYTEST_")}
    with tempfile.TemporaryDirectory(prefix="grader-test-") as made:
        folder = Path(made)
        (folder / "pytest.ini").write_text(_CONFIGURATION, "utf-8")
        (folder / "empty").mkdir()
        for name in variables:
            del os.environ[name]
        os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
        os.chdir(folder)
        try:
            yield folder
        finally:
            os.chdir(before)
            os.environ.pop("PYTEST_DISABLE_PLUGIN_AUTOLOAD", None)
            for name in [name for name in os.environ if name.startswith("PYTEST_")]:
                del os.environ[name]
            os.environ.update(variables)


def _fixed(folder: Path) -> list[str]:
    """Return what pytest is told whatever the caller asks: its configuration, root and paths."""
    return [
        f"--config-file={folder / 'pytest.ini'}",
        f"--rootdir={folder}",
        f"--confcutdir={folder}",
        "--noconftest",
        "-pno:cacheprovider",
        str(folder / "empty"),
    ]


def _code(code: int) -> int:
    if code == 5:
        say("grader: no check was chosen: `grader test PATH --collect-only` lists them")
    return {0: DONE, 1: FAILED, 2: INTERRUPTED, 3: NOT_GRADED}.get(code, USAGE)
