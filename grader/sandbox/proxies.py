"""In the child: functions that the reference answers for, over the wire.

A question that builds on a failed one is marked again with these in the failed one's place. The
reference runs in another process; what it keeps for a partner (a layer's cache) stays there,
and the student's code holds a :class:`Held` in its place.
"""

from __future__ import annotations

import builtins
import json
from collections.abc import Callable
from typing import Any

import numpy as np

from grader.model.trees import unpack
from grader.sandbox.packing import Packer, entries

#: Sends a message to the grader and returns the text and data of its answer.
Ask = Callable[[bytes, bytes], tuple[bytes, bytes]]

_decode = json.JSONDecoder().decode
_array, _ndarray = np.array, np.ndarray


class Held:
    """Something that the reference keeps; it can only be handed back."""

    __slots__ = ("_number",)

    def __init__(self, number: int) -> None:
        self._number = number

    def __repr__(self) -> str:
        return "<what the reference keeps for its backward pass>"


def proxy(target: str, ask: Ask) -> Callable[..., Any]:
    """Return a function that has the reference's *target* called, and returns what it returned.

    A dict among its arguments is updated as the reference updated it.
    """

    def function(*args: Any, **kwargs: Any) -> Any:
        packer = Packer()
        call = {
            "target": json.dumps(target),
            "args": f"[{','.join([_sent(value, packer) for value in args])}]",
            "kwargs": entries({name: _sent(value, packer) for name, value in kwargs.items()}),
        }
        text, data = ask(entries(call).encode("ascii"), b"".join(packer.parts))
        answer = _decode(text.decode("ascii"))
        if "error" in answer:
            kind, said = answer["error"]
            raise getattr(builtins, kind, RuntimeError)(said)
        for index, changed in answer["changed"]:
            args[index].update(_received(changed, data))
        if "items" in answer:
            return tuple(_received(item, data) for item in answer["items"])
        return _received(answer["value"], data)

    function.__name__ = function.__qualname__ = target.rpartition(":")[2]
    return function


def _sent(value: Any, packer: Packer) -> str:
    if type(value) is Held:
        return f'["held",{value._number}]'
    return f'["tree",{packer.pack(value)}]'


def _received(value: list[Any], data: bytes) -> Any:
    kind, content = value
    return Held(content) if kind == "held" else _own(unpack(content, data))


def _own(tree: Any) -> Any:
    """Return a tree whose arrays may be written into, as those of a function may."""
    if isinstance(tree, _ndarray):
        return _array(tree)
    if isinstance(tree, dict):
        return {key: _own(child) for key, child in tree.items()}
    return tree
