"""The trial attacks: tried in a real child before any submission, to show what a level holds."""

from __future__ import annotations

import ctypes
import errno
import json
import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import TypedDict

from grader.sandbox.protocol import frames

_PTRACE_SEIZE = 0x4206

_F_SETOWN, _RLIMIT_NOFILE = 8, 7

# Namespaces refuse by hiding: what is outside of them isn't there.
_REFUSED = (errno.EPERM, errno.EACCES, errno.ENOSYS, errno.ESRCH, errno.ENOENT, errno.EOPNOTSUPP)


class Worked(Exception):
    """An attack got through."""


def serve(send: Callable[[bytes], None], receive: Callable[[], tuple[int, bytes, bytes]]) -> None:
    """Try every attack and answer, by name, how it got through ("" if it was turned away).

    *send* writes a frame to the grader, *receive* reads one.
    """
    send(frames.frame(frames.READY, b"{}"))
    _, text, _ = receive()
    facts = json.loads(text)
    found = {name: _try(attack, facts) for name, attack in ATTACKS.items()}
    send(frames.frame(frames.OUTCOMES, json.dumps(found).encode()))


class Targets(TypedDict):
    """What the attacks aim at: a secret in a file and in the memory of a process, and so on."""

    secret: str
    trace: str
    socket: str
    pid: int
    address: int


def _try(attack: Callable[[Targets], None], facts: Targets) -> str:
    try:
        attack(facts)
    except Worked as worked:
        return str(worked) or "worked"
    except OSError as error:
        # Another error than a refusal means that the attempt went further than it should.
        return "" if error.errno in _REFUSED else f"failed with {error}"
    except BaseException as error:
        return f"failed with {error!r}"
    return "worked"


def _libc(name: str, *arguments: object) -> int:
    libc = ctypes.CDLL(None, use_errno=True)
    result = int(getattr(libc, name)(*arguments))
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result


def _read(path: str) -> None:
    fd = os.open(path, os.O_RDONLY)
    os.close(fd)


def _write(facts: Targets) -> None:
    os.close(os.open(facts["trace"], os.O_WRONLY | os.O_CREAT, 0o600))


def _connect(family: int, kind: int) -> None:
    socket.socket(family, kind).close()


def _reach(facts: Targets) -> None:
    with socket.socket(socket.AF_UNIX) as connecting:
        connecting.connect(facts["socket"])


def _fork(facts: Targets) -> None:
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)


def _execute(facts: Targets) -> None:
    try:
        os.execv("/nonexistent/program", ["program"])
    except FileNotFoundError:
        raise Worked from None


def _prlimit(pid: int) -> None:
    _libc("prlimit", pid, _RLIMIT_NOFILE, None, ctypes.create_string_buffer(16))


def _trace(pid: int) -> None:
    _libc("ptrace", _PTRACE_SEIZE, pid, None, None)  # stops nobody, ends with this process


def _peek(facts: Targets) -> None:
    local = ctypes.create_string_buffer(16)
    pair = ctypes.c_size_t * 2
    mine, theirs = pair(ctypes.addressof(local), 16), pair(facts["address"], 16)
    _libc("process_vm_readv", facts["pid"], mine, 1, theirs, 1, 0)


def _own_signals(facts: Targets) -> None:
    import fcntl

    fcntl.fcntl(3, _F_SETOWN, facts["pid"])


#: Every attack by name. Each returns when it got through and raises OSError when refused.
ATTACKS: dict[str, Callable[[Targets], None]] = {
    "read /etc/passwd": lambda facts: _read("/etc/passwd"),
    "read a planted file": lambda facts: _read(facts["secret"]),
    "read the grader's memory": lambda facts: _read(f"/proc/{facts['pid']}/mem"),
    "read the grader's environment": lambda facts: _read(f"/proc/{facts['pid']}/environ"),
    "read its own /proc": lambda facts: _read("/proc/self/maps"),
    "write a file": _write,
    "change a file's mode": lambda facts: Path(facts["secret"]).chmod(0o600),
    "open a TCP socket": lambda facts: _connect(socket.AF_INET, socket.SOCK_STREAM),
    "open a UDP socket": lambda facts: _connect(socket.AF_INET, socket.SOCK_DGRAM),
    "open a unix socket": lambda facts: _connect(socket.AF_UNIX, socket.SOCK_STREAM),
    "reach a unix socket": _reach,
    "fork": _fork,
    "execute a program": _execute,
    "signal the grader": lambda facts: os.kill(facts["pid"], 0),
    "signal its parent": lambda facts: os.kill(os.getppid(), 0),
    "redirect signals to the grader": _own_signals,
    "limit the grader": lambda facts: _prlimit(facts["pid"]),
    "limit its parent": lambda facts: _prlimit(os.getppid()),
    "trace the grader": lambda facts: _trace(facts["pid"]),
    "trace its parent": lambda facts: _trace(os.getppid()),
    "copy the grader's memory": _peek,
}

#: What a kernel needs, between its own processes.
ALLOWED_TO_KERNELS = frozenset(("open a unix socket",))
