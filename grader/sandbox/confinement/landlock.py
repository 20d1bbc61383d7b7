"""Landlock: a set of rules that lets a process read some folders and nothing else."""

from __future__ import annotations

import ctypes
import fcntl
import os
import struct
from collections.abc import Sequence

from grader.sandbox.confinement.libc import LIBC, call
from grader.sandbox.confinement.syscalls import Machine, machine

_LANDLOCK_CREATE_RULESET_VERSION, _LANDLOCK_RULE_PATH_BENEATH = 1, 1

_READ_FILE, _READ_DIR = 1 << 2, 1 << 3

# Files, folders and sockets: write, read, list, remove, make; truncate from ABI 3 on.
_OWN = 1 << 1 | _READ_FILE | _READ_DIR | 1 << 4 | 1 << 5 | 1 << 7 | 1 << 8 | 1 << 9

_TRUNCATE = 1 << 14

_O_PATH = getattr(os, "O_PATH", 0)


def version() -> int:
    """Return the kernel's Landlock ABI; 0 where there is none."""
    table = machine()
    if table is None or os.name != "posix":
        return 0
    number = table.numbers["landlock_create_ruleset"]
    return max(0, int(LIBC.syscall(number, None, 0, _LANDLOCK_CREATE_RULESET_VERSION)))


def ruleset(table: Machine | None, abi: int, readable: Sequence[str], workspace: str) -> int | None:
    """Return the descriptor of a ruleset that allows reading beneath *readable* and nothing else.

    Beneath *workspace*, if there is one, files and sockets may be made. *abi* is the kernel's
    :func:`version`; ``None`` where that has no Landlock. Raises :class:`OSError`.
    """
    if table is None or abi < 1:
        return None
    rights = (1 << 13) - 1  # ABI 1: execute, write, read, directories, remove, make
    rights |= 1 << 13 if abi >= 2 else 0  # refer
    rights |= 1 << 14 if abi >= 3 else 0  # truncate
    rights |= 1 << 15 if abi >= 5 else 0  # ioctl on devices
    network = 0b11 if abi >= 4 else 0  # TCP bind and connect
    scoped = 0b11 if abi >= 6 else 0  # abstract unix sockets, signals
    attributes = struct.pack("QQQ", rights, network, scoped)
    size = 8 if abi < 4 else 16 if abi < 6 else 24
    create, add = (table.numbers[n] for n in ("landlock_create_ruleset", "landlock_add_rule"))
    rules = call("syscall", create, ctypes.c_char_p(attributes), ctypes.c_size_t(size), 0)
    own = _OWN | (_TRUNCATE if abi >= 3 else 0)
    for path in (*readable, *((workspace,) if workspace else ())):
        try:
            place = os.open(path, _O_PATH | os.O_CLOEXEC)
        except OSError:
            continue
        allowed = own if path == workspace else _READ_FILE | _READ_DIR
        rule = ctypes.c_char_p(struct.pack("=Qi", allowed, place))
        call("syscall", add, rules, _LANDLOCK_RULE_PATH_BENEATH, rule, 0)
        os.close(place)
    # Out of the way of the descriptors that a child is given.
    high = fcntl.fcntl(rules, fcntl.F_DUPFD_CLOEXEC, 16)
    os.close(rules)
    return high
