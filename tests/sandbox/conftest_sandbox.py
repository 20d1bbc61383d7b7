"""Submissions and runs for the tests of the sandbox."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from grader.model.programs import Program, Run
from grader.sandbox import Limits, Package

LIMITS = Limits(question_cpu_seconds=0.5, memory_mb=256, output_kb=16)


def package(files: Mapping[str, str | bytes], **kwargs: Any) -> Package:
    texts = {k: v.encode() if isinstance(v, str) else v for k, v in files.items()}
    given = {k: v.encode() for k, v in kwargs.pop("given", {}).items()}
    names = kwargs.pop("given_names", {})
    return Package(kwargs.pop("name", "cs682"), texts, given, names, **kwargs)


def call(target: str, *values: Any, id: str = "run", kwargs: Any = None) -> Run:
    """Return a run that calls *target* with the *values* and gives back what it returns."""
    inputs = {f"a{i}": value for i, value in enumerate(values)}
    step = ["call", "f", target, [{"$": name} for name in inputs], kwargs or {}]
    return Run(id, Program((step,), {"out": {"@": "f"}}), [inputs])
