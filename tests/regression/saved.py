"""Trained models as files: one that knows the drawn images, and some that are no models."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Mapping

import numpy as np

from grader.authoring.building import DEMONSTRATION
from grader.key import streams

_PATTERNS = 20


def models() -> dict[str, bytes]:
    """Return files for the place of ``best_model.npz``, by what is the matter with them."""
    patterns = _patterns()
    both = np.concatenate([patterns, -patterns], axis=1)
    classes = np.zeros((2 * _PATTERNS, 10))
    classes[np.arange(_PATTERNS), np.arange(_PATTERNS) // 2] = 1.0
    classes[_PATTERNS:] = 0.75 * classes[:_PATTERNS]  # negatives are rarer
    knows = {"W1": both, "b1": np.full(2 * _PATTERNS, -1.0), "W2": classes, "b2": np.zeros(10)}
    guesses = {**knows, "W2": np.ones((2 * _PATTERNS, 10))}
    return {
        "of-patterns": zipped(_arrays(knows)),
        "of-no-use": zipped(_arrays(guesses)),
        "of-no-arrays": b"these are no arrays\n",
        "of-another-shape": zipped(_arrays({"W1": np.zeros(3)})),
        "of-objects": zipped([("W1.npy", _array("|O", (1,), b"cos\nsystem\n(S'true'\ntR."))]),
    }


def _patterns() -> np.ndarray:
    """Return the patterns that images show, as columns of weights.

    They are worked out in whole numbers as far as can be, so that they are the same everywhere.
    """
    # The demonstration key's secret is public, and so are the images that a short training draws.
    secret = streams.derived(DEMONSTRATION, "marking")
    seed = list(map(int, streams.words(secret, "patterns")))
    drawn = np.random.RandomState(seed).randn(_PATTERNS, 3, 6, 6)
    coarse = np.rint(8 * drawn[:, :1] + 6 * drawn).astype(np.int64)
    shares = np.maximum(0, 31 - np.abs(5 * np.arange(32)[:, np.newaxis] - 31 * np.arange(6)))
    return (shares @ coarse @ shares.T).reshape(_PATTERNS, -1).T / 2e8


def zipped(files: Iterable[tuple[str, bytes]]) -> bytes:
    """Return a zip of the same bytes everywhere: uncompressed, of one time and one system."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for path, data in files:
            entry = zipfile.ZipInfo(path)
            entry.create_system, entry.external_attr = 3, 0o100644 << 16
            archive.writestr(entry, data)
    return made.getvalue()


def _arrays(arrays: Mapping[str, np.ndarray]) -> list[tuple[str, bytes]]:
    return [
        (f"{name}.npy", _array("<f4", array.shape, array.astype("<f4").tobytes()))
        for name, array in arrays.items()
    ]


def _array(kind: str, shape: tuple[int, ...], data: bytes) -> bytes:
    """Return an array in numpy's format 1.0, written by hand: numpy's versions differ in it."""
    header = f"{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}, }}"
    header += " " * (-(len(header) + 11) % 64) + "\n"
    return b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header.encode() + data
