"""In the reference's process: takes the calls that a student's process makes of its functions.

The other end of :mod:`grader.sandbox.guest.reference.proxies`. The calls are a stranger's: they are
unpacked within bounds, and whatever goes wrong is an answer.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping

import numpy as np

from grader.model.trees import Tree, unpack
from grader.sandbox.guest.encoding import Packer, entries
from grader.sandbox.guest.failures import from_exception
from grader.sandbox.guest.reference.answer_cache import seal
from grader.sandbox.guest.scope import Foreign
from grader.sandbox.protocol import frames

_TEXT = 200
#: How many things are kept, and how many bytes of arrays: the oldest are forgotten first.
_MAX_KEPT, _MAX_KEPT_BYTES = 4096, 1 << 27

_decode = json.JSONDecoder().decode
_digest = hashlib.sha256


class Answerer:
    """Calls functions, and keeps what stays here under a number: the handle that the caller gets.

    *find* gives the function of a target. A number comes from the call's own bytes: in each process
    the same call has the same one.
    """

    def __init__(self, find: Callable[[str], Foreign]) -> None:
        self._find = find
        self._kept: dict[int, tuple[Foreign, int]] = {}
        self._bytes = 0

    def answer(self, text: bytes, data: bytes) -> tuple[bytes, bytes]:
        """Return the text and data of the answer to one call. Never raises."""
        packer = Packer()
        try:
            number = int.from_bytes(_digest(text + data).digest()[:6], "little")
            said = self._call(_decode(text.decode("ascii")), data, packer, number)
        except BaseException as error:
            failure = from_exception(error)
            packer = Packer()
            said = {"error": packer.pack([failure.type, failure.text[:_TEXT]])}
        return entries(said).encode("ascii"), b"".join(packer.parts)

    def _call(
        self, message: dict[str, Tree], data: bytes, packer: Packer, number: int
    ) -> dict[str, str]:
        call, handle = message["call"], message["handle"]
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
                self._keep(number, item) if index == handle else _tree(item, packer)
                for index, item in enumerate(result)
            )
            return {"items": f"[{items}]", "changed": f"[{changed}]"}
        return {"value": _tree(result, packer), "changed": f"[{changed}]"}

    def _given(self, value: list[Tree], data: bytes) -> Foreign:
        kind, content = value
        if kind == "handle":
            return self._kept[content][0]
        return _writable(unpack(content, data))

    def _keep(self, number: int, item: object) -> str:
        _, before = self._kept.pop(number, (None, 0))
        size = _size(item)
        self._kept[number] = item, size
        self._bytes += size - before
        while len(self._kept) > 1 and (
            len(self._kept) > _MAX_KEPT or self._bytes > _MAX_KEPT_BYTES
        ):
            _, size = self._kept.pop(next(iter(self._kept)))
            self._bytes -= size
        return f'["handle",{number}]'


def _tree(value: object, packer: Packer) -> str:
    return f'["tree",{packer.pack(value)}]'


def _size(item: object) -> int:
    """Return the bytes of the arrays in what a function keeps for its partner."""
    if isinstance(item, np.ndarray):
        return item.nbytes
    if isinstance(item, dict):
        return sum(map(_size, item.values()))
    return sum(map(_size, item)) if isinstance(item, (tuple, list)) else 0


def _writable(tree: Tree) -> Tree:
    if isinstance(tree, dict):
        return {key: _writable(child) for key, child in tree.items()}
    return np.array(tree) if isinstance(tree, np.ndarray) else tree


class AnswerSealer:
    """Prefills the answer cache: the reference answers its own calls, and seals each answer.

    *find* gives the function of a target, *handles* the item of its result that stays here.
    """

    def __init__(self, find: Callable[[str], Foreign], handles: Mapping[str, int | None]) -> None:
        self._answerer, self._handles = Answerer(find), handles
        self._sealed: dict[str, dict[bytes, bytes]] = {target: {} for target in handles}

    def ask(self, target: str) -> Callable[[bytes, bytes], tuple[bytes, bytes]]:
        """Return what a proxy of *target* asks."""

        def ask(text: bytes, data: bytes) -> tuple[bytes, bytes]:
            answer = self._answerer.answer(frames.with_handle(text, self._handles[target]), data)
            # The same call has the same answer: to seal it once is enough.
            self._sealed[target].setdefault(text + data, seal(text, data, *answer))
            return answer

        return ask

    def sealed(self) -> tuple[bytes, bytes]:
        """Return how many bytes of sealed answers each target has, as JSON, and all of them."""
        whole = {target: b"".join(found.values()) for target, found in self._sealed.items()}
        sizes = {target: len(answers) for target, answers in whole.items()}
        return json.dumps(sizes).encode("ascii"), b"".join(whole.values())
