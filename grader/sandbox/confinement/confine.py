"""How a child gives up every power but computing, by ctypes and raw BPF.

No library does Landlock and seccomp both from Python in a forked child, so the calls are made
here. What can be prepared once is: the fork server builds the Landlock ruleset and the filter, and
each child applies them, in this order: limits, user, ``no_new_privs``, not dumpable, death with
its parent, Landlock, descriptors, capabilities, seccomp. Every step raises when it fails, and
the child then ends without having read a byte: confinement fails closed.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import struct
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from grader.sandbox.confinement import landlock
from grader.sandbox.confinement.libc import (
    PR_SET_DUMPABLE,
    PR_SET_NO_NEW_PRIVS,
    PR_SET_PDEATHSIG,
    call,
    prctl,
)
from grader.sandbox.confinement.seccomp import SystemCallFilter
from grader.sandbox.confinement.syscalls import machine
from grader.sandbox.protocol.control import FILE_BYTES
from grader.sandbox.protocol.levels import CONFINED

#: The user that children of a grader run by root become.
NOBODY = 65534
#: The memory that a kernel's threads reserve beyond a child's.
_THREADS_BYTES = 256 << 20
#: All threads of one user, who may be that of several kernels.
_THREADS = 512


def hide() -> None:
    """Make this process not dumpable: its memory can't be read by others of the same user."""
    prctl(PR_SET_DUMPABLE, 0)


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
        self._landlock = landlock.version()
        self._ruleset = landlock.ruleset(self._machine, self._landlock, readable, workspace)
        self._programs: dict[bool, SystemCallFilter] = {}
        if self._machine is not None:
            self._programs = {
                look: SystemCallFilter(self._machine, look, bool(workspace))
                for look in (False, True)
            }
        self.facts = {"landlock": self._landlock, "machine": self._machine is not None}

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
        """Confine this process for good.

        It dies with its *parent* (the fork server, unless another is named), and keeps the first
        *descriptors*. *cpu* is in seconds, *memory* in bytes beyond the fork server's own, *output*
        in bytes. Raises :class:`OSError` where the kernel lacks what the level needs.
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
            prctl(PR_SET_NO_NEW_PRIVS, 1)
            prctl(PR_SET_DUMPABLE, 0)
        # After the user has changed, since that clears it.
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != (parent or self._parent):
            os._exit(0)
        if filtered and level != "seccomp-strict":
            if self._machine is None or self._ruleset is None:
                raise OSError("the kernel has no Landlock")
            number = self._machine.numbers["landlock_restrict_self"]
            call("syscall", number, self._ruleset, 0)
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


def _drop_capabilities() -> None:
    header = struct.pack("Ii", 0x20080522, 0)  # _LINUX_CAPABILITY_VERSION_3, this process
    call("capset", ctypes.c_char_p(header), ctypes.c_char_p(bytes(24)))


def _address_space() -> int:
    with open("/proc/self/statm") as statm:  # noqa: PTH123 - in every child's zygote, so cheap
        return int(statm.read().split()[0]) * resource.getpagesize()


def other_user() -> int | None:
    """Return the user that children of a grader run by root become, if there can be one.

    A user namespace may have one id only. Its root owns nothing outside but what that user does, so
    children stay who they are; all else holds without.
    """
    if os.geteuid() != 0:
        return None
    for kind in ("uid", "gid"):
        rows = Path(f"/proc/self/{kind}_map").read_text().splitlines()
        ranges = [(int(first), int(count)) for first, _, count in map(str.split, rows)]
        if not any(first <= NOBODY < first + count for first, count in ranges):
            return None
    return NOBODY


def sees_library() -> bool:
    """Return whether a child can still read the standard library and numpy as another user."""
    if other_user() is None:
        return True
    numpy = find_spec("numpy")
    files = [os.__file__, *([numpy.origin] if numpy and numpy.origin else [])]
    above = {folder for file in files for folder in Path(file).resolve().parents}
    return all(folder.stat().st_mode & 0o001 for folder in above)
