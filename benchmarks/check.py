"""What one's own check costs: CPU seconds of ``grader check`` on a right package, whole.

``python benchmarks/check.py [--examples N]`` checks the reference in a student's folder, as the
machine confines it and at the level none, as on macOS and Windows; processes that were started
count. Exits with 1 above 10 s.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

from grader.authoring import release
from grader.key import sources

COURSE = Path(__file__).resolve().parents[1] / "assignment"
MOST = 10.0
#: As where nothing can be forked.
_NONE = "from grader.sandbox.host import startup; startup.forks = lambda: False; "


def folder(target: Path) -> None:
    """Write the download with the reference's answers and the public examples."""
    assignment = sources.manifest(COURSE)
    template = sources.template_folder(COURSE, assignment)
    files = release.solved(COURSE, assignment)
    files |= {path: (template / path).read_bytes() for path in release.examples.PATHS}
    release.write(files, target)


def seconds(work: Path, before: str, examples: int) -> float:
    """Return the CPU seconds of one check, whose work must pass."""
    code = f"import sys; {before}from grader.cli import main; sys.exit(main(sys.argv[1:]))"
    began = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, "-c", code, "check", "-q", "--examples", str(examples)]
    done = subprocess.run(command, cwd=work, capture_output=True, text=True, check=False)
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        sys.exit(done.stdout + done.stderr)
    return ended.ru_utime + ended.ru_stime - began.ru_utime - began.ru_stime


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--examples", type=int, default=25, help="inputs of each search")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        work = Path(place) / "mine"
        folder(work)
        found = {
            name: seconds(work, before, arguments.examples)
            for name, before in (("as this machine confines", ""), ("level none", _NONE))
        }
    for name, spent in found.items():
        print(f"{name:26}{spent:6.1f} s of CPU, of {MOST:g}")
    return int(max(found.values()) > MOST)


if __name__ == "__main__":
    sys.exit(main())
