"""The system-call filter: classic BPF, assembled from a table of call numbers."""

from __future__ import annotations

import ctypes
import struct
from collections.abc import Sequence

from grader.sandbox.confinement.libc import PR_SET_SECCOMP, prctl
from grader.sandbox.confinement.syscalls import COMPUTE, KERNEL, LOOK, Machine

_SECCOMP_MODE_FILTER = 2


class SystemCallFilter:
    """A seccomp filter: allows a list of calls, refuses the rest with EPERM.

    Calls of another architecture, and x32's, kill the process. *look* allows what importing
    from disk needs: reading, never writing. *kernel* allows threads, unix sockets and writing.
    """

    def __init__(self, table: Machine, look: bool, kernel: bool = False) -> None:
        self.code = assemble(table, look, kernel)
        self._bytes = ctypes.create_string_buffer(self.code, len(self.code))
        self._fprog = struct.pack("HxxxxxxP", len(self.code) // 8, ctypes.addressof(self._bytes))

    def load(self) -> None:
        """Filter this process's calls for good; raise :class:`OSError` where the kernel can't."""
        prctl(PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.c_char_p(self._fprog))


# BPF: operations, return values, and the offsets of struct seccomp_data.
_LOAD, _EQUAL, _AT_LEAST, _ANY_OF, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06

_KILL, _ALLOW, _REFUSE = 0x80000000, 0x7FFF0000, 0x00050000 | 1

_UNKNOWN, _UNSUPPORTED = 0x00050000 | 38, 0x00050000 | 95  # ENOSYS, EOPNOTSUPP

_NUMBER, _ARCH, _ARGUMENTS = 0, 4, 16

_FCNTL = (0, 1, 2, 3, 1030)  # F_DUPFD, F_GETFD, F_SETFD, F_GETFL, F_DUPFD_CLOEXEC

_IOCTL = (0x5401, 0x5413, 0x5450, 0x5451)  # TCGETS, TIOCGWINSZ, FIONCLEX, FIOCLEX

_SETFL, _NONBLOCK, _AF_UNIX, _CLONE_THREAD = 4, 0x5421, 1, 0x10000

# Access mode, O_CREAT, O_TRUNC, O_APPEND and the bit of O_TMPFILE that isn't O_DIRECTORY's.
_WRITING = 0o3 | 0o100 | 0o1000 | 0o2000 | 0o20000000


def assemble(table: Machine, look: bool, kernel: bool = False) -> bytes:
    """Return the filter's instructions, eight bytes each."""
    code = [_op(_LOAD, _ARCH), _op(_EQUAL, table.audit, 1, 0), _op(_RETURN, _KILL)]
    code.append(_op(_LOAD, _NUMBER))
    if table.foreign is not None:
        code += [_op(_AT_LEAST, table.foreign, 0, 1), _op(_RETURN, _KILL)]
    for name in (*COMPUTE, *(LOOK if look else ()), *(KERNEL if kernel else ())):
        if name in table.numbers:
            code += [_op(_EQUAL, table.numbers[name], 0, 1), _op(_RETURN, _ALLOW)]
    code += _when(table, "fcntl", _one_of(1, (*_FCNTL, *((_SETFL,) if kernel else ()))))
    code += _when(table, "ioctl", _one_of(1, (*_IOCTL, *((_NONBLOCK,) if kernel else ()))))
    # Own limits may be read: pid 0 and no new limit.
    code += _when(table, "prlimit64", _all_zero(0, 2))
    if kernel:
        # ZeroMQ does without other families where there are none, and ends at any other refusal.
        code += _when(table, "socket", _one_of(0, (_AF_UNIX,), _UNSUPPORTED))
        code += _when(table, "socketpair", _one_of(0, (_AF_UNIX,)))
        # A thread of ZeroMQ's sets the policy that it has: the usual one, 0.
        code += _when(table, "sched_setscheduler", _one_of(1, (0,)))
        # Threads, no processes. The flags of clone3 can't be seen: C libraries then use clone.
        code += _when(table, "clone", _having(0, _CLONE_THREAD))
        code += _when(table, "clone3", [_op(_RETURN, _UNKNOWN)])
    elif look:
        code += _when(table, "openat", _without(2, _WRITING))
        code += _when(table, "open", _without(1, _WRITING))
    code.append(_op(_RETURN, _REFUSE))
    return b"".join(code)


def _op(operation: int, value: int, then: int = 0, otherwise: int = 0) -> bytes:
    return struct.pack("HBBI", operation, then, otherwise, value)


def _when(table: Machine, name: str, block: list[bytes]) -> list[bytes]:
    """Return *block*, which ends in a return, taken for the call *name* only."""
    if name not in table.numbers:
        return []
    return [_op(_EQUAL, table.numbers[name], 0, len(block)), *block]


def _one_of(argument: int, values: Sequence[int], otherwise: int = _REFUSE) -> list[bytes]:
    block = [_op(_LOAD, _ARGUMENTS + 8 * argument)]
    for value in values:
        block += [_op(_EQUAL, value, 0, 1), _op(_RETURN, _ALLOW)]
    return [*block, _op(_RETURN, otherwise)]


def _all_zero(*arguments: int) -> list[bytes]:
    block = []
    for argument in arguments:
        for half in (0, 4):
            block += [_op(_LOAD, _ARGUMENTS + 8 * argument + half), _op(_EQUAL, 0, 1, 0)]
            block.append(_op(_RETURN, _REFUSE))
    return [*block, _op(_RETURN, _ALLOW)]


def _without(argument: int, bits: int) -> list[bytes]:
    load = _op(_LOAD, _ARGUMENTS + 8 * argument)
    return [load, _op(_ANY_OF, bits, 0, 1), _op(_RETURN, _REFUSE), _op(_RETURN, _ALLOW)]


def _having(argument: int, bit: int) -> list[bytes]:
    load = _op(_LOAD, _ARGUMENTS + 8 * argument)
    return [load, _op(_ANY_OF, bit, 0, 1), _op(_RETURN, _ALLOW), _op(_RETURN, _REFUSE)]
