"""The fork server, from the grader's side: starts it, asks it for children, hears of their ends.

Its own program is :mod:`grader.sandbox.zygote.zygote`.
"""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Sequence
from typing import TypedDict

from grader.model.assignment import Limits
from grader.sandbox.confinement import confine
from grader.sandbox.errors import ChildExit, Fault
from grader.sandbox.host.launch import command, environment, readable
from grader.sandbox.protocol.control import ENDED, FORK, MODES, PRELOAD, STARTED, WORKSPACE
from grader.sandbox.protocol.levels import CODE, KERNEL, LEVELS

#: A kernel's environment besides: its threads would reserve address space each, which is what
#: limits memory; and its home is its own.
_KERNEL = {"MALLOC_ARENA_MAX": "2", "HOME": WORKSPACE, "IPYTHONDIR": f"{WORKSPACE}/.ipython"}
_START_SECONDS = 60.0
_GONE = "The process that students' code is forked from is gone"


class StartFacts(TypedDict):
    """What the fork server says of itself once it has started."""

    threads: int
    spaces: dict[str, int]


class ForkServer:
    """A fork server that is starting. *wrapper* is a command put before its own (bubblewrap's).

    With *preload* it imports all that children may import. *holds* is one of
    :data:`~grader.sandbox.protocol.levels.HOLDS`. :meth:`greet` waits until it is ready.
    """

    def __init__(self, wrapper: Sequence[str] = (), *, preload: bool, holds: str = CODE) -> None:
        self._began = time.perf_counter()
        self.facts: StartFacts = {"threads": 0, "spaces": {}}
        self.seconds = 0.0
        self._broken = False
        self._lock = threading.RLock()
        self._ends: dict[int, ChildExit] = {}
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        options = {
            "readable": readable(),
            "user": confine.other_user(),
            "preload": preload,
            "holds": holds,
        }
        number = theirs.fileno()
        with theirs:
            self._process = subprocess.Popen(
                [*wrapper, *command("zygote.zygote", str(number), json.dumps(options))],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                env={**environment(), **(_KERNEL if holds == KERNEL else {})},
                pass_fds=(number,),
                start_new_session=True,
            )

    def greet(self) -> None:
        """Wait until it is ready, and keep its ``facts``.

        Raises :class:`~grader.sandbox.errors.Fault`, and ends it, where it doesn't start.
        """
        try:
            self.facts = self._facts()
        except BaseException:
            self.close()
            raise
        self.seconds = time.perf_counter() - self._began

    def _facts(self) -> StartFacts:
        ready, _, _ = select.select([self._control], [], [], _START_SECONDS)
        message = self._control.recv(1 << 16) if ready else b""
        if not message.startswith(b"R"):
            self._process.kill()
            assert self._process.stderr is not None
            said = self._process.stderr.read().decode("utf-8", "replace").strip()
            last = said.splitlines()[-1] if said else "it said nothing"
            raise Fault(f"The process that students' code is forked from didn't start: {last}.")
        facts: StartFacts = json.loads(message[1:])
        if facts["threads"] != 1:
            raise Fault("The process that students' code is forked from has more than one thread.")
        return facts

    def fork(self, mode: str, level: str, limits: Limits, fds: Sequence[int]) -> tuple[int, int]:
        """Start a child with three descriptors; return its pid in the server's view and a pidfd.

        Raises :class:`~grader.sandbox.errors.Fault` where none can be started.
        """
        message = FORK.pack(
            MODES.index(mode),
            LEVELS.index(level),
            int(limits.submission_cpu_seconds) + 2,
            limits.memory_mb << 20,
            limits.output_kb << 10,
        )
        with self._lock:
            try:
                return self._fork(message, fds)
            except OSError as error:
                raise self._lost(str(error)) from None
            except Fault:
                raise
            except BaseException:
                self._broken = True
                self._control.close()  # interrupted halfway: later answers would be misread
                raise

    def _fork(self, message: bytes, fds: Sequence[int]) -> tuple[int, int]:
        socket.send_fds(self._control, [message], list(fds))
        while True:
            reply, received, _, _ = socket.recv_fds(self._control, 4096, 1)
            if reply[:1] == b"S":
                return STARTED.unpack(reply)[1], received[0]
            if reply[:1] == b"E":
                raise Fault(f"No process could be started: {reply[1:].decode()}.")
            self._note(reply)

    def preload(self, frames: bytes) -> None:
        """Have all children from now on hold what is in *frames*.

        Raises :class:`~grader.sandbox.errors.Fault` where the fork server is gone.
        """
        file = os.memfd_create("preload")
        try:
            with open(file, "wb", closefd=False) as whole:
                whole.write(frames)
            os.lseek(file, 0, os.SEEK_SET)
            with self._lock:
                socket.send_fds(self._control, [PRELOAD], [file])
        except OSError as error:
            raise self._lost(str(error)) from None
        finally:
            os.close(file)

    def exit_of(self, pid: int) -> ChildExit:
        """Wait for the end of a child that was killed or has closed its pipes; return how it ended.

        Raises :class:`~grader.sandbox.errors.Fault` where the fork server is gone.
        """
        with self._lock:
            while pid not in self._ends:
                try:
                    self._note(self._control.recv(4096))
                except OSError as error:
                    raise self._lost(str(error)) from None
            return self._ends.pop(pid)

    def _note(self, message: bytes) -> None:
        if message[:1] != b"X":
            raise self._lost("it sent nothing")
        _, pid, status, cpu, rss = ENDED.unpack(message)
        self._ends[pid] = ChildExit(os.waitstatus_to_exitcode(status), cpu, rss)

    def _lost(self, how: str) -> Fault:
        self._broken = True
        return Fault(f"{_GONE}: {how}.")

    @property
    def gone(self) -> bool:
        """Whether it has ended, or can't be spoken with any more."""
        return self._broken or self._process.poll() is not None

    @property
    def killed(self) -> bool:
        """Whether it was ended by SIGKILL; bubblewrap says so of what it holds."""
        return self._process.poll() in (-signal.SIGKILL, 128 + signal.SIGKILL)

    def close(self) -> None:
        """End the fork server; its children die with it."""
        self._control.close()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()
        assert self._process.stderr is not None
        self._process.stderr.close()
