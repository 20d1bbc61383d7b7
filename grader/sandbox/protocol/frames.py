"""Frames: the one form in which bytes cross between the grader and a student's process.

A frame is three little-endian u32 (kind, length of text, length of data), a JSON text and raw
bytes. Both lengths are checked against bounds before anything is allocated. Nothing is
pickled, in either direction.

The upper three bytes of a kind are the ticket of what it answers: the grader draws one for each
message that asks, so that what a submission wrote of its own accord, then or earlier, is told from
an answer.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import NamedTuple

HEAD = struct.Struct("<III")

#: Grader to child: the submission's text; runs to answer; facts for the trial attacks; a call that
#: the reference is to take; what such a call gave; the ticket of what is asked next; one of the
#: runs to answer; the name of one that the fork server has preloaded; a file of the course to
#: preload; the request for the sealed answers of a process that prefills the answer cache.
PACKAGE, ASK, ATTACK, CALL, GAVE, TICKET, RUN, PRELOADED_RUN, COURSE, SEALED = range(1, 11)
#: Grader to child: texts of a notebook's cells to convert. Child to grader: one of them as HTML.
CONVERT, CONVERTED = 17, 18
#: Grader to child: texts of code to take apart. Child to grader: the tokens of one of them.
TOKENIZE, TOKENS = 19, 20
#: Child to grader: confined and listening; a module's import begins, ends; a run's outcomes; a
#: call that the reference is to take; what the reference gave.
READY, IMPORTING, IMPORTED, OUTCOMES, CALLING, ANSWERED = 11, 12, 13, 14, 15, 16

#: Bounds of what a child may send in one frame, in bytes.
MAX_TEXT = 1 << 22
MAX_DATA = 1 << 26

_CHUNK = 1 << 16
_KINDS = frozenset((READY, IMPORTING, IMPORTED, OUTCOMES, CALLING, ANSWERED, CONVERTED, TOKENS))


class Garbled(ValueError):
    """A child sent bytes that are no frame, or more than it may; the message says which."""


class Frame(NamedTuple):
    kind: int
    text: bytes
    data: bytes
    ticket: int = 0


def frame(kind: int, text: bytes, data: bytes = b"", ticket: int = 0) -> bytes:
    """Return the bytes of one frame."""
    return b"".join((HEAD.pack(kind | ticket << 8, len(text), len(data)), text, data))


def with_handle(call: bytes, item: int | None) -> bytes:
    """Return the text that has the reference take *call*, and give a handle for an *item* of it."""
    return b'{"handle":%s,"call":%s}' % (b"null" if item is None else b"%d" % item, call)


def each(message: bytes) -> Iterator[tuple[int, bytes, memoryview]]:
    """Give the kind, text and data of each frame of *message*, which the grader itself made."""
    view, at = memoryview(message), 0
    while at < len(view):
        kind, text, data = HEAD.unpack_from(view, at)
        begin = at + HEAD.size
        at = begin + text + data
        yield kind, bytes(view[begin : begin + text]), view[begin + text : at]


class Decoder:
    """Takes a child's bytes as they come and gives frames; never allocates beyond the bounds.

    Read into :meth:`space`, tell how much came by :meth:`took`, then take frames by
    :meth:`next` until it gives ``None``.
    """

    def __init__(self) -> None:
        self._buffer = bytearray(_CHUNK)
        self._start = 0
        self._end = 0

    def space(self) -> memoryview:
        """Return a writable view, never empty, for the next bytes."""
        if self._end == len(self._buffer):
            self._make_room(self._end - self._start + _CHUNK)
        return memoryview(self._buffer)[self._end :]

    def took(self, count: int) -> None:
        self._end += count

    def feed(self, chunk: bytes) -> None:
        """Take bytes that were read elsewhere."""
        while chunk:
            view = self.space()
            part = chunk[: len(view)]
            view[: len(part)] = part
            self.took(len(part))
            chunk = chunk[len(part) :]

    def next(self) -> Frame | None:
        """Return the next whole frame, or ``None`` until more has come.

        Raises :class:`Garbled` as soon as a header breaks a bound.
        """
        have = self._end - self._start
        if have < HEAD.size:
            return None
        word, text, data = HEAD.unpack_from(self._buffer, self._start)
        kind, ticket = word & 0xFF, word >> 8
        if kind not in _KINDS:
            raise Garbled("sent something that is no answer")
        if text > MAX_TEXT or data > MAX_DATA:
            raise Garbled("sent more than is allowed")
        size = HEAD.size + text + data
        if have < size:
            if self._start + size > len(self._buffer):
                self._make_room(size)
            return None
        body = memoryview(self._buffer)[self._start + HEAD.size : self._start + size]
        found = Frame(kind, bytes(body[:text]), bytes(body[text:]), ticket)
        body.release()
        self._start += size
        if self._start == self._end:
            self._start = self._end = 0
            if len(self._buffer) > 16 * _CHUNK:
                self._buffer = bytearray(_CHUNK)
        return found

    def _make_room(self, size: int) -> None:
        kept = self._buffer[self._start : self._end]
        self._buffer = bytearray(max(size, len(kept) + _CHUNK))
        self._buffer[: len(kept)] = kept
        self._start, self._end = 0, len(kept)
