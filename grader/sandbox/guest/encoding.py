"""In the child: whatever a student's function returned, encoded as JSON text and bytes.

Unlike :func:`grader.model.trees.pack` this never raises, whatever it is given, and is bounded
throughout: what can't be encoded becomes ``{"$object": its type's name}``, a number of a class of
the student's own too. The JSON text is written
directly: to make objects for an encoder took longer than all else here. Functions of numpy are
held by reference, since a submission may have patched the module.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from json.encoder import encode_basestring_ascii as _quote

import numpy as np

from grader.model.programs import Failure
from grader.model.trees import DTYPES, MAX_DEPTH, MAX_NDIM, Array, Opaque
from grader.sandbox.guest.scope import Foreign

MAX_BYTES = 1 << 26
#: Fewer than the grader reads (:mod:`grader.sandbox.reply`).
MAX_NODES = 15_000
#: Names of parameters, gradients, entries of a config: printable ASCII, and no longer than this.
MAX_NAME = 64
MAX_STRING = 1000
_TOO_LARGE = "an array too large to compare"

_ndarray, _generic = np.ndarray, np.generic
_ascontiguousarray, _asarray = np.ascontiguousarray, np.asarray
_tobytes = np.ndarray.tobytes
_isfinite = math.isfinite
_DTYPES = dict(DTYPES)
# A dtype's name costs more to ask for than its array to copy.
_NAMES = {dtype: name for name, dtype in DTYPES.items()}
_WORDS = {None: "null", True: "true", False: "false"}
#: What begins an array's text and its bytes, by dtype and shape: most come again and again.
_heads: dict[tuple[object, tuple[int, ...]], tuple[str, int]] = {}
_MAX_HEADS = 4096


class Packer:
    """Encodes the outputs of one run; ``parts`` are the bytes of all their arrays, in order."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []
        self.size = 0
        self.nodes = 0

    def pack(self, value: Foreign, depth: int = 0) -> str:
        """Return the JSON text of *value*; its arrays go into ``parts``. Never raises."""
        self.nodes += 1
        if self.nodes > MAX_NODES or depth > MAX_DEPTH - 2:
            return _object("something too large or too deep")
        kind = type(value)
        if kind is _ndarray:
            return self._array(value)
        if value is None or kind is bool:
            return _WORDS[value]
        if kind is int:
            if -(2**63) <= value < 2**63:
                return int.__repr__(value)
            return _object("an integer beyond 64 bits")
        if kind is Opaque:
            return _object(value.type[:80])
        if kind is float:
            text = float.__repr__(value)
            return text if _isfinite(value) else f'{{"$float":"{text}"}}'
        before, size = len(self.parts), self.size
        try:
            if isinstance(value, _ndarray):
                # A matrix, a masked array: its operators mean something else from here on.
                return _object(_name(kind))
            if isinstance(value, _generic):
                return self._array(_asarray(value))
            # By the base's own methods: a subclass may iterate without end.
            if isinstance(value, (list, tuple)):
                base: type[Foreign] = list if isinstance(value, list) else tuple
                children = self._children(base.__len__(value), base.__iter__(value), depth)
                return f"[{','.join(children)}]"
            if isinstance(value, dict):
                pairs = dict.items(value)
                children = self._children(dict.__len__(value), (v for _, v in pairs), depth)
                return entries(dict(zip(_names(pairs), children, strict=True)))
            if isinstance(value, str):
                return _quote(str.__str__(value)[:MAX_STRING])
        except Exception:
            # Arrays of a value that doesn't cross don't cross either: no byte without its array.
            del self.parts[before:]
            self.size = size
        return _object(_name(kind))

    def _children(self, length: int, children: Iterator[object], depth: int) -> list[str]:
        if self.nodes + length > MAX_NODES:
            raise ValueError("too many values")
        return [self.pack(child, depth + 1) for child in children]

    def _array(self, value: Array) -> str:
        known = _heads.get((value.dtype, value.shape))
        if known is None:
            name = _NAMES.get(value.dtype)
            if name is None:  # another byte order, or nothing that can cross
                name = value.dtype.name
                if name not in _DTYPES:
                    return _object(f"an array of dtype {name[:40]}")
                value = _ascontiguousarray(value, dtype=_DTYPES[name])
            if value.ndim > MAX_NDIM:
                return _object(_TOO_LARGE)
            shape = ",".join(map(str, value.shape))
            known = f'{{"$array":["{name}",[{shape}],', value.nbytes
            if len(_heads) < _MAX_HEADS:
                _heads[value.dtype, value.shape] = known
        head, length = known
        offset = self.size
        if offset + length > MAX_BYTES:
            return _object(_TOO_LARGE)
        padding = -length % 8
        self.parts.append(_tobytes(value))
        if padding:
            self.parts.append(b"\0" * padding)
        self.size = offset + length + padding
        return f"{head}{offset}]}}"


def entries(texts: Mapping[str, str]) -> str:
    """Return the JSON object with the values *texts*, by name."""
    return f"{{{','.join([f'{_quote(name)}:{text}' for name, text in texts.items()])}}}"


def outcome(gave: Mapping[str, str], failed: Failure | None, notes: Sequence[str]) -> str:
    """Return the JSON text of one example's outcome; what it *gave* is packed already."""
    failure = "null" if failed is None else Packer().pack(vars(failed))
    noted = Packer().pack(notes) if notes else "[]"
    return f'{{"gave":{entries(gave)},"failed":{failure},"notes":{noted}}}'


def _object(name: str) -> str:
    return f'{{"$object":{_quote(name)}}}'


def _names(pairs: Iterable[tuple[object, object]]) -> list[str]:
    """Return a dict's keys as names that can cross, each another one."""
    names: dict[str, None] = {}
    for number, (key, _) in enumerate(pairs):
        text = key if type(key) is str else repr(key)
        fits = 0 < len(text) <= MAX_NAME and text.isascii() and text.isprintable()
        if not fits or text.startswith("$") or text in names:
            text = f"entry {number}"
        names[text] = None
    return list(names)


def _name(kind: type) -> str:
    try:
        return str(kind.__name__)[:80]
    except BaseException:
        return "object"
