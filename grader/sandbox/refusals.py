"""Which isolation levels a sandbox tries, and what it says where none can be had."""

from __future__ import annotations

from collections.abc import Sequence

from grader.sandbox.errors import IsolationUnavailable
from grader.sandbox.protocol.levels import CONFINED, LEVELS

_WAY_OUT = (
    "`grader doctor` says what this machine has and what it would take. To run the code without "
    "isolation, on your own work only, say --allow-unsandboxed."
)

_NO_KERNEL = (
    "--engine kernel runs notebooks at the isolation level {level} only, which isn't to be had "
    "here ({reason}): install what is missing of bubblewrap, on a host that allows namespaces, and "
    "ipykernel, beside the grader, or grade with --engine cells."
)


def order(level: str | None, allow_unsandboxed: bool) -> list[str]:
    """Return the levels to try, strongest first: *level* alone, where one is asked for.

    Raises :class:`~grader.sandbox.errors.IsolationUnavailable` for one that isn't there, or that
    holds nothing back and isn't allowed.
    """
    if level is not None and level not in LEVELS:
        known = ", ".join(LEVELS)
        raise IsolationUnavailable(
            f"There is no isolation level {level!r}; there are {known}.", "unknown"
        )
    if level is not None and level not in CONFINED and not allow_unsandboxed:
        why = f"The isolation level {level} holds nothing back."
        raise IsolationUnavailable(f"{why} {_WAY_OUT}", why)
    if level is not None:
        return [level]
    return [each for each in reversed(LEVELS) if allow_unsandboxed or each in CONFINED]


def none_holds(asked: str | None, reasons: Sequence[str]) -> IsolationUnavailable:
    """Return what to raise where the level *asked*, or any, isn't to be had for these *reasons*."""
    what = f"The isolation level {asked} isn't" if asked else "No level that holds is"
    reason = "; ".join(reasons)
    return IsolationUnavailable(f"{what} to be had here: {reason}. {_WAY_OUT}", reason)


def no_kernel(reason: str) -> IsolationUnavailable:
    """Return what to raise where no kernel can be confined."""
    return IsolationUnavailable(_NO_KERNEL.format(level=LEVELS[-1], reason=reason), reason)
