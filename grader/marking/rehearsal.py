"""A rehearsal: what the oracle answers to the calls of the course's own package.

Where a layer failed, the networks on it are asked again with the reference answering for it: some
600 calls, each through three processes. A right network makes the calls that the reference's own
makes, so these are asked once in a class and handed on in envelopes
(:mod:`grader.sandbox.envelopes`). They come of the reference and the key's inputs alone, never of a
student's call, so that no submission's answers depend on another's.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace

from grader.marking.isolation import by_module
from grader.model.checks import Part
from grader.sandbox import Fault, Package, Sandbox, Session, seal
from grader.sandbox.wire import Frame


class Rehearsal:
    """Envelopes for *parts*, made when they are wanted for the second time.

    One submission alone costs less without. *ask* asks a session what is built on the parts.
    """

    def __init__(
        self,
        sandbox: Sandbox,
        reference: Package,
        parts: Collection[Part],
        ask: Callable[[Session], None],
    ) -> None:
        self._sandbox, self._reference, self._ask = sandbox, reference, ask
        self._parts = sorted(set(parts), key=lambda part: part.target)
        self._wanted = 0
        self._sealed: Mapping[str, dict[bytes, bytes]] | None = None

    def sealed(self, targets: Collection[str]) -> bytes:
        """Return the envelopes of the functions *targets*, one after the other."""
        self._wanted += 1
        if self._wanted < 2:
            return b""
        if self._sealed is None:
            self._sealed = self._held()
        return b"".join(
            envelope for target in targets for envelope in self._sealed.get(target, {}).values()
        )

    def _held(self) -> Mapping[str, dict[bytes, bytes]]:
        """Have the reference ask the reference, and seal what it hears."""
        found: dict[str, dict[bytes, bytes]] = {part.target: {} for part in self._parts}

        def hear(asked: Frame, answer: Frame) -> None:
            envelope = seal(asked.text, asked.data, answer.text, answer.data)
            # The same call has the same answer: one envelope is enough.
            found[json.loads(asked.text)["target"]].setdefault(asked.text + asked.data, envelope)

        try:
            with self._sandbox.oracle(self._reference, self._parts, heard=hear) as oracle:
                package = replace(self._reference, answered=by_module(oracle.targets))
                with self._sandbox.start(package, oracle) as session:
                    self._ask(session)
        except Fault:
            pass  # what isn't known beforehand is asked
        return found
