"""How the process that searches and the one that checks speak: frames over two pipes.

A frame is three little-endian u32 (kind, length of text, length of data), a JSON text and raw
bytes. Lengths are checked before anything is read.
"""

from __future__ import annotations

import struct
from typing import IO, NamedTuple

#: From the search: a run to ask, a check's result, the end, why it can't go on. To it: an answer.
ASK, RESULT, DONE, FAILED, ANSWER = range(1, 6)
MAX_TEXT, MAX_DATA = 1 << 22, 1 << 26

_HEAD = struct.Struct("<III")


class CheckFrame(NamedTuple):
    kind: int
    text: bytes
    data: bytes


def send(pipe: IO[bytes], kind: int, text: bytes, data: bytes = b"") -> None:
    """Write a frame."""
    pipe.write(b"".join((_HEAD.pack(kind, len(text), len(data)), text, data)))
    pipe.flush()


def receive(pipe: IO[bytes]) -> CheckFrame:
    """Read a frame. Raises :class:`EOFError` at the end of the pipe, and for what is no frame."""
    kind, text, data = _HEAD.unpack(_exactly(pipe, _HEAD.size))
    if text > MAX_TEXT or data > MAX_DATA:
        raise EOFError("a frame is too long")
    return CheckFrame(kind, _exactly(pipe, text), _exactly(pipe, data))


def _exactly(pipe: IO[bytes], count: int) -> bytes:
    found = pipe.read(count)
    if len(found) < count:
        raise EOFError("the pipe has ended")
    return found
