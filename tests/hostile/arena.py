"""What attacks are after, planted, and what they did to it.

Effects, by name: ``secret`` (printed what it must not know), ``power`` (printed that it has what it
must not have), ``trace`` (left a file), ``tampered`` (changed one), ``process`` (left a process),
``bystander`` (killed or limited another process), ``network`` (its words arrived), ``flood``
(printed without bound), ``hurt`` (the grader gave no result), ``points`` (of what it must not
earn), ``page`` (its markup stands in a page).
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import secrets
import select
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any

NAIVE = Path(__file__).with_name("naive.py")
#: How long a naive grader may take: many times what it needs, and where it is to be hung.
NAIVE_SECONDS, HANG_SECONDS = 60.0, 1.5
FLOOD = 1 << 20
#: What a page must never hold as it is.
MARKUP = "<script>alert(1)</script>"
_SUBREAPER = 36
_BYSTANDER = """
import ctypes, os, sys, time
if sys.argv[1] == "nobody":
    os.setresuid(65534, 65534, 65534)
    ctypes.CDLL(None).prctl(4, 1, 0, 0, 0)  # open to that user's debuggers again
held = ctypes.create_string_buffer(sys.stdin.readline().strip().encode())
print(ctypes.addressof(held), flush=True)
time.sleep(3600)
"""


class Bystander:
    """A process that minds its own business, with the secret in its environment and memory."""

    def __init__(self, token: str, user: str) -> None:
        self._start = (token, user)
        self.process = subprocess.Popen(
            [os.path.realpath(sys.executable), "-I", "-S", "-c", _BYSTANDER, user],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={"ANSWERS": token},
            start_new_session=True,
        )
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        with self.process.stdin as stdin:
            stdin.write(token + "\n")
        self.pid, self.address = self.process.pid, int(self.process.stdout.readline())
        self._limits = self._found()

    def _found(self) -> tuple[str, set[int], int]:
        limits = Path(f"/proc/{self.pid}/limits").read_text()
        return limits, os.sched_getaffinity(self.pid), os.getpriority(os.PRIO_PROCESS, self.pid)

    @property
    def unharmed(self) -> bool:
        return self.process.poll() is None and self._found() == self._limits

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        assert self.process.stdout is not None
        self.process.stdout.close()

    def again(self) -> Bystander:
        """Return one like it in its place."""
        self.close()
        return Bystander(*self._start)


class Arena:
    """Secrets, a process that minds its own business, ears on the network, and folders to watch."""

    def __init__(self) -> None:
        self._stack = contextlib.ExitStack()
        root = self._stack.enter_context(tempfile.TemporaryDirectory(prefix="grader-arena-"))
        self.folder = Path(root)
        self.token = secrets.token_hex(16)
        self.flag = "power-" + secrets.token_hex(8)
        self._shared = f"/dev/shm/grader-arena-{self.flag[-8:]}"
        self._held = ctypes.create_string_buffer(self.token.encode())
        self.secret = self.folder / "secret" / "key.json"
        self._plant()
        self._open = self._unlinked()
        # One of each user that a child may be: attacks are given the one of their own.
        users = ("own", "nobody") if os.geteuid() == 0 else ("own",)
        self._bystanders = [Bystander(self.token, user) for user in users]
        self._ears = self._listen()
        self._reaping = self._adopt()

    def __enter__(self) -> Arena:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for bystander in self._bystanders:
            bystander.close()
        ctypes.CDLL(None).prctl(_SUBREAPER, self._reaping, 0, 0, 0)
        self._stack.close()

    def target(self, *, confined: bool) -> dict[str, Any]:
        """Return what the corpus may know."""
        bystander = self._bystanders[-1 if confined else 0]
        return {
            "file": str(self.secret),
            "folder": str(self.secret.parent),
            "gradebook": str(self.secret.parent / "gradebook.sqlite"),
            "trace": str(self.folder / "traces" / "left"),
            "shm": self._shared,
            "grader": os.getpid(),
            "address": ctypes.addressof(self._held),
            "descriptor": self._open,
            "bystander": bystander.pid,
            "bystander_address": bystander.address,
            "tcp": self._ears[0].getsockname()[1],
            "udp": self._ears[1].getsockname()[1],
            "unix": str(self.folder / "traces" / "ear"),
            "abstract": "\0grader-" + self.flag,
            "flag": self.flag,
            "markup": MARKUP,
        }

    def _plant(self) -> None:
        # Modes are open: what holds an attack back must be the sandbox.
        self.folder.chmod(0o777)
        for name in ("secret", "traces"):
            (self.folder / name).mkdir()
            (self.folder / name).chmod(0o777)
        self.restore()

    def restore(self) -> None:
        """Put everything back as it was planted."""
        for folder in ("secret", "traces"):
            for path in (self.folder / folder).iterdir():
                if path.is_dir():
                    shutil.rmtree(path)
                elif path.name != "ear":
                    path.unlink()
        Path(self._shared).unlink(missing_ok=True)
        book = self.secret.parent / "gradebook.sqlite"
        texts = {
            self.secret: self.token,
            self.secret.with_name("answers.py"): f"ANSWERS = {self.token!r}\n",
            self.secret.with_name(self.token): "",
        }
        for path, text in texts.items():
            path.write_text(text)
        database = sqlite3.connect(book)
        with database:
            database.execute("create table results (submission text, score real)")
            database.execute("insert into results values ('s01', 0)")
        database.close()
        for path in (book, *texts):
            path.chmod(0o666)

    def _unlinked(self) -> int:
        file = self._stack.enter_context(tempfile.TemporaryFile())  # noqa: SIM115
        file.write(self.token.encode())
        file.flush()
        return file.fileno()

    def _listen(self) -> list[socket.socket]:
        ears = []
        for family, kind, address in (
            (socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 0)),
            (socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", 0)),
            (socket.AF_UNIX, socket.SOCK_DGRAM, str(self.folder / "traces" / "ear")),
            (socket.AF_UNIX, socket.SOCK_DGRAM, "\0grader-" + self.flag),
        ):
            ear = self._stack.enter_context(socket.socket(family, kind))
            ear.bind(address)
            if kind == socket.SOCK_STREAM:
                ear.listen()
            ears.append(ear)
        (self.folder / "traces" / "ear").chmod(0o777)
        return ears

    def _adopt(self) -> int:
        """Become the parent of whatever loses its own, so that nothing is left unseen."""
        libc, before = ctypes.CDLL(None), ctypes.c_int()
        libc.prctl(37, ctypes.byref(before), 0, 0, 0)  # PR_GET_CHILD_SUBREAPER
        libc.prctl(_SUBREAPER, 1, 0, 0, 0)
        return before.value

    def _children(self) -> set[int]:
        found: set[int] = set()
        for task in Path("/proc/self/task").iterdir():
            with contextlib.suppress(OSError):
                found |= set(map(int, (task / "children").read_text().split()))
        return found

    @contextlib.contextmanager
    def watching(self) -> Iterator[set[str]]:
        """Collect the effects that don't show in what an attack prints; then put all back."""
        before, effects = self._children(), set[str]()
        try:
            yield effects
        finally:
            effects |= self._effects(before)

    def _effects(self, before: set[int]) -> set[str]:
        found: set[str] = set()
        for pid in self._children() - before:
            found.add("process")
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
        left = [path for path in (self.folder / "traces").iterdir() if path.name != "ear"]
        if left or Path(self._shared).exists():
            found.add("trace")
        if not self._untouched():
            found.add("tampered")
        for i, bystander in enumerate(self._bystanders):
            if not bystander.unharmed:
                found.add("bystander")
                self._bystanders[i] = bystander.again()
        while heard := select.select(self._ears, [], [], 0)[0]:
            found.add("network")
            for ear in heard:
                if ear is self._ears[0]:
                    ear.accept()[0].close()
                else:
                    ear.recv(4096)
        self.restore()
        return found

    def _untouched(self) -> bool:
        names = {"key.json", "answers.py", self.token, "gradebook.sqlite"}
        try:
            if {path.name for path in self.secret.parent.iterdir()} != names:
                return False
            database = sqlite3.connect(self.secret.parent / "gradebook.sqlite")
            rows = database.execute("select * from results").fetchall()
            database.close()
            modes = {path.stat().st_mode & 0o777 for path in self.secret.parent.iterdir()}
            return (
                self.secret.read_text() == self.token
                and rows == [("s01", 0.0)]
                and modes == {0o666}
            )
        except (OSError, sqlite3.Error):
            return False

    def told(self, printed: bytes) -> set[str]:
        """Return the effects that show in what an attack printed."""
        found = set()
        if self.token.encode() in printed:
            found.add("secret")
        if self.flag.encode() in printed:
            found.add("power")
        if MARKUP.encode() in printed:
            found.add("page")
        if len(printed) > FLOOD:
            found.add("flood")
        return found

    def naive(self, style: str, package: Path, published: str, seconds: float) -> set[str]:
        """Let a naive grader grade the package beneath *package*; return what came of it."""
        held = os.open(self.secret, os.O_RDONLY)
        with (
            tempfile.TemporaryDirectory(prefix="grader-naive-") as scratch,
            self.watching() as found,
        ):
            child = subprocess.Popen(
                [sys.executable, str(NAIVE), style, str(package)],
                cwd=scratch,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                env={
                    "ANSWERS": self.token,
                    "NAIVE_PUBLISHED": published,
                    "OPENBLAS_NUM_THREADS": "1",
                    "PYTHONDONTWRITEBYTECODE": "1",
                    "PATH": os.environ.get("PATH", ""),
                },
                pass_fds=[held],
                start_new_session=True,
                preexec_fn=_limited,
            )
            os.close(held)
            try:
                said, _ = child.communicate(timeout=seconds)
                code = child.returncode
            except subprocess.TimeoutExpired:
                os.killpg(child.pid, signal.SIGKILL)
                said, _ = child.communicate()
                code = -signal.SIGKILL
            found |= self.told(said)
            score = _naive_score(style, said, code, Path(scratch))
            if score is None:
                # Only once the attack was asked: a slow machine proves nothing.
                found |= {"hurt"} if b"ASKING" in said else {"too slow"}
            elif score > 0:
                found.add("points")
        return found


def _limited() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 26, 1 << 26))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _naive_score(style: str, said: bytes, code: int, scratch: Path) -> float | None:
    """Return the score that a naive grader gave; None if it gave none."""
    import json

    if style == "exit_code":
        return None if code < 0 else 4.0 * (code == 0)
    if style == "file":
        result = scratch / "result.json"
        return float(json.loads(result.read_text())["score"]) if result.exists() else None
    lines = [line.split() for line in said.splitlines() if line.startswith(b"SCORE ")]
    if style in ("page", "type_page"):
        return 0.0
    if b"MemoryError" in said:
        return None
    return float(lines[0][1]) if lines else None
