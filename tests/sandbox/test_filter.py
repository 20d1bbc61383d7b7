"""The seccomp filter's decisions, by a small interpreter of its instructions, for each machine."""

from __future__ import annotations

import re
import struct
from pathlib import Path

import pytest

from grader.sandbox.confinement.seccomp import assemble
from grader.sandbox.confinement.syscalls import COMPUTE, KERNEL, LOOK, MACHINES

ALLOW, REFUSE, KILL = 0x7FFF0000, 0x00050001, 0x80000000
UNKNOWN, UNSUPPORTED = 0x00050000 | 38, 0x00050000 | 95
HEADERS = {
    "aarch64": "/usr/include/asm-generic/unistd.h",
    "x86_64": "/usr/include/x86_64-linux-gnu/asm/unistd_64.h",
}


def decide(code: bytes, number: int, audit: int, *arguments: int) -> int:
    """Return what the filter answers to a call; fails if it runs off its end."""
    data = struct.pack("<IIQ6Q", number, audit, 0, *arguments, *[0] * (6 - len(arguments)))
    program = list(struct.iter_unpack("<HBBI", code))
    place = value = 0
    while True:
        operation, then, otherwise, k = program[place]
        place += 1
        if operation == 0x20:
            (value,) = struct.unpack_from("<I", data, k)
        elif operation == 0x06:
            return k
        else:
            truth = {0x15: value == k, 0x35: value >= k, 0x45: bool(value & k)}[operation]
            place += then if truth else otherwise


@pytest.fixture(params=sorted(MACHINES))
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.mark.parametrize("look", [False, True])
def test_only_the_listed_calls_are_allowed(name: str, look: bool) -> None:
    """Of all numbers up to 600, exactly the lists' are allowed (with harmless arguments)."""
    table = MACHINES[name]
    code = assemble(table, look)
    listed = {*COMPUTE, *(LOOK if look else ()), "fcntl", "ioctl", "prlimit64"}
    listed |= {"openat", "open"} if look else set()
    allowed = set()
    for number in range(600):
        harmless = (0, 0x5401) if number == table.numbers["ioctl"] else (0, 0)
        if decide(code, number, table.audit, *harmless) == ALLOW:
            allowed.add(number)
    assert allowed == {table.numbers[n] for n in listed if n in table.numbers}


def test_a_kernel_is_allowed_threads_and_unix_sockets(name: str) -> None:
    """Beyond the usual list: its own, threads but no processes, unix sockets but no others."""
    table = MACHINES[name]
    code = assemble(table, True, kernel=True)
    here, numbers = table.audit, table.numbers
    allowed = {n for n in range(600) if decide(code, n, here, 0, 0) == ALLOW}
    conditional = {"fcntl", "prlimit64", "sched_setscheduler"}
    listed = {*COMPUTE, *LOOK, *KERNEL, *conditional}
    assert allowed == {numbers[n] for n in listed if n in numbers}
    for flags, answer in ((0x3D0F00, ALLOW), (0x11, REFUSE), (0x4111, REFUSE), (0, REFUSE)):
        assert decide(code, numbers["clone"], here, flags) == answer
    assert decide(code, numbers["clone3"], here, 0) == UNKNOWN
    for family, answer in ((1, ALLOW), (2, UNSUPPORTED), (10, UNSUPPORTED), (16, UNSUPPORTED)):
        assert decide(code, numbers["socket"], here, family, 1) == answer
    assert decide(code, numbers["socketpair"], here, 1, 1) == ALLOW
    assert decide(code, numbers["socketpair"], here, 2, 1) == REFUSE
    for command, answer in ((4, ALLOW), (8, REFUSE), (10, REFUSE)):
        assert decide(code, numbers["fcntl"], here, 3, command) == answer
    assert decide(code, numbers["ioctl"], here, 1, 0x5421) == ALLOW
    assert decide(code, numbers["ioctl"], here, 1, 0x5412) == REFUSE
    assert decide(code, numbers["sched_setscheduler"], here, 0, 1) == REFUSE


def test_another_architecture_and_x32_are_killed(name: str) -> None:
    """A call of the other machine's ABI, or with x32's bit, ends the process."""
    table = MACHINES[name]
    code = assemble(table, True)
    assert decide(code, table.numbers["read"], 0x40000003) == KILL  # i386
    if name == "x86_64":
        assert decide(code, 0x40000000 | table.numbers["read"], table.audit) == KILL


def test_arguments_decide_where_a_call_could_do_more(name: str) -> None:
    """No writing open, no F_SETOWN, no FIOASYNC, no limits of others, no new limits."""
    table = MACHINES[name]
    code = assemble(table, True)
    here, numbers = table.audit, table.numbers
    for flags, answer in ((0, ALLOW), (1, REFUSE), (2, REFUSE), (0o100, REFUSE)):
        assert decide(code, numbers["openat"], here, 0, 0, flags) == answer
    assert decide(code, numbers["openat"], here, 0, 0, 0o200000) == ALLOW  # O_DIRECTORY
    assert decide(code, numbers["openat"], here, 0, 0, 0o20200000) == REFUSE  # O_TMPFILE
    for command, answer in ((1, ALLOW), (8, REFUSE), (10, REFUSE), (4, REFUSE)):
        assert decide(code, numbers["fcntl"], here, 3, command) == answer
    for command, answer in ((0x5401, ALLOW), (0x5452, REFUSE), (0x5412, REFUSE)):
        assert decide(code, numbers["ioctl"], here, 1, command) == answer
    for pid, new, answer in ((0, 0, ALLOW), (7, 0, REFUSE), (0, 1 << 40, REFUSE), (0, 9, REFUSE)):
        assert decide(code, numbers["prlimit64"], here, pid, 7, new) == answer


def test_the_numbers_are_the_kernels(name: str) -> None:
    """Each number of the table is the one in the kernel's own header."""
    header = Path(HEADERS[name])
    if not header.exists():
        pytest.skip(f"{header} isn't installed")
    text = header.read_text()
    known = {
        symbol: int(number)
        for symbol, number in re.findall(r"#define __NR(?:3264)?_(\w+)\s+(\d+)", text)
    }
    if "fstatat" in known:
        known["newfstatat"] = known["fstatat"]
    wrong = {n: v for n, v in MACHINES[name].numbers.items() if known.get(n, v) != v}
    assert not wrong
    assert len(set(MACHINES[name].numbers) & set(known)) > 50
