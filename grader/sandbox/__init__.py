"""Runs a submission's code in a confined process of its own, and brings back plain arrays.

The names below are all that other rooms use. Each is imported when it is first used, since the fork
server imports this package, too, and its start is half of the time that one submission takes from
the shell.

``protocol/`` is what both sides say; ``host/`` is trusted and starts processes; ``confinement/``
gives up powers; ``zygote/`` is the fork server's program; ``guest/`` runs beside a stranger's code.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from grader.model.assignment import Limits
    from grader.sandbox.batch import Batch, targets
    from grader.sandbox.budget import WallBudget
    from grader.sandbox.code_reading import FunctionTokens, ReadCode
    from grader.sandbox.conversion import CellText, Converted
    from grader.sandbox.diagnostics import survey
    from grader.sandbox.errors import Fault, IsolationUnavailable, ProcessGone
    from grader.sandbox.in_process import InProcess, preserved_state
    from grader.sandbox.markup import RefusedMarkup, checked_markup, written_out
    from grader.sandbox.package import Package
    from grader.sandbox.protocol.layout import Entry
    from grader.sandbox.reference import Bounds, ReferenceSession, Spent, Terms
    from grader.sandbox.reply import Reply, Spec
    from grader.sandbox.sandbox import Sandbox
    from grader.sandbox.session import Session, Usage
    from grader.sandbox.withheld import Withheld

__all__ = [
    "Batch",
    "Bounds",
    "CellText",
    "Converted",
    "Entry",
    "Fault",
    "FunctionTokens",
    "InProcess",
    "IsolationUnavailable",
    "Limits",
    "Package",
    "ProcessGone",
    "ReadCode",
    "ReferenceSession",
    "RefusedMarkup",
    "Reply",
    "Sandbox",
    "Session",
    "Spec",
    "Spent",
    "Terms",
    "Usage",
    "WallBudget",
    "Withheld",
    "checked_markup",
    "preserved_state",
    "survey",
    "targets",
    "written_out",
]

_MODULES = {
    "grader.model.assignment": ("Limits",),
    "grader.sandbox.batch": ("Batch", "targets"),
    "grader.sandbox.budget": ("WallBudget",),
    "grader.sandbox.code_reading": ("FunctionTokens", "ReadCode"),
    "grader.sandbox.conversion": ("CellText", "Converted"),
    "grader.sandbox.diagnostics": ("survey",),
    "grader.sandbox.errors": ("Fault", "IsolationUnavailable", "ProcessGone"),
    "grader.sandbox.in_process": ("InProcess", "preserved_state"),
    "grader.sandbox.markup": ("RefusedMarkup", "checked_markup", "written_out"),
    "grader.sandbox.package": ("Package",),
    "grader.sandbox.protocol.layout": ("Entry",),
    "grader.sandbox.reference": ("Bounds", "ReferenceSession", "Spent", "Terms"),
    "grader.sandbox.reply": ("Reply", "Spec"),
    "grader.sandbox.sandbox": ("Sandbox",),
    "grader.sandbox.session": ("Session", "Usage"),
    "grader.sandbox.withheld": ("Withheld",),
}
_HOMES = {name: module for module, names in _MODULES.items() for name in names}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
