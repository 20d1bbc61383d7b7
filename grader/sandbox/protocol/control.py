"""What the grader and its fork server say to each other, over a SOCK_SEQPACKET pair.

The messages are explained in :mod:`grader.sandbox.zygote.zygote`.
"""

from __future__ import annotations

import struct

#: Mode (an index of :data:`MODES`), level (an index of levels.LEVELS), CPU seconds,
#: bytes of memory, bytes of output.
FORK = struct.Struct("<BBIQQ")

#: A request to preload the file of frames whose descriptor comes with it.
PRELOAD = b"preload"

#: ``S`` and the pid of a child that started.
STARTED = struct.Struct("<cI")

#: ``X``, the pid of a child that ended, its wait status, CPU seconds and most kilobytes.
ENDED = struct.Struct("<cIidI")

#: What a child does: serve a submission, try the attacks, be a Jupyter kernel.
MODES = ("serve", "attack", "kernel")

#: The kinds of namespace that the strongest level has of its own.
SPACES = ("pid", "net", "mnt", "ipc")

#: Where a kernel keeps its files, in its own mount namespace.
WORKSPACE = "/notebook"

#: What a kernel may write into a file, in bytes.
FILE_BYTES = 64 << 20
