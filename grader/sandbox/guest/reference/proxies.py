"""In the child: functions in place of the package's own, for which the reference answers.

A question that builds on a failed one is marked again with these in the failed one's place. The
reference runs in another process. What it keeps for a partner (a layer's cache) stays there, and
the student's code has a :class:`Handle` to it. What is in the answer cache isn't asked for.
"""

from __future__ import annotations

import builtins
import inspect
import json
from collections.abc import Callable
from types import FunctionType

import numpy as np

from grader.model.trees import Tree
from grader.sandbox.guest.decoding import Inputs
from grader.sandbox.guest.encoding import Packer, entries
from grader.sandbox.guest.reference.answer_cache import SealedAnswers
from grader.sandbox.guest.scope import Foreign
from grader.sandbox.protocol.layout import COURSE

#: Sends a message to the grader and returns the text and data of its answer.
Ask = Callable[[bytes, bytes], tuple[bytes, bytes]]

_array, _ndarray, _signature = np.array, np.ndarray, inspect.signature
NONE = SealedAnswers()


class ReferenceCall:
    """A call on its way: its bytes, and the handles among its arguments."""

    def __init__(self, text: bytes, data: bytes, handles: list[Handle]) -> None:
        self.text, self.data, self._handles = text, data, handles

    def made(self, ask: Ask) -> tuple[bytes, bytes]:
        """Have the reference take this call, after those that its handles come from.

        A handle out of the answer cache is no more than a number until the reference, too, has made
        what it stands for.
        """
        for handle in self._handles:
            if handle._call is not None:
                first, handle._call = handle._call, None
                first.made(ask)
        return ask(self.text, self.data)


class Handle:
    """Stands for what the reference keeps; it can only be passed to another of its functions.

    *call* is the one that makes it, where the reference in its process hasn't been asked yet.
    """

    __slots__ = ("_call", "_number")

    def __init__(self, number: int, call: ReferenceCall | None = None) -> None:
        self._number, self._call = number, call

    def __repr__(self) -> str:
        return "<what the reference keeps for its backward pass>"


def proxy(target: str, ask: Ask, sealed_answers: SealedAnswers = NONE) -> Callable[..., object]:
    """Return a function that has the reference's *target* called, and returns what it returned.

    A dict among its arguments is updated as the reference updated it.
    """
    read = Inputs().read

    def function(*args: object, **kwargs: object) -> object:
        packer = Packer()
        call = {
            "target": json.dumps(target),
            "args": f"[{','.join([_sent(value, packer) for value in args])}]",
            "kwargs": entries({name: _sent(value, packer) for name, value in kwargs.items()}),
        }
        handles = [value for value in (*args, *kwargs.values()) if type(value) is Handle]
        asked = ReferenceCall(entries(call).encode("ascii"), b"".join(packer.parts), handles)
        opened = sealed_answers.open(asked.text, asked.data)
        answer = read(*(opened or asked.made(ask)))
        made = asked if opened else None
        if "error" in answer:
            kind, said = answer["error"]
            raise getattr(builtins, kind, RuntimeError)(said)
        for index, changed in answer["changed"]:
            given = args[index]
            if isinstance(given, dict):
                given.update(_received(changed, made))
        if "items" in answer:
            return tuple(_received(item, made) for item in answer["items"])
        return _received(answer["value"], made)

    function.__name__ = function.__qualname__ = target.rpartition(":")[2]
    return function


def without_options(
    function: Callable[..., object], course: object, own: Foreign
) -> Callable[..., object]:
    """Return *function*, called without the options that a student's function has of its own.

    *course* is the course's function with the same name, *own* the student's, in whose place
    *function* stands. A student may have given theirs further parameters, which their networks
    pass. These calls are bound as *own* takes them, and what *course* has no parameter for is
    left out. A call that *own* doesn't take either isn't changed, and fails. Where the file wasn't
    handed in, *own* is the course's: what it has no parameter for is left out then, too.
    """
    if not isinstance(course, FunctionType):
        return function
    names = course.__code__.co_varnames[: course.__code__.co_argcount]
    known, count = frozenset(names), len(names)
    given = isinstance(own, FunctionType) and own.__code__.co_filename.startswith(COURSE)

    def called(*args: object, **kwargs: object) -> object:
        if len(args) > count or not known.issuperset(kwargs):
            if not given:
                try:
                    bound = _signature(own).bind(*args, **kwargs)
                except (TypeError, ValueError):
                    return function(*args, **kwargs)
                args, kwargs = bound.args, bound.kwargs
            args = args[:count]
            kwargs = {name: value for name, value in kwargs.items() if name in known}
        return function(*args, **kwargs)

    called.__name__ = called.__qualname__ = function.__name__
    return called


def _sent(value: object, packer: Packer) -> str:
    if type(value) is Handle:
        return f'["handle",{value._number}]'
    return f'["tree",{packer.pack(value)}]'


def _received(value: list[Tree], made: ReferenceCall | None) -> Tree:
    kind, content = value
    return Handle(content, made) if kind == "handle" else _own(content)


def _own(tree: Tree) -> Tree:
    """Return a tree whose arrays may be written into, as those of a function may."""
    if isinstance(tree, _ndarray):
        return _array(tree)
    if isinstance(tree, dict):
        return {key: _own(child) for key, child in tree.items()}
    return tree
