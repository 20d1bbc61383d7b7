"""Runs a submission's code in a process of its own, confined, and brings back plain arrays.

A name of this room is imported when it is first asked for: the zygote, which is of this room too,
needs few of them, and its start is half of what one submission takes from the shell.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from grader.model.assignment import Limits
    from grader.sandbox.batch import Batch, targets
    from grader.sandbox.diagnostics import mechanisms
    from grader.sandbox.errors import Fault, Gone, Refused
    from grader.sandbox.in_process import Here, untouched
    from grader.sandbox.package import Package
    from grader.sandbox.protocol.layout import Entry
    from grader.sandbox.reference import Bounds, Oracle
    from grader.sandbox.reply import Reply
    from grader.sandbox.sandbox import Sandbox
    from grader.sandbox.session import Session, Usage

__all__ = [
    "Batch",
    "Bounds",
    "Entry",
    "Fault",
    "Gone",
    "Here",
    "Limits",
    "Oracle",
    "Package",
    "Refused",
    "Reply",
    "Sandbox",
    "Session",
    "Usage",
    "mechanisms",
    "targets",
    "untouched",
]

_HOMES = {
    "Batch": "grader.sandbox.batch",
    "Bounds": "grader.sandbox.reference",
    "Entry": "grader.sandbox.package",
    "Fault": "grader.sandbox.errors",
    "Gone": "grader.sandbox.errors",
    "Here": "grader.sandbox.in_process",
    "Limits": "grader.model.assignment",
    "Oracle": "grader.sandbox.reference",
    "Package": "grader.sandbox.package",
    "Refused": "grader.sandbox.errors",
    "Reply": "grader.sandbox.reply",
    "Sandbox": "grader.sandbox.sandbox",
    "Session": "grader.sandbox.session",
    "Usage": "grader.sandbox.session",
    "mechanisms": "grader.sandbox.diagnostics",
    "targets": "grader.sandbox.batch",
    "untouched": "grader.sandbox.in_process",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
