"""Pages that hold all they need: one inline stylesheet, no script, nothing loaded."""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # a command that prints no page should not wait for Jinja
    from jinja2 import Environment

#: Control characters and marks that change the direction of text: they could make code look like
#: something else, or break the page.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)


def clean(text: str) -> str:
    r"""Return *text* with what can't be seen written out, as ``\x1b``."""
    return _UNSEEN.sub(lambda found: found[0].encode("unicode_escape").decode("ascii"), text)


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
    style = (files("grader.reports") / "templates" / "style.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode("ascii")
    environment.globals |= {
        "style": Markup(style),
        "policy": f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; "
        "base-uri 'none'; form-action 'none'",
    }
    return environment
