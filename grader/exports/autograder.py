"""Gradescope's autograder zip: the engine, the course and its key, and what marks one submission.

``setup.sh`` runs once, when the container's image is made; ``run_autograder`` for each submission,
and writes ``results.json`` whatever happens: without one, Gradescope says that the student's code
failed. The zip holds the key and is for the course's own staff.
(Source: gradescope/autograder_samples, ``docs/specs.md``.)
"""

from __future__ import annotations

import io
import stat
import zipfile
from collections.abc import Iterator
from pathlib import Path

from grader.authoring.wheel import wheel
from grader.exports.outgoing import Files, Outgoing, Target
from grader.submissions.trees import is_junk

_SETUP = """\
#!/usr/bin/env bash
# Runs once, as root, when the image is made.
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
if ! command -v python3 >/dev/null || ! python3 -c 'import venv, ensurepip' 2>/dev/null; then
  apt-get update && apt-get install -y python3 python3-venv
fi
python3 -m venv "$here/venv"
"$here/venv/bin/python" -m pip install --quiet "$here"/engine/*.whl
"""

_RUN = """\
#!/usr/bin/env bash
# Marks what stands in submission/ and writes results/results.json, whatever happens.
root="${AUTOGRADER_ROOT:-/autograder}"
source="${AUTOGRADER_SOURCE:-$root/source}"
python="${AUTOGRADER_PYTHON:-$source/venv/bin/python}"
results="$root/results/results.json"
mkdir -p "$root/results"
fault="The autograder stopped before it was done, which is not your fault: tell your instructor."
printf '{"score": 0, "output": "%s"}' "$fault" > "$results"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
# Safe path: nothing that stands in the submission is imported by the trusted side.
export PYTHONSAFEPATH=1
"$python" -m grader grade -q -a "$source/course/assignment" --key "$source/course/key" \\
  --as one --layout plain -o "$work/grades" "$root/submission" > "$work/said" 2>&1
code=$?
"$python" -m grader export gradescope -q \\
  -a "$source/course/assignment" --key "$source/course/key" -o "$work/grades" --partial \\
  --feedback @FEEDBACK@ --after @AFTER@ --to "$work/sent" \\
  >> "$work/said" 2>&1
for made in "$work"/sent/*/results.json; do
  [ -f "$made" ] && cp "$made" "$results"
done
cat "$work/said"
[ "$code" -eq 0 ] || [ "$code" -eq 3 ] || echo "grader ended with exit code $code"
exit 0
"""


def write(out: Outgoing) -> Files:
    """Return the zip. Raises :class:`~grader.authoring.wheel.NoWheel`."""
    engine, data = wheel()
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        run = _RUN.replace("@FEEDBACK@", out.options.feedback).replace("@AFTER@", out.after)
        for name, text in (("setup.sh", _SETUP), ("run_autograder", run)):
            info = zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0))
            info.external_attr = (stat.S_IFREG | 0o755) << 16
            archive.writestr(info, text)
        archive.writestr(f"engine/{engine}", data)
        for root, inside in (
            (out.course, "course/assignment"),
            (out.key, "course/key"),
        ):
            for path in _files(root):
                archive.write(path, f"{inside}/{path.relative_to(root).as_posix()}")
    out.notes.append("the zip holds the key: it is for the course's staff, and for nobody else")
    return {"autograder.zip": made.getvalue()}


def _files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        if path.is_file() and not any(is_junk(part) for part in parts):
            yield path


TARGETS = (
    Target("gradescope-autograder", "an autograder zip for Gradescope", "autograder.zip", write),
)
