"""Calls of the C library that Python has no name for."""

from __future__ import annotations

import ctypes
import os

PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS = 1, 4, 22, 38

LIBC = ctypes.CDLL(None, use_errno=True)


def call(name: str, *arguments: object) -> int:
    """Call the function *name* of the C library; raise :class:`OSError` where it fails."""
    result = int(getattr(LIBC, name)(*arguments))
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}{arguments[:2]}: {os.strerror(number)}")
    return result


def prctl(option: int, value: int, third: object = 0) -> None:
    """Call prctl(2); raise :class:`OSError` where it fails."""
    call("prctl", option, ctypes.c_ulong(value), third, 0, 0)
