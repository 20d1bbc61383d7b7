"""Replies that passed before: the same bytes pass again without being judged.

The equivalence that this rests on: a verdict is a function of the check, whose examples and right
answers are fixed in a class, and of the reply's bytes, its JSON text and its arrays. A reply is
known only where all of its bytes equal those of a reply that :func:`grader.kinds.judge` passed on
every example; every other reply is judged in full. Nothing of a reply is read here:
:class:`~grader.sandbox.Reply` is its only reader. So no mark depends on the cache, as
``test_a_cached_mark_is_what_judging_everything_gives`` in ``tests/marking/test_verdict_cache.py``
shows.
"""

from __future__ import annotations

import hashlib

from grader.model.checks import Check
from grader.sandbox import Reply

#: How many replies are remembered in all: the last ones that passed.
REPLIES = 20_000
#: Up to this many bytes a reply itself is kept as well, one for each check.
LATEST = 1 << 20

Notes = frozenset[str]


class VerdictCache:
    """Remembers, over a class, which replies passed which checks, and their notes."""

    def __init__(self) -> None:
        self._passed: dict[tuple[str, bytes], Notes] = {}
        #: The last that was found among them: most replies of a class are that one, and comparing
        #: is quicker than a digest.
        self._latest: dict[str, tuple[Reply, Notes]] = {}

    def lookup(self, check: Check, reply: Reply) -> Notes | None:
        """Return the notes of a reply that is known to pass *check*; ``None``: judge it."""
        if check.id in self._latest:
            latest, notes = self._latest[check.id]
            # Two views are compared element by element, what they are of at once.
            if latest.text == reply.text and latest.data.obj == reply.data.obj:
                return notes
        found = self._passed.get((check.id, _digest(reply)))
        if found is not None and len(reply.data) <= LATEST:
            self._latest[check.id] = reply, found
        return found

    def store(self, check: Check, reply: Reply, notes: Notes) -> None:
        """Remember a reply that passed *check* on every example; *notes* are those of all."""
        self._passed[check.id, _digest(reply)] = notes
        if len(self._passed) > REPLIES:
            del self._passed[next(iter(self._passed))]


def _digest(reply: Reply) -> bytes:
    digest = hashlib.sha256()  # what processors have an instruction for
    for part in (reply.text, reply.data):
        digest.update(len(part).to_bytes(8, "little"))
        digest.update(part)
    return digest.digest()
