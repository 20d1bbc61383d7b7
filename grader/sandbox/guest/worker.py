"""In the child: takes a package and runs, and answers each run with one frame."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable
from typing import NoReturn, TextIO, cast

from grader.model.literals import FailureStage
from grader.model.programs import Failure
from grader.model.steps import STEPS, RunSetup
from grader.model.trees import Tree
from grader.sandbox.guest.decoding import Inputs
from grader.sandbox.guest.encoding import Packer, outcome
from grader.sandbox.guest.failures import Missing
from grader.sandbox.guest.importer import Importer
from grader.sandbox.guest.interpreter import Interpreter
from grader.sandbox.guest.notebooks import cells
from grader.sandbox.guest.older_numpy import refused
from grader.sandbox.guest.preloaded import PRELOADED
from grader.sandbox.guest.received import ReceivedPackage, decode
from grader.sandbox.guest.reference.answer_cache import SealedAnswers
from grader.sandbox.guest.reference.answerer import Answerer, AnswerSealer
from grader.sandbox.guest.reference.proxies import proxy
from grader.sandbox.protocol import frames

#: Where a child finds its pipes.
REQUESTS, REPLIES = 3, 4

_read, _write, _exit = os.read, os.write, os._exit
# Windows has no such call.
_writev = getattr(os, "writev", lambda place, parts: _write(place, b"".join(parts)))
_read_run = Inputs().read
_frame, _each, _HEAD = frames.frame, frames.each, frames.HEAD
_preloaded = PRELOADED
_MAX_TEXT = frames.MAX_TEXT
_SETUP = next(word for word, step in STEPS.items() if step is RunSetup)
#: How many buffers Linux takes in one call.
_AT_ONCE = 1024


def serve(output: int) -> None:
    """Answer until the grader closes its end, then end the process. *output*: bytes to print."""
    sys.stdin = io.StringIO("")
    sys.stdout = sys.stderr = cast(TextIO, Printer(output))
    try:
        send(_frame(frames.READY, b"{}"))
        answering, answerer, ticket = Answering(None), Answerer(_nothing), 0
        sealer = AnswerSealer(_nothing, {})
        while True:
            kind, text, data = receive()
            if kind == frames.PACKAGE:
                package = decode(text, data)
                importer, sealer = install(package)
                answering = Answering(package, Interpreter(importer.target))
                answerer = Answerer(importer.target)
            elif kind == frames.ASK:
                ask(answering, data, ticket)
            elif kind == frames.TICKET:
                ticket = int(text)
            elif kind == frames.CALL:
                send(_frame(frames.ANSWERED, *answerer.answer(text, data)))
            elif kind == frames.SEALED:
                send(_frame(frames.ANSWERED, *sealer.sealed()))
            elif kind == frames.CONVERT:
                convert(text)
            elif kind == frames.TOKENIZE:
                tokenize(text)
    finally:
        _exit(0)


def convert(texts: bytes) -> None:
    """Answer with a frame of HTML for each of a notebook's *texts*."""
    # Lazily: only a process that converts has the libraries.
    from grader.sandbox.guest.notebooks import conversion

    for html in conversion.convert(texts):
        send(_frame(frames.CONVERTED, html))


def tokenize(texts: bytes) -> None:
    """Answer with a frame of tokens for each of the *texts* of code."""
    from grader.sandbox.guest import code_tokens

    for tokens in code_tokens.tokenized(texts):
        send(_frame(frames.TOKENS, tokens))


class Answering:
    """Answers runs by the functions of *package*, in the way of an older numpy where that helps."""

    def __init__(
        self, package: ReceivedPackage | None, interpreter: Interpreter | None = None
    ) -> None:
        self._package, self._interpreter = package, interpreter or Interpreter(_nothing)
        self._older = False

    def answer(self, run: Tree) -> tuple[str, Packer]:
        """Return the JSON text of a run's outcomes, and their arrays."""
        packer = Packer()
        text = self._interpreter.answer(run["program"], run["examples"], packer)
        # A notebook's variables are gone then: only a run that begins it can be repeated.
        whole = self._package is not None and (
            not self._package.notebook or any(step[0] == _SETUP for step in run["program"]["steps"])
        )
        if whole and not self._older and any(map(refused, self._interpreter.failures)):
            assert self._package is not None
            self._older = True
            importer, _ = install(self._package, older=True)
            self._interpreter = Interpreter(importer.target)
            return self.answer(run)
        return text, packer


def ask(answering: Answering, runs: bytes, ticket: int) -> None:
    """Answer the *runs* of a message that asks, one frame each; the *ticket* is the message's."""
    for kind, text, arrays in _each(runs):
        run = _preloaded.run(text) if kind == frames.PRELOADED_RUN else _read_run(text, arrays)
        _answer(answering, run, ticket)


def _answer(answering: Answering, run: Tree, ticket: int) -> None:
    try:
        text, packer = answering.answer(run)
        reply = text.encode("ascii")
        if len(reply) > _MAX_TEXT:
            raise ValueError("returned more than can be compared")
    except BaseException as error:
        stage: FailureStage = "out_of_memory" if isinstance(error, MemoryError) else "raised"
        failure = Failure(stage, type=type(error).__name__, text=str(error)[:200])
        packer = Packer()
        answer = outcome({}, failure, [])
        reply = f"[{','.join([answer] * len(run['examples']))}]".encode("ascii")
    head = _HEAD.pack(frames.OUTCOMES | ticket << 8, len(reply), packer.size)
    send(head, reply, *packer.parts)


def install(package: ReceivedPackage, *, older: bool = False) -> tuple[Importer, AnswerSealer]:
    """Have this process import *package*; return its importer, and what prefills the answer cache.

    A call of a replaced function is looked up in the package's sealed answers, then asked of the
    reference: of this very process, where it is the reference's own and prefills the cache. With
    *older*, the package runs as numpy before 2 ran it.
    """
    sealed = SealedAnswers(package.sealed)
    sealer = AnswerSealer(lambda target: importer.replaced[target], package.prefilled)

    def replacement(target: str) -> Callable[..., object]:
        ask = sealer.ask(target) if target in package.prefilled else _consult
        return proxy(target, ask, sealed)

    replacements = {
        module: {name: replacement(f"{module}:{name}") for name in names}
        for module, names in package.replaced.items()
    }
    importer = Importer(package, replacements, _report, older=older)
    if package.notebook:
        cells.transformer()
        cells.forget()
    importer.install()
    return importer, sealer


def _report(module: str, begins: bool) -> None:
    send(_frame(frames.IMPORTING if begins else frames.IMPORTED, module.encode()))


def _consult(text: bytes, data: bytes) -> tuple[bytes, bytes]:
    """Have the grader ask the reference; return the text and data of the answer."""
    send(_frame(frames.CALLING, text, data))
    _, answer, arrays = receive()
    return answer, arrays


def _nothing(target: str) -> NoReturn:
    raise Missing("No package was given.")


def receive() -> tuple[int, bytes, bytes]:
    """Read one frame; end the process when the grader has closed its end."""
    kind, text, data = _HEAD.unpack(_exactly(_HEAD.size))
    return kind, _exactly(text), _exactly(data)


def _exactly(count: int) -> bytes:
    parts = []
    while count:
        part = _read(REQUESTS, min(count, 1 << 20))
        if not part:
            _exit(0)
        parts.append(part)
        count -= len(part)
    return b"".join(parts)


def send(*parts: bytes) -> None:
    """Write a whole frame. Large ones in parts: each copy of them would be fresh pages."""
    for start in range(0, len(parts), _AT_ONCE):
        some = parts[start : start + _AT_ONCE]
        count = _writev(REPLIES, some)
        if count < sum(map(len, some)):  # only a signal makes the pipe take less than all
            rest = b"".join(some)[count:]
            while rest:
                rest = rest[_write(REPLIES, rest) :]


class Printer(io.TextIOBase):
    """stdout and stderr: bounded, and never a reason for right code to fail."""

    encoding = "utf-8"
    errors = "replace"

    def __init__(self, limit: int) -> None:
        self._left = limit

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        if self._left > 0:
            raw = str(text[: self._left]).encode("utf-8", "replace")[: self._left]
            self._left -= len(raw)
            try:
                _write(1, raw)
            except OSError:
                self._left = 0
        return len(text)

    def fileno(self) -> int:
        return 1
