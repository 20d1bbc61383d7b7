"""Names can be searched for: no class of the engine has the name of another one."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

from imports import modules

#: Verbs that say nothing by themselves: as the name of a module's function nobody can find them.
VAGUE = frozenset(("found", "known", "one", "read", "said", "take", "told", "whole", "work"))


def repeated_classes(texts: Mapping[str, str]) -> dict[str, list[str]]:
    """Return the modules of each class whose name stands more than once, nested ones too."""
    found: dict[str, list[str]] = defaultdict(list)
    for module, text in texts.items():
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.ClassDef):
                found[node.name].append(module)
    return {name: places for name, places in found.items() if len(places) > 1}


def vague_functions(texts: Mapping[str, str]) -> list[str]:
    """Return the functions at the top of modules that have one of the vague names."""
    return [
        f"{module}.{node.name}"
        for module, text in texts.items()
        for node in ast.parse(text).body
        if isinstance(node, ast.FunctionDef) and node.name in VAGUE
    ]


def test_no_class_has_the_name_of_another(root: Path) -> None:
    """Whoever searches for a class finds one."""
    assert repeated_classes(modules(root / "grader")) == {}


def test_functions_have_names_to_search_for(root: Path) -> None:
    """In the rooms that read, mark and report, a module's function says what it works on."""
    rooms = ("submissions", "marking", "classroom", "reports", "cli", "wording", "selfcheck")
    texts = {
        name: text
        for name, text in modules(root / "grader").items()
        if name.startswith(tuple(f"grader.{room}" for room in rooms))
    }
    assert vague_functions(texts) == []


def test_what_is_repeated_or_vague_is_found() -> None:
    """A second class of a name, even a nested one, and a function called ``told``."""
    texts = {"a": "class Line: pass", "b": "class B:\n    class Line: pass\ndef told(): pass"}
    assert repeated_classes(texts) == {"Line": ["a", "b"]}
    assert vague_functions(texts) == ["b.told"]
