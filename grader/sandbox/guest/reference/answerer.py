"""In the reference's process: takes the calls that a student's process makes of its functions.

The other end of :mod:`grader.sandbox.guest.reference.proxies`. What comes in is a stranger's: it is unpacked
within bounds, and all that can go wrong is an answer.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from grader.model.trees import unpack
from grader.sandbox.guest.encoding import Packer, entries
from grader.sandbox.guest.failures import explain
from grader.sandbox.guest.reference.answer_cache import seal
from grader.sandbox.protocol import frames

_TEXT = 200
#: How many caches are kept, and how many bytes of arrays: the oldest are forgotten first.
_MAX_HELD, _MAX_HELD_BYTES = 4096, 1 << 27

_decode = json.JSONDecoder().decode
_digest = hashlib.sha256


class Answerer:
    """Calls functions and keeps, under numbers, what doesn't cross. *find* gives a target.

    A number is drawn from the call's own bytes: in each process the same call has the same one.
    """

    def __init__(self, find: Callable[[str], Any]) -> None:
        self._find = find
        self._held: dict[int, tuple[Any, int]] = {}
        self._bytes = 0

    def answer(self, text: bytes, data: bytes) -> tuple[bytes, bytes]:
        """Return the text and data of the answer to one call. Never raises."""
        packer = Packer()
        try:
            number = int.from_bytes(_digest(text + data).digest()[:6], "little")
            said = self._call(_decode(text.decode("ascii")), data, packer, number)
        except BaseException as error:
            failure = explain(error)
            packer = Packer()
            said = {"error": packer.pack([failure.type, failure.text[:_TEXT]])}
        return entries(said).encode("ascii"), b"".join(packer.parts)

    def _call(
        self, message: dict[str, Any], data: bytes, packer: Packer, number: int
    ) -> dict[str, str]:
        call, held = message["call"], message["held"]
        args = [self._given(value, data) for value in call["args"]]
        kwargs = {name: self._given(value, data) for name, value in call["kwargs"].items()}
        result = self._find(call["target"])(*args, **kwargs)
        changed = ",".join(
            f"[{index},{_tree(value, packer)}]"
            for index, value in enumerate(args)
            if isinstance(value, dict)
        )
        if isinstance(result, tuple):
            items = ",".join(
                self._keep(number, item) if index == held else _tree(item, packer)
                for index, item in enumerate(result)
            )
            return {"items": f"[{items}]", "changed": f"[{changed}]"}
        return {"value": _tree(result, packer), "changed": f"[{changed}]"}

    def _given(self, value: list[Any], data: bytes) -> Any:
        kind, content = value
        if kind == "held":
            return self._held[content][0]
        return _writable(unpack(content, data))

    def _keep(self, number: int, item: Any) -> str:
        _, before = self._held.pop(number, (None, 0))
        size = _size(item)
        self._held[number] = item, size
        self._bytes += size - before
        while len(self._held) > 1 and (
            len(self._held) > _MAX_HELD or self._bytes > _MAX_HELD_BYTES
        ):
            _, size = self._held.pop(next(iter(self._held)))
            self._bytes -= size
        return f'["held",{number}]'


def _tree(value: Any, packer: Packer) -> str:
    return f'["tree",{packer.pack(value)}]'


def _size(item: Any) -> int:
    """Return the bytes of the arrays in what a function keeps for its partner."""
    if isinstance(item, np.ndarray):
        return item.nbytes
    if isinstance(item, dict):
        return sum(map(_size, item.values()))
    return sum(map(_size, item)) if isinstance(item, (tuple, list)) else 0


def _writable(tree: Any) -> Any:
    if isinstance(tree, dict):
        return {key: _writable(child) for key, child in tree.items()}
    return np.array(tree) if isinstance(tree, np.ndarray) else tree


class AnswerSealer:
    """In the course's own process: takes calls of some functions, and seals each answer.

    *find* gives the function of a target, *held* the item of its result that stays here.
    """

    def __init__(self, find: Callable[[str], Any], held: Mapping[str, int | None]) -> None:
        self._answerer, self._held = Answerer(find), held
        self._sealed: dict[str, dict[bytes, bytes]] = {target: {} for target in held}

    def ask(self, target: str) -> Callable[[bytes, bytes], tuple[bytes, bytes]]:
        """Return what a proxy of *target* asks."""

        def ask(text: bytes, data: bytes) -> tuple[bytes, bytes]:
            answer = self._answerer.answer(frames.held(text, self._held[target]), data)
            # The same call has the same answer: one envelope is enough.
            self._sealed[target].setdefault(text + data, seal(text, data, *answer))
            return answer

        return ask

    def sealed(self) -> tuple[bytes, bytes]:
        """Return how many bytes of envelopes each target has, as JSON, and all of them."""
        whole = {target: b"".join(found.values()) for target, found in self._sealed.items()}
        sizes = {target: len(sealed_answers) for target, sealed_answers in whole.items()}
        return json.dumps(sizes).encode("ascii"), b"".join(whole.values())
