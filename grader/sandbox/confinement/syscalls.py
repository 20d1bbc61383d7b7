"""Syscall numbers, by the names of the kernel's tables, for the machines that are known.

The x86_64 numbers are those of ``arch/x86/entry/syscalls/syscall_64.tbl``, the aarch64 ones
those of ``include/uapi/asm-generic/unistd.h``. A name that a machine hasn't got is left out.
"""

from __future__ import annotations

import platform
from typing import NamedTuple


def _names(text: str) -> tuple[str, ...]:
    return tuple(text.split())


#: What any computation may do: its memory, its clocks, its own pipes and signals.
COMPUTE = _names(
    "read write readv writev pread64 lseek close fstat mmap munmap mremap mprotect madvise brk "
    "rt_sigaction rt_sigprocmask rt_sigreturn sigaltstack futex clock_gettime clock_getres "
    "clock_nanosleep nanosleep gettimeofday time getrandom exit exit_group getpid getppid gettid "
    "getuid geteuid getgid getegid sched_yield sched_getaffinity poll ppoll select pselect6 uname "
    "sysinfo getrusage times setitimer getcwd set_robust_list rseq restart_syscall"
)

#: What importing a module from disk needs besides; Landlock says from where.
LOOK = _names(
    "newfstatat stat lstat statx access faccessat faccessat2 readlink readlinkat getdents64"
)

#: What a Jupyter kernel and its client need besides: threads that signal one another, unix sockets
#: between the two, files in a folder that lasts as long as they do.
KERNEL = _names(
    "dup dup2 dup3 pipe2 eventfd2 epoll_create1 epoll_ctl epoll_wait epoll_pwait bind listen "
    "accept accept4 connect getsockname getpeername getsockopt setsockopt sendto recvfrom sendmsg "
    "recvmsg shutdown getpgid getpgrp openat open mkdir mkdirat unlink unlinkat rmdir rename "
    "renameat renameat2 pwrite64 ftruncate fsync chmod fchmod fchmodat umask sched_getparam "
    "sched_getscheduler"
)


class Machine(NamedTuple):
    """A machine's audit name, syscall numbers, and the first number that must be refused."""

    audit: int
    numbers: dict[str, int]
    foreign: int | None


_X86_64 = (
    "read=0 write=1 open=2 close=3 stat=4 fstat=5 lstat=6 poll=7 lseek=8 mmap=9 mprotect=10 "
    "munmap=11 brk=12 rt_sigaction=13 rt_sigprocmask=14 rt_sigreturn=15 ioctl=16 pread64=17 "
    "pwrite64=18 readv=19 writev=20 access=21 select=23 sched_yield=24 mremap=25 madvise=28 "
    "dup=32 dup2=33 nanosleep=35 setitimer=38 getpid=39 socket=41 connect=42 accept=43 sendto=44 "
    "recvfrom=45 sendmsg=46 recvmsg=47 shutdown=48 bind=49 listen=50 getsockname=51 "
    "getpeername=52 socketpair=53 setsockopt=54 getsockopt=55 clone=56 exit=60 uname=63 fcntl=72 "
    "fsync=74 ftruncate=77 getcwd=79 rename=82 mkdir=83 rmdir=84 unlink=87 readlink=89 chmod=90 "
    "fchmod=91 umask=95 gettimeofday=96 getrusage=98 sysinfo=99 times=100 getuid=102 getgid=104 "
    "geteuid=107 getegid=108 getppid=110 getpgrp=111 getpgid=121 sigaltstack=131 "
    "sched_getparam=143 sched_setscheduler=144 sched_getscheduler=145 gettid=186 time=201 "
    "futex=202 sched_getaffinity=204 getdents64=217 restart_syscall=219 clock_gettime=228 "
    "clock_getres=229 clock_nanosleep=230 exit_group=231 epoll_wait=232 epoll_ctl=233 openat=257 "
    "mkdirat=258 newfstatat=262 unlinkat=263 renameat=264 readlinkat=267 fchmodat=268 "
    "faccessat=269 pselect6=270 ppoll=271 set_robust_list=273 epoll_pwait=281 accept4=288 "
    "eventfd2=290 epoll_create1=291 dup3=292 pipe2=293 prlimit64=302 renameat2=316 getrandom=318 "
    "statx=332 rseq=334 clone3=435 faccessat2=439 landlock_create_ruleset=444 "
    "landlock_add_rule=445 landlock_restrict_self=446"
)
_AARCH64 = (
    "getcwd=17 eventfd2=19 epoll_create1=20 epoll_ctl=21 epoll_pwait=22 dup=23 dup3=24 fcntl=25 "
    "ioctl=29 mkdirat=34 unlinkat=35 renameat=38 ftruncate=46 faccessat=48 fchmod=52 fchmodat=53 "
    "openat=56 close=57 pipe2=59 getdents64=61 lseek=62 read=63 write=64 readv=65 writev=66 "
    "pread64=67 pwrite64=68 pselect6=72 ppoll=73 readlinkat=78 newfstatat=79 fstat=80 fsync=82 "
    "exit=93 exit_group=94 futex=98 set_robust_list=99 nanosleep=101 setitimer=103 "
    "clock_gettime=113 clock_getres=114 clock_nanosleep=115 sched_setscheduler=119 "
    "sched_getscheduler=120 sched_getparam=121 sched_getaffinity=123 sched_yield=124 "
    "restart_syscall=128 sigaltstack=132 rt_sigaction=134 rt_sigprocmask=135 rt_sigreturn=139 "
    "times=153 getpgid=155 uname=160 getrusage=165 umask=166 gettimeofday=169 getpid=172 "
    "getppid=173 getuid=174 geteuid=175 getgid=176 getegid=177 gettid=178 sysinfo=179 socket=198 "
    "socketpair=199 bind=200 listen=201 accept=202 connect=203 getsockname=204 getpeername=205 "
    "sendto=206 recvfrom=207 setsockopt=208 getsockopt=209 shutdown=210 sendmsg=211 recvmsg=212 "
    "brk=214 munmap=215 mremap=216 clone=220 mmap=222 mprotect=226 madvise=233 accept4=242 "
    "prlimit64=261 renameat2=276 getrandom=278 statx=291 rseq=293 clone3=435 faccessat2=439 "
    "landlock_create_ruleset=444 landlock_add_rule=445 landlock_restrict_self=446"
)


def _table(text: str) -> dict[str, int]:
    return {name: int(number) for name, number in (pair.split("=") for pair in text.split())}


#: By ``platform.machine()``. x32 calls carry bit 30 on x86_64. The aarch64 table is checked
#: against the kernel's headers by a test, but has not been run.
MACHINES = {
    "x86_64": Machine(0xC000003E, _table(_X86_64), 0x40000000),
    "aarch64": Machine(0xC00000B7, _table(_AARCH64), None),
}


def machine() -> Machine | None:
    """Return this machine's table, or ``None`` where there is none."""
    return MACHINES.get(platform.machine())
