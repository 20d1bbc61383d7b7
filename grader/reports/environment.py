"""Pages that hold all they need: one inline stylesheet, nothing loaded.

No page of a student's has a script; the class's has one, which its policy names by its hash.
"""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from grader.sandbox import written_out

if TYPE_CHECKING:  # a command that prints no page should not wait for Jinja
    from jinja2 import Environment


def clean(text: str) -> str:
    r"""Return *text* with what can't be seen written out, as ``\x1b``."""
    return written_out(text)


def render(template: str, **values: object) -> str:
    """Return the page that *template* makes of *values*; every text in them is escaped."""
    return _environment().get_template(template).render(**values)


def warm(*templates: str) -> None:
    """Load Jinja and compile *templates* ahead of time."""
    for template in templates:
        _environment().get_template(template)


@cache
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined
    from markupsafe import Markup

    environment = Environment(
        loader=PackageLoader("grader.reports"),
        autoescape=True,
        finalize=lambda value: clean(value) if type(value) is str else value,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    style, script = (_asset(name) for name in ("style.css", "table.js"))
    environment.globals |= {
        "style": Markup(style),
        "script": Markup(script),
        "policy": f"default-src 'none'; style-src {_named(style)}; img-src data:; "
        "base-uri 'none'; form-action 'none'",
        "script_policy": f"; script-src {_named(script)}",
    }
    return environment


def _asset(name: str) -> str:
    return (files("grader.reports") / "templates" / name).read_text(encoding="utf-8")


def _named(text: str) -> str:
    """Return what a policy calls an inline *text*."""
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode("ascii")
    return f"'sha256-{digest}'"
