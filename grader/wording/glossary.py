"""Explanations for ``grader explain``: visibilities and judges.

Stages are explained in :mod:`grader.wording.stages`.
"""

from __future__ import annotations

from collections.abc import Mapping

VISIBILITIES: Mapping[str, str] = {
    "published": "Its inputs and outputs are printed in the notebook.",
    "hidden": "Its inputs are in the answer key, the same ones for everyone; a failure is "
    "explained by small public examples.",
    "property": "It explains and carries no points.",
}

#: By the name of a judge. Each kind of check brings its own.
JUDGES: dict[str, str] = {}
