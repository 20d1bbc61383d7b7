"""Runs a submission's code in a process of its own, confined, and brings back plain arrays."""

from grader.model.assignment import Limits
from grader.sandbox.batch import Batch, targets
from grader.sandbox.faults import Fault, Refused
from grader.sandbox.here import Here, untouched
from grader.sandbox.oracle import Bounds, Oracle
from grader.sandbox.package import Package
from grader.sandbox.reply import Reply
from grader.sandbox.sandbox import Sandbox
from grader.sandbox.session import Session, Usage
from grader.sandbox.survey import mechanisms

__all__ = [
    "Batch",
    "Bounds",
    "Fault",
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
