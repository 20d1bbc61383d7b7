"""The cache of the reference's answers, each sealed: the very call opens it, and nothing else does.

A question that builds on a failed one is marked again with the reference answering for what failed.
Nearly all of a right network's calls are the ones that the reference's own network makes, so what
they are answered is known beforehand and travels with a submission. The key to an answer is its
call: all bytes of it (function, arguments) go through SHAKE-256; the first bytes of what comes out
are the tag by which the answer is found, and the answer is XORed with the rest. So a sealed answer
tells what the reference session would tell when asked by the same call, and no more.
"""

from __future__ import annotations

import hashlib
import struct
from typing import Protocol

import numpy as np

_HEAD = struct.Struct("<16sII")
_TAG = 16

_shake, _frombuffer, _xor = hashlib.shake_256, np.frombuffer, np.bitwise_xor


def seal(text: bytes, data: bytes, answer: bytes, arrays: bytes) -> bytes:
    """Return the *answer* and its *arrays* to the call *text* with *data*, sealed."""
    stream = _stream(text, data)
    size = _TAG + len(answer) + len(arrays)
    content = _mixed(stream.digest(size)[_TAG:], answer + arrays)
    return _HEAD.pack(stream.digest(_TAG), len(answer), len(arrays)) + content


class SealedAnswers:
    """The answers that a child was sent: *sealed*, one after the other."""

    def __init__(self, sealed: bytes | memoryview = b"") -> None:
        self._sealed: dict[bytes, tuple[int, memoryview]] = {}
        view, at = memoryview(sealed), 0
        while at < len(view):
            tag, text, data = _HEAD.unpack_from(view, at)
            begin = at + _HEAD.size
            at = begin + text + data
            self._sealed[tag] = text, view[begin:at]

    def open(self, text: bytes, data: bytes) -> tuple[bytes, bytes] | None:
        """Return the answer and its arrays for the call *text* with *data*; ``None`` if unknown."""
        if not self._sealed:
            return None
        stream = _stream(text, data)
        found = self._sealed.get(stream.digest(_TAG))
        if found is None:
            return None
        size, content = found
        answer = _mixed(stream.digest(_TAG + len(content))[_TAG:], content)
        return answer[:size], answer[size:]


class _Stream(Protocol):
    """A hash of any length."""

    def update(self, data: bytes, /) -> None: ...
    def digest(self, length: int, /) -> bytes: ...


def _stream(text: bytes, data: bytes) -> _Stream:
    stream = _shake(b"%d:" % len(text))
    stream.update(text)
    stream.update(data)
    return stream


def _mixed(stream: bytes, content: bytes | memoryview) -> bytes:
    return bytes(_xor(_frombuffer(stream, "u1"), _frombuffer(content, "u1")))
