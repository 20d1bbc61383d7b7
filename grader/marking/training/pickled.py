"""Tells a pickle, which stays shut, from other files that numpy can't read."""

from __future__ import annotations

#: How files begin in which numpy meets a pickle: an array's own, and an archive of them.
_ARRAYS = (b"\x93NUMPY", b"PK\x03\x04")
#: How a pickle of protocol 2 or later begins, and how each ends.
_BEGINS, _ENDS = b"\x80", b"."


def is_pickled(file: bytes, said: str) -> bool:
    """Say whether a *file* is a pickle, or an array's that holds one; nothing is unpickled.

    *said* is numpy's own error: of a file that it doesn't know it says in all its versions that it
    would have to unpickle it, whatever is in it.
    """
    if "allow_pickle" not in said:
        return False
    return file.startswith(_ARRAYS) or (file.startswith(_BEGINS) and file.endswith(_ENDS))
