"""Sources for other detectors: what stands in the folder that they are given."""

from pathlib import Path

from grader.exports.detectors import WorkSources, write_sources


def names(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_a_second_run_leaves_nothing_of_the_first(tmp_path: Path) -> None:
    """Works that were taken out are gone, and so are names where pseudonyms stand now."""
    write_sources(tmp_path, [WorkSources("ada_lovelace", {"layers.py": "x = 1"})], {})
    write_sources(tmp_path, [WorkSources("copper_hare", {"layers.py": "x = 1"})], {})
    assert names(tmp_path) == {
        "info.csv",
        "dolos/copper_hare.py",
        "submissions/copper_hare/layers.py",
    }


def test_a_folder_of_somebody_else_keeps_its_files(tmp_path: Path) -> None:
    """Nothing is removed where no table of ours stands."""
    (tmp_path / "submissions").mkdir()
    (tmp_path / "submissions" / "mine.txt").write_text("mine")
    write_sources(tmp_path, [WorkSources("ada", {"layers.py": "x = 1"})], {})
    assert "submissions/mine.txt" in names(tmp_path)


def test_long_names_of_any_alphabet_are_cut(tmp_path: Path) -> None:
    """A file's name has at most 255 bytes, and one hand-in must not stop the others."""
    works = [
        WorkSources("\u5b66" * 100, {"\u5b66" * 100 + ".py": "x = 1"}),
        WorkSources("bo", {"a.py": ""}),
    ]
    assert write_sources(tmp_path, works, {}) == 2
