"""Calls of the C library that Python has no name for."""

from __future__ import annotations

import ctypes
import os
from typing import Any

_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS = 1, 4, 22, 38

_libc: Any = ctypes.CDLL(None, use_errno=True)


def _call(name: str, *arguments: Any) -> int:
    result = int(getattr(_libc, name)(*arguments))
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}{arguments[:2]}: {os.strerror(number)}")
    return result


def _prctl(option: int, value: Any, third: Any = 0) -> None:
    _call("prctl", option, ctypes.c_ulong(value), third, 0, 0)
