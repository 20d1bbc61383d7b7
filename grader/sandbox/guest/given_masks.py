"""In the child: two functions that draw a mask and use it again, answered for with given masks.

What a network makes of its masks can then be compared by value, whatever its own code draws. A
stand-in is put into every module of the package in which the student's own function stands, under
whatever name, and is taken out again after the example.
"""

from __future__ import annotations

import sys
import types
from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np

from grader.model.trees import Array
from grader.sandbox.guest.scope import Foreign

#: How many calls are written down at most.
MOST = 64
#: What is written down in the place of a number that isn't there.
NONE = -1.0

_ndarray, _append, _empty = np.ndarray, np.append, np.empty
_PLAIN = (bool, int, float, np.bool_, np.float32, np.float64, np.int32, np.int64)

Function = Callable[..., object]


class GivenMasks:
    """Stands in for *forward*, ``(x, param) -> (out, cache)``, and *backward*, ``(dout, cache)``.

    In mode ``train`` the forward function multiplies by the next of *masks*, else it returns x;
    the backward one multiplies by the mask of its cache, ``(param, mask)``. ``record`` holds an
    entry for each forward call: ``p``, ``train`` (1 or 0), ``seed`` and ``fits`` (whether x has the
    mask's shape); and under ``backward`` how often that was called.
    """

    def __init__(
        self, masks: Sequence[Array], forward: Function | None, backward: Function | None
    ) -> None:
        self._masks = iter(masks)
        self._own_forward, self._own_backward = forward, backward
        #: A table of functions that was made meanwhile keeps a stand-in: it is the student's then.
        self._answers = True
        self.record: dict[str, Foreign] = {
            name: _empty(0) for name in ("p", "train", "seed", "fits")
        }
        self.record["backward"] = 0
        # Held, since a bound method is another object at each look.
        instead = (self._forward, self._backward)
        owns = zip((forward, backward), instead, strict=True)
        self._pairs = [(own, stand_in) for own, stand_in in owns if own is not None]
        self._package = ""

    def install(self, package: str) -> None:
        """Put the stand-ins in the place of the two functions in every module of *package*."""
        self._package = package
        self._swap(self._pairs)

    def restore(self) -> None:
        """Put the student's own functions back, wherever a stand-in has got to."""
        self._answers = False
        self._swap([(instead, own) for own, instead in self._pairs])

    def _swap(self, pairs: Sequence[tuple[object, object]]) -> None:
        for names in _namespaces(self._package):
            for name, value in list(names.items()):
                for old, new in pairs:
                    if value is old:
                        names[name] = new

    def _forward(self, *args: Foreign, **kwargs: Foreign) -> object:
        if not self._answers and self._own_forward is not None:
            return self._own_forward(*args, **kwargs)
        # By position or under whatever names: one of the two is a dict.
        x, param = (*args, *kwargs.values())
        if isinstance(x, Mapping):
            x, param = param, x
        train = param["mode"] == "train"
        mask = next(self._masks, None) if train else None
        fits = not train or (mask is not None and np.shape(x) == mask.shape)
        self._write(
            p=_number(param.get("p")), train=train, seed=_number(param.get("seed")), fits=fits
        )
        if mask is None or not fits:
            return x, (param, None)
        return x * mask, (param, mask)

    def _backward(self, *args: Foreign, **kwargs: Foreign) -> object:
        dout, cache = (*args, *kwargs.values())
        mine = self._answers and isinstance(cache, tuple) and len(cache) == 2
        if not mine and self._own_backward is not None:
            return self._own_backward(*args, **kwargs)
        self.record["backward"] += 1
        mask = cache[1]
        return dout * mask if isinstance(mask, _ndarray) else dout

    def _write(self, **call: float) -> None:
        if len(self.record["p"]) < MOST:
            for name, value in call.items():
                self.record[name] = _append(self.record[name], float(value))


def _namespaces(package: str) -> Iterator[dict[str, object]]:
    """Yield the names of each loaded module of *package*."""
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] == package and type(module) is types.ModuleType:
            yield module.__dict__


def _number(value: Foreign) -> float:
    """Return a plain number; an object of a student's own class is none."""
    return float(value) if type(value) in _PLAIN else NONE
