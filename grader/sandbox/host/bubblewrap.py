"""bubblewrap around the fork server: namespaces of its own, a file system of a few folders."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from grader.sandbox.host.launch import ENGINE, for_notebooks, readable
from grader.sandbox.protocol.control import FILE_BYTES, SPACES, WORKSPACE
from grader.sandbox.protocol.levels import CODE, KERNEL

_SYSTEM = ("/usr/lib", "/usr/lib64", "/lib", "/lib64", "/etc/ld.so.cache")


def command(holds: str = CODE) -> tuple[list[str], str]:
    """Return the command to put before the fork server's, and "" or why there is none.

    For notebooks the fork server sees all installed libraries, since IPython and nbconvert import
    many; what its children may read, Landlock says, at every level. A kernel has a folder to write
    in, which lies in memory and has a bounded size.
    """
    program = shutil.which("bwrap")
    if program is None:
        return [], "bubblewrap (bwrap) isn't installed"
    options = [program, "--new-session", "--cap-drop", "ALL", "--unshare-ipc", "--unshare-pid"]
    options += ["--unshare-net", "--unshare-uts", "--unshare-cgroup-try"]
    if os.geteuid() == 0:
        # Without a user namespace children can become a user that owns nothing.
        options += ["--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
        # The kernel asks the dying parent for its right to signal a child of another user.
        options += ["--cap-add", "CAP_KILL"]
    else:
        options += ["--unshare-user"]
    places = [*_places(), *(for_notebooks() if holds != CODE else ())]
    if holds == KERNEL:
        options += ["--die-with-parent", "--perms", "1777", "--size", str(FILE_BYTES)]
        options += ["--tmpfs", WORKSPACE]
    # bubblewrap closes the folders above to all others, and a child, which is another user where
    # the grader is root, goes on importing.
    for above in sorted({str(above) for place in places for above in Path(place).parents}):
        options += ["--perms", "0755", "--dir", above]
    for path in (*_SYSTEM, *places):
        options += ["--ro-bind-try", path, path]
    return [*options, "--proc", "/proc", "--dev", "/dev", "--chdir", "/"], ""


def _places() -> list[str]:
    python = os.path.realpath(sys.executable)
    places = [python, *readable(), str(ENGINE)]
    if Path(sys.base_prefix) not in (Path("/"), Path("/usr")):
        places.append(str(Path(sys.base_prefix, "lib").resolve()))
    return sorted(set(places))


def shared(spaces: dict[str, int]) -> str:
    """Return which of the fork server's namespaces (inode by name) are this process's, or ""."""
    same = [name for name in SPACES if os.stat(f"/proc/self/ns/{name}").st_ino == spaces[name]]  # noqa: PTH116
    return f"the zygote shares the namespaces {', '.join(same)}" if same else ""
