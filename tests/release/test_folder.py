"""Made files on disk: nothing stale stays, nothing of others is removed."""

import pytest

from grader.authoring.release import FolderError, check, write

FILES = {"a.txt": b"1", "sub/b.txt": b"2"}


def test_what_was_written_is_current(tmp_path):
    """A folder holds what was made, and the check agrees."""
    write(FILES, tmp_path / "out")
    assert (tmp_path / "out/sub/b.txt").read_bytes() == b"2"
    assert check(FILES, tmp_path / "out") == []


def test_stale_missing_and_extra_files_are_named(tmp_path):
    """Each kind of difference is found by its path."""
    write(FILES, tmp_path)
    (tmp_path / "a.txt").write_bytes(b"changed")
    (tmp_path / "sub/b.txt").rename(tmp_path / "c.txt")
    assert check(FILES, tmp_path) == ["stale: a.txt", "extra: c.txt", "missing: sub/b.txt"]


def test_a_folder_that_is_not_there_lacks_everything(tmp_path):
    """Before the first build all files are missing."""
    assert check(FILES, tmp_path / "none") == ["missing: a.txt", "missing: sub/b.txt"]


def test_writing_again_mends_a_folder(tmp_path):
    """Files of an earlier release go, with the folders that they leave empty."""
    write(FILES | {"old/x.txt": b"3"}, tmp_path)
    (tmp_path / "a.txt").write_bytes(b"changed")
    write(FILES, tmp_path)
    assert check(FILES, tmp_path) == []
    assert not (tmp_path / "old").exists()
    assert sorted(p.name for p in tmp_path.rglob("*")) == ["a.txt", "b.txt", "sub"]


def test_a_link_is_replaced_and_never_followed(tmp_path):
    """What a link leads to outside of the folder stays as it is."""
    (tmp_path / "own").mkdir()
    (tmp_path / "own/thesis.txt").write_bytes(b"dear")
    out = tmp_path / "out"
    write(FILES, out)
    (out / "link").symlink_to(tmp_path / "own")
    (out / "a.txt").unlink()
    (out / "a.txt").symlink_to(tmp_path / "own/thesis.txt")
    write(FILES, out)
    assert (tmp_path / "own/thesis.txt").read_bytes() == b"dear"
    assert not (out / "link").exists()
    assert not (out / "a.txt").is_symlink()


def test_somebody_elses_folder_is_refused(tmp_path):
    """A folder without any file of the release is not emptied."""
    (tmp_path / "thesis.txt").write_bytes(b"dear")
    with pytest.raises(FolderError, match="holds files, but none of a release"):
        write(FILES, tmp_path)
    assert (tmp_path / "thesis.txt").exists()


def test_bytecode_does_not_make_a_release_stale(tmp_path):
    """Running the template's package leaves the check as it was."""
    write(FILES, tmp_path)
    (tmp_path / "sub/__pycache__").mkdir()
    (tmp_path / "sub/__pycache__/b.pyc").write_bytes(b"")
    assert check(FILES, tmp_path) == []
