"""The items that other graders are compared on: right submissions pass, wrong ones don't."""

import json
import random
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "benchmarks"), str(ROOT / "benchmarks" / "peers")]

from classes import REFERENCE, Files, edited, submission  # noqa: E402
from items import ITEMS, SETUP  # noqa: E402

#: Each runs in a namespace of its own on top of the setup's, as in otter.
RUN = """
import json, sys
setup, items = json.loads(sys.stdin.read())
namespace, failed = {}, []
exec(setup, namespace)
for id, text in items.items():
    try:
        exec(text, dict(namespace))
    except Exception:
        failed.append(id)
print(json.dumps(failed))
"""


def failed(files: Files, folder: Path) -> list[str]:
    """Return the items that a submission fails, in a process of its own."""
    for file, text in files.items():
        path = folder / "cs682" / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    sent = json.dumps([SETUP.replace("PLACE", repr(str(folder))), ITEMS])
    command = [sys.executable, "-c", RUN]
    done = subprocess.run(command, input=sent, stdout=subprocess.PIPE, text=True, check=True)
    return list(json.loads(done.stdout.splitlines()[-1]))


@pytest.mark.parametrize("seed", range(3))
def test_right_submissions_pass_every_item(seed: int, tmp_path: Path) -> None:
    """A right submission passes all items in any style and with any quirk."""
    assert failed(submission("right", random.Random(seed)), tmp_path) == []


@pytest.mark.parametrize(
    ("old", "new", "item"),
    [
        ("    dx = dout * (x > 0)\n", "    dx = -dout\n", "relu-backward"),
        ("    db = dout.sum(axis=0)\n", "    db = dout.mean(axis=0)\n", "affine-backward"),
    ],
)
def test_a_wrong_layer_fails_its_item_and_the_networks(
    old: str, new: str, item: str, tmp_path: Path
) -> None:
    """A wrong backward pass fails its own item and the networks' gradients, and nothing else."""
    files = {
        path.relative_to(REFERENCE).as_posix(): path.read_text("utf-8")
        for path in REFERENCE.rglob("*.py")
    }
    wrong = failed(edited(files, [("layers.py", old, new)]), tmp_path)
    assert set(wrong) == {item, "two-layer-gradients", "fully-connected-net"}
