"""`grader collect`: what goes into the zip, and what is said of it first."""

from __future__ import annotations

import io
import json
import os
import zipfile
from collections.abc import Mapping
from pathlib import Path

from conftest_selfcheck import Work

from grader.key.sources import manifest
from grader.selfcheck.handin import collect
from grader.submissions import find, read_submission

FIRST = "FullyConnectedNets.ipynb"


def run(files: Mapping[str, bytes], *notebooks: str) -> dict[str, bytes]:
    """Return files in which the cells of notebooks have a count, as if they had been run."""
    made = dict(files)
    for name in notebooks or [path for path in files if path.endswith(".ipynb")]:
        notebook = json.loads(made[name])
        for number, cell in enumerate(notebook["cells"]):
            if cell["cell_type"] == "code":
                cell["execution_count"] = number + 1
        made[name] = json.dumps(notebook).encode()
    return made


def texts(work: Work, files: dict[str, bytes]) -> list[str]:
    with work(files) as opened:
        return [line.text for line in collect(opened).lines if line.undone]


def test_what_is_graded_goes_in_and_nothing_else(
    work: Work, answered: dict[str, bytes], tmp_path: Path
) -> None:
    """Neither data nor caches nor the course's own; the grade reads the same from the zip."""
    junk = {
        "data/cifar-10-batches-py/data_batch_1": b"1" * 1000,
        "cs682/__pycache__/layers.cpython-311.pyc": b"2",
        ".ipynb_checkpoints/FullyConnectedNets-checkpoint.ipynb": b"{}",
        ".grader/failures.json": b"{}",
        ".venv/lib/python3/site-packages/numpy/__init__.py": b"3",
        "best_model.npz": b"PK",
    }
    with work({**answered, **junk}) as opened:
        hand_in = collect(opened)
        assert set(hand_in.files) == {
            "cs682/layers.py",
            "cs682/layer_utils.py",
            "cs682/optim.py",
            "cs682/classifiers/fc_net.py",
            "FullyConnectedNets.ipynb",
            "BatchNormalization.ipynb",
            "Dropout.ipynb",
            "best_model.npz",
        }
        hand_in.write(tmp_path / "hand-in.zip")
        hand_in.write(tmp_path / "again.zip")
        own = opened.submission
    assert (tmp_path / "hand-in.zip").read_bytes() == (tmp_path / "again.zip").read_bytes()
    assert zipfile.ZipFile(io.BytesIO((tmp_path / "hand-in.zip").read_bytes())).testzip() is None
    (place,) = find([tmp_path / "hand-in.zip"], opened.assignment).places
    again = read_submission(place, opened.assignment)
    assert (again.files, again.notebooks, again.saved) == (own.files, own.notebooks, own.saved)


def test_work_that_is_run_and_answered_has_nothing_to_say(
    work: Work, answered: dict[str, bytes]
) -> None:
    """But for the model, which the notebook's last cell writes."""
    (only,) = texts(work, run(answered))
    assert "best_model.npz isn't here" in only


def test_what_is_missing_is_told(work: Work, download: dict[str, bytes]) -> None:
    """A file, what isn't written, answers, and notebooks that weren't run."""
    said = texts(work, {p: data for p, data in download.items() if p != "cs682/optim.py"})
    assert said[0] == "cs682/optim.py isn't here, and it is asked for."
    assert any(text.startswith("Not written yet: affine-forward, ") for text in said)
    assert any(text.startswith("Not answered yet: inline-1, ") for text in said)
    assert "Dropout.ipynb was not run: its cells show no results." in said


def test_code_that_a_fresh_process_cannot_import_is_told(
    work: Work, answered: dict[str, bytes]
) -> None:
    """With its line, though the kernel may still hold an older version that works."""
    broken = answered["cs682/optim.py"] + b"\nLIMIT = 1 / 0\n"
    said = texts(work, run({**answered, "cs682/optim.py": broken}))
    line = broken.count(b"\n")
    assert said[0] == (
        "cs682/optim.py can't be imported in a fresh process: ZeroDivisionError: "
        f"division by zero (optim.py, line {line})."
    )


def test_results_of_earlier_code_are_told(
    work: Work, answered: dict[str, bytes], tmp_path: Path
) -> None:
    """A file that is newer than the notebook; unless a cell has checked this very code since."""
    files = run(answered)
    with work(files) as opened:
        layers = tmp_path / "mine" / "cs682" / "layers.py"
        for path in (tmp_path / "mine").rglob("*"):
            os.utime(path, (10**9, 10**9))
        later = 10**9 + 60
        os.utime(layers, (later, later))
        changed = [line.text for line in collect(opened).lines if "earlier code" in line.text]
        assert len(changed) == 3
        assert ": layers.py changed since it was saved" in changed[0]
        opened.remember()
        assert not [line for line in collect(opened).lines if "earlier code" in line.text]
    with work({**files, "cs682/layers.py": answered["cs682/layers.py"] + b"\n"}) as opened:
        os.utime(layers, (later, later))
        assert [line for line in collect(opened).lines if "earlier code" in line.text]


def test_some_cells_that_were_not_run_are_counted(work: Work, answered: dict[str, bytes]) -> None:
    """A notebook that was run in part."""
    files = run(answered)
    notebook = json.loads(files[FIRST])
    last = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"][-1]
    last["execution_count"] = None
    files[FIRST] = json.dumps(notebook).encode()
    assert any(text.startswith(f"{FIRST}: 1 of ") for text in texts(work, files))


def test_the_manifest_names_what_is_collected(assignment_folder: Path) -> None:
    """Each of the student's files is asked for: what the tests above count."""
    assert len(manifest(assignment_folder).files.taken) == 4
