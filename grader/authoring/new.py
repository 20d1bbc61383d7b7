"""A new assignment: a folder that builds and grades, with one question to start from."""

from __future__ import annotations

import keyword
import re
from pathlib import Path

from grader.authoring.building import made_from
from grader.files import write
from grader.model.problem import Problem

SKELETON = Path(__file__).with_name("skeleton")
#: The ending of the skeleton's files: they are texts to fill in, no modules.
ENDING = ".in"


def new(folder: Path) -> list[Path]:
    """Write a new assignment into *folder*, which mustn't exist or be empty; return its files.

    Its id is the folder's name, its package that name as an identifier. Raises
    :class:`~grader.model.problem.Problem` for a folder that holds something, a name that can't be
    an id, and outputs beside it that belong to another assignment.
    """
    name = folder.name
    package = re.sub(r"\W", "_", name).lower()
    if not re.fullmatch(r"[A-Za-z][\w-]*", name) or keyword.iskeyword(package):
        raise Problem(f"{name!r} can't name an assignment: use letters, digits, - and _")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise Problem(f"{folder} exists already: name a folder that doesn't, or an empty one")
    for beside in (f"{name}_template", f"{name}_key"):
        if (other := made_from(folder.parent / beside)) not in (None, name):
            raise Problem(
                f"{folder.parent / beside} was made from another assignment, {other}: choose "
                "another name"
            )
    made = []
    for source in sorted(path for path in SKELETON.rglob(f"*{ENDING}") if path.is_file()):
        place = source.relative_to(SKELETON).as_posix().removesuffix(ENDING)
        place = re.sub(r"^package/", f"{package}/", place)
        place = place.replace("notebooks/notebook.py", f"notebooks/{package}.py")
        text = source.read_text("utf-8").replace("@NAME@", name).replace("@PACKAGE@", package)
        write(folder / place, text)
        made.append(folder / place)
    return made
