"""What goes to a cluster's workers and comes back: whole, and nothing that isn't theirs."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from grader.classroom.handed_back import ReadNotebook
from grader.classroom.replays import packed, unpacked
from grader.classroom.worker import Marked, Settings
from grader.classroom.worker_setup import (
    SEND,
    packed_result,
    packed_setup,
    unpacked_result,
    unpacked_setup,
)
from grader.key import Key, load, sources
from grader.model.assignment import Assignment
from grader.model.notebooks import Match, Matching
from grader.sandbox import Converted
from grader.submissions import Submission
from grader.submissions.reading import Candidate
from grader.submissions.whole import WholeCell

Course = tuple[Settings, Assignment, Key]


@pytest.fixture
def course(toy_course: Path) -> Course:
    """The toy course, its key, and a run's options; a roster lies in its folder by mistake."""
    key = toy_course.parent / "reference_outputs"
    settings = Settings(toy_course, key, kinds=("code",), train="full", annotate=True)
    (toy_course / "roster.csv").write_text("name,id\nAda Lovelace,1815\n")
    return settings, sources.manifest(toy_course), load(key)


def names(data: bytes) -> set[str]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return set(archive.namelist())


def test_a_setup_starts_what_this_machine_has(course: Course, tmp_path: Path) -> None:
    """The options come back, the manifest and the key are read where it is unpacked."""
    settings, assignment, key = course
    setup = packed_setup(settings, assignment, key, SEND, "process")
    there, demands = unpacked_setup(setup.data, tmp_path)
    assert (there.kinds, there.train, there.annotate) == (("code",), "full", True)
    assert there.keep is None
    assert sources.manifest(there.assignment) == assignment
    assert load(there.key).hash == key.hash
    assert demands.other_versions() == ""
    assert demands.missed("process", key) == ""
    assert packed_setup(settings, assignment, key, SEND, "process") == setup


def test_no_key_and_no_roster_goes_along_unasked(course: Course, tmp_path: Path) -> None:
    """Of the key its hash alone, where the workers have it in a folder; never a roster."""
    settings, assignment, key = course
    setup = packed_setup(settings, assignment, key, "/mnt/key", "process")
    assert not [name for name in names(setup.data) if name.startswith("key")]
    there, _ = unpacked_setup(setup.data, tmp_path)
    assert there.key == Path("/mnt/key")
    sent = packed_setup(settings, assignment, key, SEND, "process")
    assert {name for name in names(sent.data) if "roster" in name} == set()
    assert "key/key.bin" in names(sent.data)


def test_a_worker_that_does_not_fit_is_told_why(course: Course) -> None:
    """Another key, a weaker level, another version; a stronger level fits."""
    settings, assignment, key = course
    setup = packed_setup(settings, assignment, key, "/mnt/key", "landlock+seccomp")
    _, demands = unpacked_setup(setup.data, settings.assignment.parent / "unpacked")
    assert "/mnt/key isn't the one" in demands.missed("landlock+seccomp", replace(key, hash="x"))
    assert "less than landlock+seccomp" in demands.missed("seccomp-strict", key)
    assert demands.missed("namespaces+landlock+seccomp", key) == ""
    older = {**demands.versions, "numpy": "1.26.0"}
    assert "numpy 1.26.0" in demands.other_versions(older)
    # One that was asked for by its name is proven by the sandbox itself.
    assert replace(demands, level="process").missed("process", key) == ""


@pytest.fixture
def handed_in() -> Submission:
    return Submission(
        name="lovelace_ada",
        source="/home/course/download.zip/lovelace_ada",
        package="nets",
        files={"layers.py": b"def f():\n    pass\n", "own/more.py": b"\xff"},
        notebooks={"Nets": b"{}"},
        content="sha256:0",
        notes=("a note",),
        saved={"best_model.npz": b"\x00\x01"},
        absent={"optim.py": ""},
        attempts={"layers.py": (Candidate("old/layers.py", b"x"), Candidate("layers.py", b"y"))},
    )


def test_a_submission_goes_without_its_name(handed_in: Submission) -> None:
    """All that is marked comes back from its bytes; who it is of isn't in them."""
    data = packed(handed_in)
    assert unpacked(data, handed_in.name, handed_in.source) == handed_in
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert not any(b"lovelace" in archive.read(name) for name in archive.namelist())


def test_a_result_comes_back_as_it_was() -> None:
    """Its fields in their order, whole numbers whole; the names are put in here."""
    result: Any = {
        "submission": "",
        "score": 5,
        "max_score": 60.0,
        "source": "",
        "n": [1e-300, "é"],
    }
    cell = WholeCell({"cell_type": "code", "source": "1", "outputs": []}, "1", ("p",), {"a": 1})
    matching = Matching((Match("q", "answer", 1, None),), (3,))
    notebook = ReadNotebook((cell,), (Converted("<b>", "unconverted"),), matching, "sign")
    sent = Marked(result, {"Nets": notebook}, "a fault")
    came = unpacked_result(packed_result(sent), "ada", "here", "kept")
    assert came.notebooks == sent.notebooks
    assert (came.fault, came.kept, came.stored) == ("a fault", "kept", False)
    expected = json.dumps({**result, "submission": "ada", "source": "here"})
    assert json.dumps(came.result) == expected


@pytest.mark.parametrize("data", [b"", b"[]", b'{"result": 1}', b"\x80\x04K\x01."])
def test_an_answer_of_another_form_is_refused(data: bytes) -> None:
    """What isn't such JSON raises, and nothing of it is run."""
    with pytest.raises(ValueError, match=r"\w"):
        unpacked_result(data, "ada", "", "")
