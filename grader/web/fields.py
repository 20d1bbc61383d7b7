"""The fields of a form, as texts, numbers and choices; what can't be one is refused by its name."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import ParamSpec, TypeVar

from starlette.requests import Request

from grader.model.problem import Problem
from grader.reports.environment import clean
from grader.web import refusals
from grader.web.refusals import Refusal

#: Characters of a text that a person writes.
MAX_TEXT = 4_000
Choice = TypeVar("Choice", bound=str)
P = ParamSpec("P")
T = TypeVar("T")


def text(request: Request, name: str) -> str:
    """Return the text of a field, without spaces around it; "" where it isn't there."""
    found = str(request.state.form.get(name, "")).strip().replace("\r\n", "\n")
    if len(found) > MAX_TEXT:
        raise _refused(name, f"{found[:20]}…", f"at most {MAX_TEXT} characters")
    return clean(found)


def number(request: Request, name: str, default: float | None = None) -> float:
    """Return the number in a field; *default* where it is empty, unless that is ``None``."""
    found = text(request, name)
    if not found and default is not None:
        return default
    try:
        value = float(found.replace(",", "."))
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise _refused(name, found, "give a number")
    return value


def choice(request: Request, name: str, choices: Sequence[Choice]) -> Choice:
    """Return which of *choices* a field holds."""
    found = text(request, name)
    for one in choices:
        if one == found:
            return one
    raise _refused(name, found, f"choose one of {', '.join(choices)}")


def tried(do: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
    """Do what a form asks for. What can't be done is refused with its sentence."""
    try:
        return do(*arguments, **named)
    except Problem as problem:
        raise Refusal(400, str(problem)) from None


def _refused(name: str, value: str, way: str) -> Refusal:
    return Refusal(400, refusals.FIELD.format(name=name, value=value, way=way))
