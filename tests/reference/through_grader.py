"""Put the reference through ``grader test`` and ``grader grade``, every notebook that exists.

Run by ``tox -e reference``. Exits with a message where a check fails or a point is missing, and
where a reference with a broken layer passes.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from grader.key.sources import manifest

ROOT = Path(__file__).resolve().parents[2]
ASSIGNMENT = ROOT / "assignment"
#: A line of the reference, and one that breaks it.
BROKEN = ("np.maximum(x, 0)", "np.maximum(x, 1)")


def grader(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-P", "-m", "grader", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def main() -> None:
    """Grade the reference, then one that is broken."""
    notebooks = [
        book.name
        for book in manifest(ASSIGNMENT).notebooks
        if (ASSIGNMENT / "notebooks" / f"{book.name}.py").is_file()
    ]
    for name in notebooks:
        said = grader("test", "assignment/", "--notebook", name)
        print(said.stdout.splitlines()[-1] if said.stdout else said.stderr)
        if said.returncode != 0:
            sys.exit(f"{name}: a check of the reference fails:\n{said.stdout}{said.stderr}")
    with tempfile.TemporaryDirectory() as folder:
        asked = [part for name in notebooks for part in ("--notebook", name)]
        out = ["-o", f"{folder}/grades", "--only", "code", "--json", "-q"]
        said = grader("grade", "assignment/", *asked, *out)
        if said.returncode != 0:
            sys.exit(f"the reference isn't graded:\n{said.stderr}")
        result = json.loads(said.stdout)
        print(f"{result['score']:g} of {result['max_score']:g} points")
        if result["score"] != result["max_score"]:
            sys.exit("the reference misses points")
        broken = Path(folder) / "broken"
        shutil.copytree(ASSIGNMENT / "cs682", broken / "cs682")
        layers = broken / "cs682" / "layers.py"
        text = layers.read_text("utf-8")
        if BROKEN[0] not in text:
            sys.exit(f"{layers} holds no {BROKEN[0]} to break")
        layers.write_text(text.replace(*BROKEN), "utf-8")
        said = grader("test", str(broken), "-q")
        if said.returncode != 1:
            sys.exit(f"a broken reference isn't found:\n{said.stdout}{said.stderr}")
        print("a broken layer is found")


if __name__ == "__main__":
    main()
