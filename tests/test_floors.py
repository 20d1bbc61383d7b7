"""The floors of the house: a room imports only from floors below it."""

import ast
from pathlib import Path

import pytest

FLOORS = {
    "cli": 6,
    "plugin": 6,
    "notebook": 6,
    "web": 5,
    "reports": 5,
    "course": 4,
    "marking": 3,
    "submissions": 2,
    "release": 2,
    "key": 2,
    "sandbox": 2,
    "numeric": 1,
    "model": 0,
}
#: What the trusted process must not do to bytes that a student wrote, by module.
FORBIDDEN = ("pickle", "marshal", "shelve", "dill", "cloudpickle")


def imports(text: str) -> set[str]:
    """Return the dotted names that a module's text imports."""
    names = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def too_high(room: str, text: str) -> set[str]:
    """Return the rooms that a module of *room* imports though they are not below it."""
    used = {name.split(".")[1] for name in imports(text) if name.startswith("grader.")} & set(
        FLOORS
    )
    return {other for other in used - {room} if FLOORS[other] >= FLOORS[room]}


def modules(root: Path) -> list[Path]:
    return sorted((root / "grader").rglob("*.py"))


def test_rooms_import_only_from_below(root: Path) -> None:
    """No module of the engine imports from its own floor's other rooms or from above."""
    wrong = {}
    for path in modules(root):
        room = path.relative_to(root / "grader").parts[0].removesuffix(".py")
        if room in FLOORS and too_high(room, path.read_text("utf-8")):
            wrong[str(path.relative_to(root))] = too_high(room, path.read_text("utf-8"))
    assert not wrong


def test_every_room_has_a_floor(root: Path) -> None:
    """A new folder of the engine must be given a floor here before it can be used."""
    rooms = {path.relative_to(root / "grader").parts[0] for path in modules(root)}
    assert rooms - {"__init__.py", "__main__.py", "notebook.py", "plugin.py"} <= set(FLOORS)


@pytest.mark.parametrize(
    ("room", "text", "expected"),
    [
        ("model", "import grader.sandbox", {"sandbox"}),
        ("marking", "from grader.classroom import queue", {"course"}),
        ("submissions", "from grader import key", {"key"}),
        ("course", "from grader.kinds import judge", set()),
    ],
)
def test_a_wrong_import_is_found(room: str, text: str, expected: set[str]) -> None:
    """The test above sees imports of modules, of names and of whole rooms."""
    assert too_high(room, text) == expected


def test_nothing_unpickles(root: Path) -> None:
    """No module of the trusted process imports anything that loads objects from bytes."""
    for path in modules(root):
        if path.name == "standins.py":
            continue  # runs in the student's process only, and lends it the standard library's
        found = {name.partition(".")[0] for name in imports(path.read_text("utf-8"))}
        assert not found & set(FORBIDDEN), path


def test_the_engine_knows_no_assignment(root: Path) -> None:
    """No module of the engine names the course's package or a layer of it."""
    for path in modules(root):
        text = path.read_text("utf-8")
        for word in ("cs682", "cs231n", "batchnorm", "rmsprop"):
            lines = [line for line in text.splitlines() if word in line and "``" not in line]
            assert not lines, (path, lines)
