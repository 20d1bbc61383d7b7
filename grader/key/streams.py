"""One secret, many streams: each use of a key's secret draws from a stream of its own.

A stream's seed is a hash of the secret and of what it is for, 256 bits long. Who sees all that one
stream gives knows nothing of another: nothing that is shown may come from one that also makes
something hidden.
"""

from __future__ import annotations

import hashlib
import secrets
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

#: Bits that a secret has at least.
LEAST_BITS = 128


def fresh() -> str:
    """Return a new secret."""
    return secrets.token_hex(32)


def derived(secret: str, purpose: str) -> str:
    """Return the secret that *secret* is for one *purpose*, in hexadecimal."""
    length = len(secret.encode()).to_bytes(8, "big")  # so that no two pairs are one text
    return hashlib.sha256(length + secret.encode() + purpose.encode()).hexdigest()


def words(secret: str, purpose: str) -> npt.NDArray[np.uint32]:
    """Return the seed of a stream as eight words, as numpy's older generators take one."""
    return np.frombuffer(bytes.fromhex(derived(secret, purpose)), ">u4").astype(np.uint32)


def stream(secret: str, purpose: str) -> np.random.Generator:
    """Return the generator of *secret* for one *purpose*."""
    return np.random.default_rng(words(secret, purpose))
