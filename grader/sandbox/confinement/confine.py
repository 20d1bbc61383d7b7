"""How a child gives up every power but computing, by ctypes and raw BPF.

No library does Landlock and seccomp both from Python in a forked child, so the calls are made
here. What can be prepared once is: the zygote builds the Landlock ruleset and the filter, and
each child applies them, in this order: limits, user, ``no_new_privs``, not dumpable, death with
its parent, Landlock, descriptors, capabilities, seccomp. Every step raises when it fails, and
the child then ends without having read a byte: confinement fails closed.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import resource
import signal
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from grader.sandbox.confinement.confine.syscalls import COMPUTE, KERNEL, LOOK, Machine, machine
from grader.sandbox.protocol.levels import CONFINED

_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS = 1, 4, 22, 38
_SECCOMP_MODE_FILTER = 2
_LANDLOCK_CREATE_RULESET_VERSION, _LANDLOCK_RULE_PATH_BENEATH = 1, 1
_READ_FILE, _READ_DIR = 1 << 2, 1 << 3
# Files, folders and sockets: write, read, list, remove, make; truncate from ABI 3 on.
_OWN = 1 << 1 | _READ_FILE | _READ_DIR | 1 << 4 | 1 << 5 | 1 << 7 | 1 << 8 | 1 << 9
_TRUNCATE = 1 << 14
_O_PATH = getattr(os, "O_PATH", 0)

#: What a kernel may write into a file, and the memory that its threads reserve beyond a child's.
FILE_BYTES = 64 << 20
_THREADS_BYTES = 256 << 20
#: All threads of one user, who may be that of several kernels.
_THREADS = 512

_libc: Any = ctypes.CDLL(None, use_errno=True)


def _call(name: str, *arguments: Any) -> int:
    result = int(getattr(_libc, name)(*arguments))
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}{arguments[:2]}: {os.strerror(number)}")
    return result


def _prctl(option: int, value: Any, third: Any = 0) -> None:
    _call("prctl", option, ctypes.c_ulong(value), third, 0, 0)


def hide() -> None:
    """Make this process not dumpable: its memory can't be read by others of the same user."""
    _prctl(_PR_SET_DUMPABLE, 0)


def landlock_version() -> int:
    """Return the kernel's Landlock ABI; 0 where there is none."""
    table = machine()
    if table is None or os.name != "posix":
        return 0
    number = table.numbers["landlock_create_ruleset"]
    return max(0, int(_libc.syscall(number, None, 0, _LANDLOCK_CREATE_RULESET_VERSION)))


class Confinement:
    """What a child applies; ``facts`` say what the kernel has.

    *readable* are the folders that Landlock lets a child read, *user* whom it becomes (``None``:
    it stays who it is). With *workspace*, a folder that it may also write into, the child is to be
    a Jupyter kernel, which has threads and unix sockets.
    """

    def __init__(self, readable: Sequence[str], user: int | None, workspace: str = "") -> None:
        self._machine = machine()
        self._user = user
        self._workspace = workspace
        self._parent = os.getpid()
        self._size = _address_space()
        self._version = landlock_version()
        self._ruleset = _ruleset(self._machine, self._version, readable, workspace)
        self._programs: dict[bool, Program] = {}
        if self._machine is not None:
            self._programs = {
                look: Program(self._machine, look, bool(workspace)) for look in (False, True)
            }
        self.facts = {"landlock": self._version, "machine": self._machine is not None}

    def apply(
        self,
        level: str,
        cpu: int,
        memory: int,
        output: int,
        *,
        parent: int = 0,
        descriptors: int = 5,
    ) -> None:
        """Confine this process for good. *memory* is in bytes beyond the zygote's own.

        It dies with its *parent* (the zygote, unless another is named), and keeps the first
        *descriptors*. Raises :class:`OSError` where the kernel hasn't got what the level needs.
        """
        os.chdir(self._workspace or "/")
        os.umask(0o077)
        self._limit(cpu, memory, output)
        filtered = level in CONFINED
        if filtered:
            if self._user is not None:
                os.setgroups([])
                os.setresgid(self._user, self._user, self._user)
                os.setresuid(self._user, self._user, self._user)
            _prctl(_PR_SET_NO_NEW_PRIVS, 1)
            _prctl(_PR_SET_DUMPABLE, 0)
        # After the user has changed, since that clears it.
        _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != (parent or self._parent):
            os._exit(0)
        if filtered and level != "seccomp-strict":
            if self._machine is None or self._ruleset is None:
                raise OSError("the kernel has no Landlock")
            number = self._machine.numbers["landlock_restrict_self"]
            _call("syscall", number, self._ruleset, 0)
        os.closerange(descriptors, 1 << 20)
        if filtered:
            _drop_capabilities()
            if not self._programs:
                raise OSError("there is no table of system calls for this machine")
            self._programs[level != "seccomp-strict"].load()

    def _limit(self, cpu: int, memory: int, output: int) -> None:
        files, descriptors, more = output, 64, []
        if self._workspace:
            memory, files, descriptors = memory + _THREADS_BYTES, FILE_BYTES, 256
            more = [(resource.RLIMIT_NPROC, _THREADS, _THREADS)]
        for name, soft, hard in (
            (resource.RLIMIT_AS, self._size + memory, self._size + memory),
            (resource.RLIMIT_CPU, cpu, cpu + 1),
            (resource.RLIMIT_FSIZE, files, files),
            (resource.RLIMIT_NOFILE, descriptors, descriptors),
            (resource.RLIMIT_CORE, 0, 0),
            (resource.RLIMIT_MEMLOCK, 0, 0),
            *more,
        ):
            _, most = resource.getrlimit(name)
            if most != resource.RLIM_INFINITY:
                soft, hard = min(soft, most), min(hard, most)
            resource.setrlimit(name, (soft, hard))


class Program:
    """A seccomp filter: allows a list of calls, refuses the rest with EPERM.

    Calls of another architecture, and x32's, kill the process. *look* allows what importing
    from disk needs: reading, never writing. *kernel* allows threads, unix sockets and writing.
    """

    def __init__(self, table: Machine, look: bool, kernel: bool = False) -> None:
        self.code = assemble(table, look, kernel)
        self._bytes = ctypes.create_string_buffer(self.code, len(self.code))
        self._fprog = struct.pack("HxxxxxxP", len(self.code) // 8, ctypes.addressof(self._bytes))

    def load(self) -> None:
        _prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.c_char_p(self._fprog))


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


def _drop_capabilities() -> None:
    header = struct.pack("Ii", 0x20080522, 0)  # _LINUX_CAPABILITY_VERSION_3, this process
    _call("capset", ctypes.c_char_p(header), ctypes.c_char_p(bytes(24)))


def _address_space() -> int:
    with open("/proc/self/statm") as statm:  # noqa: PTH123 - in every child's zygote, so cheap
        return int(statm.read().split()[0]) * resource.getpagesize()


def sees_library() -> bool:
    """Return whether a child can still read the standard library once it is another user."""
    if os.geteuid() != 0:
        return True
    library = Path(os.__file__).resolve()
    return all(folder.stat().st_mode & 0o001 for folder in library.parents)
