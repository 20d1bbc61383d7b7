"""The reference's answers, sealed: who makes the very call opens one, and nobody else.

A question that builds on a failed one is marked again with the reference answering for what failed.
Nearly all of a right network's calls are the ones that the reference's own network makes, and
what it is answered can be known beforehand. Such answers travel with a submission, each in an
envelope that its call is the key to: all bytes of the call (function, arguments) go through
SHAKE-256, the first bytes of what comes out are the envelope's tag, and the answer is XORed with
the rest. So an envelope tells what the reference_session would be asked for by the same call, and no more.
"""

from __future__ import annotations

import hashlib
import struct
from typing import Any

import numpy as np

_HEAD = struct.Struct("<16sII")
_TAG = 16

_shake, _frombuffer, _xor = hashlib.shake_256, np.frombuffer, np.bitwise_xor


def seal(text: bytes, data: bytes, answer: bytes, arrays: bytes) -> bytes:
    """Return the envelope of an *answer* and its *arrays* to the call *text* with *data*."""
    stream = _stream(text, data)
    size = _TAG + len(answer) + len(arrays)
    sealed = _mixed(stream.digest(size)[_TAG:], answer + arrays)
    return _HEAD.pack(stream.digest(_TAG), len(answer), len(arrays)) + sealed


class SealedAnswers:
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
