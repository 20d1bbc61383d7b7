"""A rehearsal: what the reference answers to the calls of the course's own package.

Where a layer failed, the networks on it are asked again with the reference answering for it: some
600 calls, each through three processes. A right network makes the calls that the reference's own
makes, so these are made once in a class, and handed on in envelopes
(:mod:`grader.sandbox.guest.reference.answer_cache`). They come of the reference and the key's inputs alone, never of a
student's call, so that no submission's answers depend on another's.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from grader.marking.isolation import by_module
from grader.model.checks import Part
from grader.sandbox import Batch, Fault, Package, Sandbox


def rehearse(
    sandbox: Sandbox, reference: Package, parts: Collection[Part], batches: Sequence[Batch]
) -> Mapping[str, bytes]:
    """Return, by function, envelopes of what the reference's *parts* answer in *batches*.

    None where its process can't be started: what isn't known beforehand is asked.
    """
    held = {part.target: part.held for part in parts}
    package = replace(reference, answered=by_module(held), rehearsed=held)
    try:
        with sandbox.start(package) as session:
            for batch in batches:
                session.ask(batch)
            return session.envelopes()
    except Fault:
        return {}
