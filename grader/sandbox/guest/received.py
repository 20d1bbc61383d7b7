"""In the child: a package as it came from the grader, decoded.

The other end of :func:`grader.sandbox.package.encode`, whose fields are explained there.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from grader.model.literals import LossStage
from grader.sandbox.protocol.layout import Entry

_decode = json.JSONDecoder().decode


@dataclass(frozen=True)
class ReceivedPackage:
    """The fields of a :class:`~grader.sandbox.package.Package`.

    ``broken`` maps modules that an earlier process was lost in, while it imported them, to the
    stage of that loss.
    """

    name: str
    aliases: Sequence[str]
    files: Mapping[str, bytes]
    given: Mapping[str, bytes]
    given_names: Mapping[str, Sequence[str]]
    broken: Mapping[str, LossStage]
    absent: Mapping[str, str]
    replaced: Mapping[str, Sequence[str]]
    sealed: bytes
    prefilled: Mapping[str, int | None]
    notebook: bool
    kernel_cells: Sequence[Entry]


def decode(text: bytes, data: bytes) -> ReceivedPackage:
    """Return the package of a PACKAGE frame's *text* and *data*, which the grader itself made."""
    head = _decode(text.decode("ascii"))
    texts: dict[str, dict[str, bytes]] = {"files": {}, "given": {}}
    at = 0
    for part, found in texts.items():
        for path, size in head[part]:
            found[path] = data[at : at + size]
            at += size
    files, given = texts["files"], texts["given"]
    return ReceivedPackage(
        name=head["name"],
        aliases=head["aliases"],
        files=files,
        given=given | {path: files[path] for path in head["same"]},
        given_names=head["given_names"],
        broken=head["broken"],
        absent=head["absent"],
        replaced=head["replaced"],
        sealed=data[at : at + head["sealed"]],
        prefilled=head["prefilled"],
        notebook=head["notebook"],
        kernel_cells=[Entry(*entry) for entry in head["kernel_cells"]],
    )
