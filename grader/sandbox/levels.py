"""The isolation levels by name, weakest first."""

from __future__ import annotations

LEVELS = (
    "none",
    "process",
    "seccomp-strict",
    "landlock+seccomp",
    "namespaces+landlock+seccomp",
)

#: Levels whose children are confined; the others need ``allow_unsandboxed``.
CONFINED = frozenset(LEVELS[2:])
