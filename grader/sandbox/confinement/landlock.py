"""Landlock: a set of rules that lets a process read some folders and nothing else."""

from __future__ import annotations

import ctypes
import fcntl
import os
import struct
from collections.abc import Sequence

from grader.sandbox.confinement.libc import _call, _libc
from grader.sandbox.confinement.syscalls import Machine, machine

_LANDLOCK_CREATE_RULESET_VERSION, _LANDLOCK_RULE_PATH_BENEATH = 1, 1

_READ_FILE, _READ_DIR = 1 << 2, 1 << 3

# Files, folders and sockets: write, read, list, remove, make; truncate from ABI 3 on.
_OWN = 1 << 1 | _READ_FILE | _READ_DIR | 1 << 4 | 1 << 5 | 1 << 7 | 1 << 8 | 1 << 9

_TRUNCATE = 1 << 14

_O_PATH = getattr(os, "O_PATH", 0)


def landlock_version() -> int:
    """Return the kernel's Landlock ABI; 0 where there is none."""
    table = machine()
    if table is None or os.name != "posix":
        return 0
    number = table.numbers["landlock_create_ruleset"]
    return max(0, int(_libc.syscall(number, None, 0, _LANDLOCK_CREATE_RULESET_VERSION)))


def _ruleset(
    table: Machine | None, version: int, readable: Sequence[str], workspace: str
) -> int | None:
    """Return a Landlock ruleset that allows reading beneath *readable* and nothing else.

    Beneath *workspace*, if there is one, files and sockets may be made.
    """
    if table is None or version < 1:
        return None
    rights = (1 << 13) - 1  # ABI 1: execute, write, read, directories, remove, make
    rights |= 1 << 13 if version >= 2 else 0  # refer
    rights |= 1 << 14 if version >= 3 else 0  # truncate
    rights |= 1 << 15 if version >= 5 else 0  # ioctl on devices
    network = 0b11 if version >= 4 else 0  # TCP bind and connect
    scoped = 0b11 if version >= 6 else 0  # abstract unix sockets, signals
    attributes = struct.pack("QQQ", rights, network, scoped)
    size = 8 if version < 4 else 16 if version < 6 else 24
    create, add = (table.numbers[n] for n in ("landlock_create_ruleset", "landlock_add_rule"))
    ruleset = _call("syscall", create, ctypes.c_char_p(attributes), ctypes.c_size_t(size), 0)
    own = _OWN | (_TRUNCATE if version >= 3 else 0)
    for path in (*readable, *((workspace,) if workspace else ())):
        try:
            place = os.open(path, _O_PATH | os.O_CLOEXEC)
        except OSError:
            continue
        allowed = own if path == workspace else _READ_FILE | _READ_DIR
        rule = ctypes.c_char_p(struct.pack("=Qi", allowed, place))
        _call("syscall", add, ruleset, _LANDLOCK_RULE_PATH_BENEATH, rule, 0)
        os.close(place)
    # Out of the way of the descriptors that a child is given.
    high = fcntl.fcntl(ruleset, fcntl.F_DUPFD_CLOEXEC, 64)
    os.close(ruleset)
    return high
