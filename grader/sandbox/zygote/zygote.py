"""The zygote: a process that holds numpy and forks one child for each submission.

It is executed with a clean environment and keeps one thread. From the grader it receives
descriptors and numbers, which it hands to the child, and what is preloaded for all children
(:mod:`grader.sandbox.guest.preloaded`). It never receives a submission's text, and never reads a
byte that a child wrote: the grader's pipes go straight to the child.

Messages over a SOCK_SEQPACKET pair. To the zygote: :data:`FORK` and three descriptors (the
requests' read end, the replies' write end, the memfd for prints); :data:`PRELOAD` and the
descriptor of a file of frames. From it: ``R`` with facts as JSON when it is ready, ``S`` with a
pid and a pidfd for a child that started, ``E`` with a text for one that didn't, ``X`` with a pid,
a wait status, CPU seconds and kilobytes for one that ended.
"""

from __future__ import annotations

import fcntl
import gc
import json
import os
import select
import signal
import socket
import sys
import time
import warnings
from functools import partial

from grader.sandbox.protocol.control import ENDED, FORK, MODES, PRELOAD, SPACES, STARTED, WORKSPACE


def main() -> None:
    """Serve forks until the grader closes its end. Arguments: the socket's fd, options as JSON."""
    began = time.perf_counter()
    control = socket.socket(fileno=int(sys.argv[1]))
    options = json.loads(sys.argv[2])
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    warnings.simplefilter("ignore")
    from grader.sandbox.confinement import confine
    from grader.sandbox.guest import standins
    from grader.sandbox.protocol import levels

    readable, workspace = options["readable"], ""
    _warm(options["preload"], options["holds"])
    if options["holds"] == levels.KERNEL:
        readable, workspace = [*readable, *_loaded()], WORKSPACE
    confine.hide()
    ready = confine.Confinement(readable, options["user"], workspace)
    if options["holds"] != levels.KERNEL:
        standins.forget(standins.POINTLESS)  # ctypes is no child's
    threads = _threads()
    spaces = {name: os.stat(f"/proc/self/ns/{name}").st_ino for name in SPACES}  # noqa: PTH116
    facts = {
        "threads": threads,
        "spaces": spaces,
        "seconds": time.perf_counter() - began,
        **ready.facts,
    }
    gc.collect()
    gc.freeze()
    gc.disable()
    control.send(b"R" + json.dumps(facts).encode())
    if threads != 1:
        return
    _loop(control, ready)


def _warm(preload: bool, holds: str) -> None:
    """Import and touch what children use, so that they share it."""
    import numpy as np

    import grader.sandbox.confinement.attacks
    import grader.sandbox.guest.worker
    from grader.sandbox.guest.notebooks import cells
    from grader.sandbox.protocol import levels

    np.dot(np.ones((8, 8)), np.ones((8, 8)))  # OpenBLAS takes its buffer at the first product
    np.random.seed(0)
    if holds == levels.CELLS:
        cells.transformer()
    if holds == levels.KERNEL:
        from grader.sandbox.guest.notebooks import kernel

        kernel.warm()
    if holds == levels.PAGES:
        from grader.sandbox.guest import code_tokens
        from grader.sandbox.guest.notebooks import conversion

        conversion.warm()
        code_tokens.warm()
    if preload:
        import grader.sandbox.zygote.imports  # noqa: F401


def _loaded() -> list[str]:
    """Return where the packages that are loaded lie, but for the grader's own.

    A kernel goes on importing parts of its own packages; what else is installed stays out.
    """
    found = set()
    for name in {name.partition(".")[0] for name in sys.modules} - {
        *sys.stdlib_module_names,
        "grader",
    }:
        module = sys.modules.get(name)
        spec = getattr(module, "__spec__", None)
        found |= {*(getattr(spec, "submodule_search_locations", None) or ())}
    return sorted(str(place) for place in found)


def _threads() -> int:
    with open("/proc/self/status") as status:  # noqa: PTH123 - pathlib would cost its import
        return next(int(line.split()[1]) for line in status if line.startswith("Threads:"))


def _loop(control: socket.socket, ready: object) -> None:
    poll = select.poll()
    poll.register(control, select.POLLIN)
    children: dict[int, int] = {}
    while True:
        for fd, _ in poll.poll():
            if fd != control.fileno():
                poll.unregister(fd)
                os.close(fd)
                pid, status, usage = os.wait4(children.pop(fd), 0)
                cpu = usage.ru_utime + usage.ru_stime
                control.send(ENDED.pack(b"X", pid, status, cpu, usage.ru_maxrss))
                continue
            message, fds, _, _ = socket.recv_fds(control, 64, 3)
            if not message:
                return  # the grader is gone; PDEATHSIG ends the children
            if message == PRELOAD:
                _preload(fds[0])
                continue
            try:
                pid = os.fork()
            except OSError as error:
                control.send(b"E" + str(error).encode())
            else:
                if pid == 0:
                    _child(message, fds, ready)
                pidfd = os.pidfd_open(pid)
                children[pidfd] = pid
                poll.register(pidfd, select.POLLIN)
                socket.send_fds(control, [STARTED.pack(b"S", pid)], [pidfd])
            for fd in fds:
                os.close(fd)


def _preload(file: int) -> None:
    """Preload a file of frames. It is frozen: no child need look for garbage in it."""
    from grader.sandbox.guest.preloaded import PRELOADED

    with open(file, "rb") as frames:
        PRELOADED.take(frames.read())
    gc.freeze()


def _child(message: bytes, fds: list[int], ready: object) -> None:
    """Become the child: place the descriptors, confine, serve. Never returns."""
    status = 70
    try:
        from grader.sandbox.confinement import attacks, confine
        from grader.sandbox.guest import worker
        from grader.sandbox.protocol import levels

        assert isinstance(ready, confine.Confinement)
        mode, level, cpu, memory, output = FORK.unpack(message)
        requests, replies, printed = (fcntl.fcntl(fd, fcntl.F_DUPFD, 16) for fd in fds)
        for source, place in ((printed, 1), (printed, 2), (requests, 3), (replies, 4)):
            os.dup2(source, place)
        confined = partial(ready.apply, levels.LEVELS[level], cpu, memory, output)
        if MODES[mode] == "kernel":
            from grader.sandbox.guest.notebooks import kernel

            kernel.serve(confined, output)
        confined()
        gc.enable()
        if MODES[mode] == "attack":
            attacks.serve(worker.send, worker.receive)
        else:
            worker.serve(output)
    except BaseException as error:
        os.write(2, repr(error)[:500].encode())
    finally:
        os._exit(status)
