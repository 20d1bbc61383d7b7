"""All that a result says of what is wrong, one explanation after the other."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from oracle import dotted

#: What a row of the table is called that a sentence about right outputs goes to.
RIGHT_OUTPUTS = "right outputs"
_NAME = r'[\w.\[\]"]+'
_RIGHT = re.compile(
    rf"({_NAME}(?:(?:, | and ){_NAME})*) (?:is right and keeps its|are right and keep their) points"
)


@dataclass(frozen=True)
class Told:
    """One explanation of a failed check: the *mechanism*, its *text*, its *facts*.

    *facts* are those of the explanation; where the check has none, those of its evidence.
    *diagnosis* and *stage* are the check's. ``first`` is what the check's message is made of.
    """

    question: str
    check: str
    mechanism: str
    text: str
    facts: Mapping[str, Any]
    stage: str = ""
    diagnosis: str = ""
    first: bool = True


def told(result: Mapping[str, Any]) -> Iterator[Told]:
    """Yield all that the result of a submission says of its failed checks."""
    for question in result["questions"]:
        for check in question["checks"]:
            if check["status"] != "failed":
                continue
            evidence = check["evidence"]
            rest = (check["stage"] or "", check["diagnosis"] or "")
            found = evidence.get("explanations") or [
                {**evidence, "mechanism": evidence.get("explained_by", "stage")}
            ]
            for i, facts in enumerate(found):
                text = facts.get("text", check["message"])
                yield Told(
                    question["id"], check["id"], facts["mechanism"], text, facts, *rest, not i
                )
            for named in _RIGHT.findall(check["message"]):
                names = [dotted(name) for name in re.split(r", | and ", named.strip())]
                facts = {"outputs": names}
                yield Told(
                    question["id"], check["id"], RIGHT_OUTPUTS, named, facts, *rest, first=False
                )


def misconception(said: Told) -> str:
    """Return the id of the known mistake that an explanation names, if it does."""
    if said.mechanism != "catalogue":
        return ""
    return str(said.facts.get("misconception") or said.diagnosis)
