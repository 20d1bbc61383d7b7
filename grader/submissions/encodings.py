"""A source file's bytes as UTF-8, which is what Python reads, whatever an editor made of them."""

from __future__ import annotations

import re

_MARKS = ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
#: A line that names an encoding, among a file's first two (PEP 263).
_DECLARED = re.compile(rb"^(?:[^\n]*\n)?[ \t\f]*#[^\n]*?coding[:=][ \t]*[-\w.]+")


def readable(data: bytes) -> tuple[bytes, str]:
    """Return *data* as Python reads it, and what was done to it ("" for nothing)."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _plain(data.decode(encoding, "replace")), "it is in UTF-16, and was read as that"
    if data.count(b"\0") > len(data) // 4:  # UTF-16 without its mark: every second byte
        encoding = "utf-16-le" if data[1::2].count(0) >= data[::2].count(0) else "utf-16-be"
        return _plain(data.decode(encoding, "replace")), "it is in UTF-16, and was read as that"
    said = ""
    if b"\0" in data:
        data, said = data.replace(b"\0", b""), "it holds null bytes, which were left out"
    if _DECLARED.match(data):
        return data, said
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        text = data.decode("cp1252", "replace")
        return _plain(text), "it isn't in UTF-8, and was read in Windows' encoding"
    return data, said


def _plain(text: str) -> bytes:
    return text.replace("\0", "").encode("utf-8", "replace")
