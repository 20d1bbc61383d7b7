"""Look into a built wheel: the engine, its templates, and nothing of the course.

Run by ``tox -e release`` with the folder that holds the wheel.
"""

import sys
import zipfile
from pathlib import Path


def main() -> None:
    """Exit with a message if something is missing or too much."""
    (wheel,) = Path(sys.argv[1]).glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    allowed = ("grader/", "assignment_grader-")
    extra = [name for name in names if not name.startswith(allowed)]
    bytecode = [name for name in names if name.endswith(".pyc")]
    needed = {"grader/cli/__init__.py", "grader/cli/test.py", "grader/sandbox/guest/worker.py"}
    needed.add("grader/authoring/skeleton/assignment.toml.in")
    pages = [name for name in names if name.startswith("grader/reports/templates/")]
    if extra or bytecode or needed - set(names) or not pages:
        sys.exit(f"extra: {extra}, bytecode: {bytecode}, missing: {needed - set(names)}, {pages=}")
    print(f"{wheel.name}: {len(names)} files, all of the engine")


if __name__ == "__main__":
    main()
