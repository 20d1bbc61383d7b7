"""What the grader and its fork server say to each other: fixed binary messages over a SOCK_SEQPACKET pair."""

from __future__ import annotations

import struct

#: Mode (an index of :data:`MODES`), level (an index of levels.LEVELS), CPU seconds,
#: bytes of memory, bytes of output.
FORK = struct.Struct("<BBIQQ")

PRELOAD = b"take"

STARTED = struct.Struct("<cI")

ENDED = struct.Struct("<cIidI")

MODES = ("serve", "attack", "kernel")

#: The kinds of namespace that the strongest level has of its own.
SPACES = ("pid", "net", "mnt", "ipc")

#: Where a kernel keeps its files, in its own mount namespace.
WORKSPACE = "/notebook"


#: What a kernel may write into a file, and the memory that its threads reserve beyond a child's.
FILE_BYTES = 64 << 20
