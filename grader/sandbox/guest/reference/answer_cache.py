"""The reference's answers, sealed: who makes the very call opens one, and nobody else.

A question that builds on a failed one is marked again with the reference answering for what failed.
Nearly all of a right network's calls are the ones that the reference's own network makes, and
what it is answered can be known beforehand. Such answers travel with a submission, each in an
envelope that its call is the key to: all bytes of the call (function, arguments) go through
SHAKE-256, the first bytes of what comes out are the envelope's tag, and the answer is XORed with
the rest. So an envelope tells what the oracle would be asked for by the same call, and no more.
"""

from __future__ import annotations

import hashlib
import json
import struct
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from grader.sandbox.guest.reference.answerer import Answerer
from grader.sandbox.protocol import frames

_HEAD = struct.Struct("<16sII")
_TAG = 16

_shake, _frombuffer, _xor = hashlib.shake_256, np.frombuffer, np.bitwise_xor


class Sealing:
    """In the course's own process: takes calls of some functions, and seals each answer.

    *find* gives the function of a target, *held* the item of its result that stays here.
    """

    def __init__(self, find: Callable[[str], Any], held: Mapping[str, int | None]) -> None:
        self._answerer, self._held = Answerer(find), held
        self._sealed: dict[str, dict[bytes, bytes]] = {target: {} for target in held}

    def ask(self, target: str) -> Callable[[bytes, bytes], tuple[bytes, bytes]]:
        """Return what a proxy of *target* asks."""

        def ask(text: bytes, data: bytes) -> tuple[bytes, bytes]:
            answer = self._answerer.answer(frames.held(text, self._held[target]), data)
            # The same call has the same answer: one envelope is enough.
            self._sealed[target].setdefault(text + data, seal(text, data, *answer))
            return answer

        return ask

    def sealed(self) -> tuple[bytes, bytes]:
        """Return how many bytes of envelopes each target has, as JSON, and all of them."""
        whole = {target: b"".join(found.values()) for target, found in self._sealed.items()}
        sizes = {target: len(envelopes) for target, envelopes in whole.items()}
        return json.dumps(sizes).encode("ascii"), b"".join(whole.values())


def seal(text: bytes, data: bytes, answer: bytes, arrays: bytes) -> bytes:
    """Return the envelope of an *answer* and its *arrays* to the call *text* with *data*."""
    stream = _stream(text, data)
    size = _TAG + len(answer) + len(arrays)
    sealed = _mixed(stream.digest(size)[_TAG:], answer + arrays)
    return _HEAD.pack(stream.digest(_TAG), len(answer), len(arrays)) + sealed


class Envelopes:
    """In the child: *sealed* envelopes, one after the other."""

    def __init__(self, sealed: bytes | memoryview = b"") -> None:
        self._boxes: dict[bytes, tuple[int, memoryview]] = {}
        view, at = memoryview(sealed), 0
        while at < len(view):
            tag, text, data = _HEAD.unpack_from(view, at)
            begin = at + _HEAD.size
            at = begin + text + data
            self._boxes[tag] = text, view[begin:at]

    def open(self, text: bytes, data: bytes) -> tuple[bytes, bytes] | None:
        """Return the answer and its arrays for the call *text* with *data*; ``None``: ask."""
        if not self._boxes:
            return None
        stream = _stream(text, data)
        found = self._boxes.get(stream.digest(_TAG))
        if found is None:
            return None
        size, box = found
        answer = _mixed(stream.digest(_TAG + len(box))[_TAG:], box)
        return answer[:size], answer[size:]


def _stream(text: bytes, data: bytes) -> Any:
    stream = _shake(b"%d:" % len(text))
    stream.update(text)
    stream.update(data)
    return stream


def _mixed(stream: bytes, content: bytes | memoryview) -> bytes:
    return bytes(_xor(_frombuffer(stream, "u1"), _frombuffer(content, "u1")))
