"""The one encoding of trees: what goes in comes out, and what is malformed never does."""

import contextlib
import json
import unicodedata
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.model.trees import DTYPES, Malformed, Opaque, clean, dumps, pack, unpack

arrays = st.builds(
    lambda shape, dtype, seed: (
        np.random.default_rng(seed).integers(0, 100, shape).astype(DTYPES[dtype])
    ),
    st.lists(st.integers(0, 4), max_size=4),
    st.sampled_from(sorted(DTYPES)),
    st.integers(0, 99),
)
leaves = (
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False)
    | st.text(max_size=8)
    | arrays
)
names = st.text(max_size=6).filter(lambda name: not name.startswith("$"))
trees = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=8,
)


def same(one: Any, other: Any) -> bool:
    if isinstance(one, np.ndarray):
        return (
            one.dtype == other.dtype
            and one.shape == other.shape
            and one.tobytes() == other.tobytes()
        )
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[k], other[k]) for k in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same, one, other))
    return type(one) is type(other) and one == other


@given(trees)
def test_a_tree_comes_back_as_it_was(tree: Any) -> None:
    """Packing, writing as JSON and reading gives the same tree with the same bytes."""
    text, data = pack(tree)
    assert same(unpack(json.loads(dumps(text)), data), tree)


texts = st.recursive(
    leaves.filter(lambda leaf: not isinstance(leaf, np.ndarray)),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["$array", "$object", "$float", "a"]), inner, max_size=2)
    ),
    max_leaves=12,
)


@given(texts, st.binary(max_size=64))
def test_any_json_is_read_or_refused(text: Any, data: bytes) -> None:
    """Whatever a stranger sends, reading gives a tree or raises Malformed, and nothing else."""
    with contextlib.suppress(Malformed):
        unpack(text, data)


@pytest.mark.parametrize(
    "spec",
    [
        ["object", [1], 0],
        ["float64", [1 << 62], 0],
        ["float64", [-1], 0],
        ["float64", [True], 0],
        ["float64", [2], 0],
        ["float64", [1], 8],
        ["float64", [1], -8],
        ["float64", [1] * 20, 0],
        ["float64", [1]],
        ["U8", [1], 0],
        "float64",
    ],
)
def test_an_array_that_lies_is_refused(spec: Any) -> None:
    """A dtype off the list, a shape that isn't one, or bytes that aren't there raise Malformed."""
    with pytest.raises(Malformed):
        unpack({"$array": spec}, bytes(8))


def test_arrays_that_share_bytes_are_counted_each() -> None:
    """Many headers over the same few bytes can't claim more than the bound."""
    with pytest.raises(Malformed):
        unpack([{"$array": ["float64", [100], 0]}] * 100, bytes(800), max_bytes=8000)


def test_what_came_can_not_be_written_into() -> None:
    """An unpacked array is a read-only view."""
    text, data = pack(np.ones(3))
    with pytest.raises(ValueError, match="read-only"):
        unpack(text, data)[0] = 2.0


def test_an_object_crosses_as_its_name_only() -> None:
    """An object that can't cross reads back as Opaque with a cleaned, bounded name."""
    assert unpack({"$object": "a\x1b[31m" + "b" * 500}, b"") == Opaque("a[31m" + "b" * 74 + "…")


def test_what_can_not_be_packed_is_refused() -> None:
    """Objects, and keys that could be taken for the encoding's own, raise TypeError."""
    for wrong in (object(), {"$array": 1}, {1: 2}, np.array([None]), np.array(["a"])):
        with pytest.raises(TypeError):
            pack(wrong)


def test_cleaned_text_has_no_control_characters() -> None:
    """Terminal escapes, direction marks and lone surrogates go; newlines and accents stay."""
    assert clean("é\n\x1b[2J\u202eabc\ud800\x00", 50) == "é\n[2Jabc"
    assert clean("x" * 100, 10) == "x" * 9 + "…"


@given(st.text(max_size=40))
def test_cleaning_takes_no_other_character(text: str) -> None:
    """What is printable stays to the letter, and nothing but newlines and blanks beside it."""
    kept = clean(text, 40)
    assert all(c.isprintable() or c == "\n" or unicodedata.category(c) == "Zs" for c in kept)
    assert [c for c in kept if c.isprintable() and c != " "] == [
        c for c in text if c.isprintable() and c != " "
    ]
