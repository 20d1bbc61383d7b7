"""Right packages in unusual styles, as hand-ins.

A folder here holds the files that it changes; all others are the reference's. They were written
from the docstrings of the template alone, so what they use is what students use.
"""

from __future__ import annotations

import shutil
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
NAMES = sorted(path.name for path in HERE.iterdir() if path.is_dir() and path.name[0] not in "._")


def handed_in(name: str, folder: Path) -> Path:
    """Return the hand-in of that name, laid in *folder*."""
    hand_in = folder / name
    shutil.copytree(HERE / name, hand_in)
    (package,) = (path for path in hand_in.iterdir() if path.is_dir())
    for path in ("layers.py", "optim.py", "classifiers/fc_net.py", "layer_utils.py"):
        if not (package / path).exists():
            (package / path).parent.mkdir(exist_ok=True)
            shutil.copy(ROOT / "assignment" / "cs682" / path, package / path)
    return hand_in
