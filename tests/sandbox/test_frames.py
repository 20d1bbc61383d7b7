"""Whatever bytes a child sends, the grader reads frames and plain data or says that it can't."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.model.programs import Outcome, Program, Run
from grader.model.trees import DTYPES, Opaque
from grader.sandbox.guest.encoding import Packer, outcome
from grader.sandbox.protocol import frames as wire
from grader.sandbox.reply import Reply

RUN = Run("run", Program((), {"out": {"@": "f"}}), [{"x": 0.0}])
KINDS = st.sampled_from([wire.READY, wire.IMPORTING, wire.IMPORTED, wire.OUTCOMES])
FRAMES = st.tuples(
    KINDS, st.binary(max_size=300), st.binary(max_size=300), st.integers(0, (1 << 24) - 1)
)
PLAIN = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
TREES = st.recursive(
    PLAIN,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
HEADERS = st.fixed_dictionaries(
    {"$array": st.tuples(st.sampled_from([*DTYPES, "object", 3]), st.lists(st.integers()), TREES)}
)


def decode(*chunks: bytes) -> list[wire.Frame]:
    decoder = wire.Decoder()
    found = []
    for chunk in chunks:
        decoder.feed(chunk)
        while (frame := decoder.next()) is not None:
            found.append(frame)
    return found


@given(st.lists(FRAMES), st.data())
def test_frames_come_out_as_they_went_in_however_they_are_cut(
    frames: list[tuple[int, bytes, bytes, int]], data: st.DataObject
) -> None:
    """A stream of frames reads back the same in any chunks."""
    stream = b"".join(wire.frame(*frame) for frame in frames)
    places = data.draw(st.lists(st.integers(0, len(stream)), max_size=5).map(sorted))
    chunks = [stream[a:b] for a, b in zip([0, *places], [*places, len(stream)], strict=True)]
    assert decode(*chunks) == frames


def test_a_frame_larger_than_the_buffer_comes_out_whole() -> None:
    """A frame of a megabyte, then a small one, read in pieces of any size."""
    large = wire.frame(wire.OUTCOMES, b"[]", bytes(1 << 20))
    stream = large + wire.frame(wire.OUTCOMES, b"[1]")
    pieces = [stream[i : i + 70_001] for i in range(0, len(stream), 70_001)]
    assert [len(frame.data) for frame in decode(*pieces)] == [1 << 20, 0]


@given(st.binary(max_size=200))
def test_any_bytes_give_frames_or_are_called_garbled(junk: bytes) -> None:
    """Random bytes never raise anything but Garbled, and never make a large buffer."""
    decoder = wire.Decoder()
    decoder.feed(junk)
    try:
        while decoder.next() is not None:
            pass
    except wire.Garbled:
        pass
    assert len(decoder._buffer) <= wire.MAX_TEXT + wire.MAX_DATA + 2 * wire._CHUNK


@pytest.mark.parametrize(
    "head",
    [
        (wire.OUTCOMES, wire.MAX_TEXT + 1, 0),
        (wire.OUTCOMES, 0, wire.MAX_DATA + 1),
        (wire.OUTCOMES, 0xFFFFFFFF, 0xFFFFFFFF),
        (wire.PACKAGE, 0, 0),
        (0, 0, 0),
    ],
)
def test_a_header_beyond_the_bounds_is_refused_before_anything_is_allocated(
    head: tuple[int, int, int],
) -> None:
    """Too long, or of a kind that children don't send: the header alone is enough."""
    decoder = wire.Decoder()
    decoder.feed(wire.HEAD.pack(*head))
    with pytest.raises(wire.Garbled):
        decoder.next()
    assert len(decoder._buffer) == wire._CHUNK


def check_plain(value: Any) -> None:
    """Fail unless *value* is built of the exact types that may cross."""
    kind = type(value)
    assert kind in (type(None), bool, int, float, str, list, dict, np.ndarray, Opaque)
    if kind is np.ndarray:
        assert value.dtype in DTYPES.values()
        assert not value.flags.writeable
    for child in value.values() if kind is dict else value if kind is list else ():
        check_plain(child)


def check_reply(text: bytes, data: bytes) -> None:
    outcomes = Reply(RUN, text, data, None).outcomes
    assert len(outcomes) == 1
    check_plain(dict(outcomes[0].gave))
    said = outcomes[0].failed
    json.dumps(vars(said) if said else None, ensure_ascii=False).encode("utf-8")


@given(TREES | HEADERS, TREES, TREES, st.binary(max_size=64))
def test_any_json_decodes_to_plain_data(out: Any, failed: Any, notes: Any, data: bytes) -> None:
    """Outputs, failures and notes of any JSON give outcomes of plain types only."""
    answer = [{"gave": {"out": out}, "failed": failed, "notes": notes}]
    check_reply(json.dumps(answer).encode(), data)


@given(st.binary(max_size=300), st.binary(max_size=64))
def test_any_text_decodes_to_plain_data(text: bytes, data: bytes) -> None:
    """Bytes that are no JSON at all give a failure, not an exception."""
    check_reply(text, data)


@settings(max_examples=200)
@given(st.data())
def test_a_damaged_reply_decodes_to_plain_data(data: st.DataObject) -> None:
    """A right answer in which some bytes were changed."""
    packer = Packer()
    out = packer.pack({"a": np.ones((2, 3)), "b": [1.5, "text", None], "c": np.int8(4)})
    text = bytearray(f"[{outcome({'out': out}, None, ['changed:x'])}]".encode())
    for place in data.draw(st.lists(st.integers(0, len(text) - 1), min_size=1, max_size=4)):
        text[place] = data.draw(st.integers(32, 126))
    check_reply(bytes(text), b"".join(packer.parts))


@pytest.mark.parametrize(
    "text",
    [
        b"[" * 100_000,
        b"[1" + b"0" * 10_000 + b"]",
        b'[{"gave":{"out":NaN},"failed":null,"notes":[]}]',
        b'[{"gave":{"out":{"$array":["float64",[1099511627775,9],0]}},"failed":null,"notes":[]}]',
        b'[{"gave":{"out":{"$array":["float64",[-1],0]}},"failed":null,"notes":[]}]',
        b'[{"gave":{"out":{"$array":["object",[1],0]}},"failed":null,"notes":[]}]',
        b'[{"gave":{},"failed":{"stage":"passed"},"notes":[]}]',
        b"[]",
    ],
)
def test_a_reply_that_lies_is_no_answer(text: bytes) -> None:
    """Deep, huge, ill-typed or short replies become the stage ``died``."""
    outcome = Reply(RUN, text, b"", None).outcomes[0]
    assert outcome.failed is not None
    assert outcome.failed.stage == "died"
    assert not outcome.gave


def said(gave: Any, failed: Any = None, notes: Any = ()) -> Outcome:
    """Return how the reader takes an answer of these parts to a run that calls ``layers:f``."""
    answer = [{"gave": gave, "failed": failed, "notes": list(notes)}]
    step = ["call", "f", "layers:f", [{"$": "x"}], {}]
    asked = Run("run", Program((step,), {"out": {"@": "f"}}), [{"x": 0.0}])
    return Reply(asked, json.dumps(answer).encode(), b"", {"layers.py": 9}).outcomes[0]


def test_texts_of_a_reply_are_cleaned() -> None:
    """Control, direction and surrogate characters don't come through an exception's text."""
    nasty = "a\x1b[31m\u202eb\ud800\u200b"
    failed = said({}, {"stage": "raised", "type": "Evil", "text": nasty, "line": 3}).failed
    assert failed is not None
    assert (failed.type, failed.text) == ("Exception", "a[31mb")


@pytest.mark.parametrize("line", [0, 3])
@pytest.mark.parametrize(
    ("field", "value", "read"),
    [
        ("target", "layers:f", "layers:f"),
        ("target", "secret 0.25", ""),
        ("file", "layers.py", "layers.py"),
        ("file", "0.25 is x.py", ""),
        ("caller_file", "layers.py", "layers.py"),
        ("caller_file", "0.25 is x.py", ""),
        ("type", "ValueError", "ValueError"),
        ("type", "X025", "Exception"),
    ],
)
def test_fields_of_a_failure_are_words_that_were_possible(
    field: str, value: str, read: str, line: int
) -> None:
    """A file of the package, a function that was called, a built-in exception: nothing else."""
    failed = said({}, {"stage": "raised", "line": line, field: value}).failed
    assert failed is not None
    assert getattr(failed, field) == read


@pytest.mark.parametrize(
    ("line", "read"), [(0, 0), (9, 9), (10, 10), (11, 0), (1 << 20, 0), (-3, 0)]
)
def test_a_line_is_one_of_the_file(line: int, read: int) -> None:
    """A number that is no line of the file, or of the one after its last, isn't read."""
    failed = said({}, {"stage": "raised", "file": "layers.py", "line": line}).failed
    assert failed is not None
    assert failed.line == read
    assert failed.file == ("layers.py" if line == read else "")
    called = {"stage": "raised", "caller_file": "layers.py", "caller_line": line}
    failed = said({}, called).failed
    assert failed is not None
    assert failed.caller_line == read


@pytest.mark.parametrize(
    ("note", "kept"),
    [
        ("changed:x", True),
        ("changed:0.25", False),
        ("calls:f:f:12", True),
        ("calls:f:0.25:12", False),
        ("calls:f:f:12345678901234567890", False),
        ("0.25", False),
    ],
)
def test_notes_are_those_that_could_be_made(note: str, kept: bool) -> None:
    """A note names an input of the run, or functions that it calls and a short number."""
    assert bool(said({"out": 1}, notes=[note]).notes) == kept


@pytest.mark.parametrize(
    "out",
    [
        "0.25",
        {"$object": "0.25"},
        {"$object": "an array of dtype secret"},
        {"$object": "secret in place of several values"},
    ],
)
def test_no_value_is_a_text(out: Any) -> None:
    """A text or a class of the student's own becomes a word of the grader's."""
    read = said({"out": out}).gave["out"]
    assert isinstance(read, Opaque)
    assert not {"0.25", "secret"} & set(read.type.split())


@pytest.mark.parametrize(
    "text",
    [
        b'[{"gave":{"out":1,"out":2},"failed":null,"notes":[]}]',
        b'[{"gave":{"out\\u200b":1},"failed":null,"notes":[]}]',
        b'[{"gave":{"other":1},"failed":null,"notes":[]}]',
        b'[{"gave":{"out":{"a\xc3\xa9":1}},"failed":null,"notes":[]}]',
        b'[{"gave":{"out":{"' + b"a" * 65 + b'":1}},"failed":null,"notes":[]}]',
        b'[{"gave":{"out":1' + b"0" * 30 + b'},"failed":null,"notes":[]}]',
        b'[{"gave":{"out":1e400},"failed":null,"notes":[]}]',
        b'[{"gave":{"out":' + b"9" * 5000 + b'},"failed":null,"notes":[]}]',
        b'[{"gave":{"out":[' + b"1," * 30_000 + b'1]},"failed":null,"notes":[]}]',
        b'[{"gave":{},"failed":null,"notes":[],"more":0}]',
    ],
)
def test_what_could_not_be_said_makes_a_reply_garbled(text: bytes) -> None:
    """Names twice, cleaned or unasked for, wide numbers, and more values than were asked for."""
    failed = Reply(RUN, text, b"", None).outcomes[0].failed
    assert failed is not None
    assert failed.stage == "died"


@pytest.mark.parametrize(
    ("specs", "size"),
    [
        ([["float64", [1], 0]], 16),
        ([["float64", [1], 8]], 16),
        ([["float64", [1], 0], ["float64", [1], 0]], 8),
        ([["float64", [2], 0]], 8),
        ([["float32", [1], 0]], 4),
    ],
)
def test_each_byte_belongs_to_one_array(specs: list[Any], size: int) -> None:
    """Bytes left over, shared or missing, or no padding, make a reply garbled."""
    out = [{"$array": spec} for spec in specs]
    text = json.dumps([{"gave": {"out": out}, "failed": None, "notes": []}]).encode()
    failed = Reply(RUN, text, bytes(size), None).outcomes[0].failed
    assert failed is not None
    assert failed.stage == "died"


class Hostile:
    """Every question asked of it raises."""

    def __getattribute__(self, name: str) -> Any:
        raise RuntimeError(name)


class Endless(list):  # type: ignore[type-arg]
    """A list that never ends."""

    def __iter__(self) -> Any:
        while True:
            yield 1


def test_what_cannot_cross_is_named_and_bounded() -> None:
    """Objects, huge views, deep and endless lists become a name, and so do kinds of arrays."""
    cyclic: list[Any] = []
    cyclic.append(cyclic)
    odd = [
        Hostile(),
        np.broadcast_to(1.0, (1 << 20, 1 << 20)),
        np.array([object()]),
        10**30,
        lambda: 0,
    ]
    for value in odd:
        assert "$object" in Packer().pack(value)
    for value in (cyclic, Endless()):
        json.loads(Packer().pack(value))
    assert pack_reply(np.asmatrix([1.0, 2.0])) == Opaque("matrix")
    assert pack_reply(np.ma.masked_array([1.0, 2.0], mask=[False, True])) == Opaque("MaskedArray")


def pack_reply(value: Any) -> Any:
    packer = Packer()
    text = f"[{outcome({'out': packer.pack(value)}, None, [])}]".encode()
    return Reply(RUN, text, b"".join(packer.parts), None).outcomes[0].gave["out"]


@pytest.mark.parametrize("name", sorted(DTYPES))
def test_every_dtype_crosses_unchanged(name: str) -> None:
    """Values, shape and dtype are the same on the other side, big-endian ones too."""
    value = np.array([[0, 1, 2], [3, 4, 5]]).astype(name).T
    for form in (value, value.astype(value.dtype.newbyteorder(">")), np.asarray(value[1, 1])):
        came = pack_reply(form)
        assert came.dtype == DTYPES[name]
        assert came.shape == form.shape
        assert np.array_equal(came, form)


def test_floats_stay_floats_and_numpy_scalars_become_arrays() -> None:
    """A Python float stays one, also where it isn't finite; np.float64 has shape ()."""
    assert pack_reply(0.1) == 0.1
    assert type(pack_reply(0.1)) is float
    assert math.isinf(pack_reply(float("-inf")))
    assert pack_reply(np.float64(0.1)).shape == ()
