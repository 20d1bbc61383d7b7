"""The isolation levels by name, weakest first."""

from __future__ import annotations

from typing import Literal, get_args

#: A level of isolation.
Level = Literal[
    "none", "process", "seccomp-strict", "landlock+seccomp", "namespaces+landlock+seccomp"
]
LEVELS: tuple[Level, ...] = get_args(Level)

#: What a zygote holds besides numpy: nothing, what a notebook's cells need, a Jupyter kernel, what
#: converts a notebook to a page.
CODE, CELLS, KERNEL, PAGES = HOLDS = ("code", "cells", "kernel", "pages")

#: Levels whose children are confined; the others need ``allow_unsandboxed``.
CONFINED = frozenset(LEVELS[2:])
