"""Damage of every kind: one row says why, or one file is lost; nothing else happens."""

import gzip
import io
import os
import struct
import tarfile
import zipfile
from functools import partial
from pathlib import Path

import pytest
from conftest_submissions import (
    STUDENT,
    Hand,
    Pack,
    encrypted,
    lay,
    package,
    packed,
    read_one,
    tarred,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.submissions import Unreadable, trees
from grader.submissions.archives import Zip
from grader.submissions.nesting import Nested
from grader.submissions.tars import Tar
from grader.submissions.trees import FileLost

BYTES = {path: text.encode() for path, text in STUDENT.items()}


def handed(tmp_path: Path, data: bytes, name: str = "ada.zip") -> Path:
    path = tmp_path / name
    path.write_bytes(data)
    return path


def renamed(archive: bytes, old: str, new: str) -> bytes:
    """Return an archive of which one entry has another name of the same length."""
    assert len(old) == len(new)
    return archive.replace(old.encode(), new.encode())


# --- Archives in archives ------------------------------------------------------------------------


@pytest.mark.parametrize("inner", ["work.zip", "Work (1).ZIP", "deep/er/work.zip"])
def test_an_archive_inside_is_opened(hand: Hand, inner: str) -> None:
    """A zip in a zip, or in a folder as an LMS makes it, is read one level deep."""
    assert hand({inner: packed(package("hw/cs231n/")), "report.txt": "x"}).files == BYTES


@pytest.mark.parametrize("outer", [packed, tarred])
def test_archives_in_archives_are_opened_a_few_levels_deep(tmp_path: Path, outer: Pack) -> None:
    """Zips and tars in one another, down to a bound; what is below it is named."""
    level = package()
    for _ in range(3):
        level = {"hw/inner.zip": packed(level), "notes.txt": "x"}
    assert read_one(handed(tmp_path, outer(level), "ada")).files == BYTES
    level = {"hw/inner.zip": packed({"fifth.zip": packed(level)})}
    with pytest.raises(Unreadable, match=r"inner\.zip' wasn't opened"):
        read_one(handed(tmp_path, outer(level), "ada"))


@pytest.mark.parametrize("name", ["work.tar", "work.tar.gz", "work.tgz", "Work.TGZ"])
def test_a_tar_is_opened_like_a_zip(tmp_path: Path, name: str) -> None:
    """By itself, in a folder and in a zip, compressed or not."""
    data = tarred(package("hw/cs231n/"), "" if name.endswith(".tar") else "gz")
    assert read_one(handed(tmp_path, data, name)).files == BYTES
    assert read_one(lay(tmp_path / "ada", {name: data})).files == BYTES
    assert read_one(handed(tmp_path, packed({f"deep/{name}": data}))).files == BYTES


def test_what_a_tar_may_hold_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Links, devices and paths that lead outside are passed over; a bomb isn't expanded."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w:gz") as archive:
        for path, text in BYTES.items():
            member = tarfile.TarInfo(f"cs682/{path}")
            member.size = len(text)
            archive.addfile(member, io.BytesIO(text))
        for name, kind in (("cs682/solver.py", tarfile.SYMTYPE), ("fifo", tarfile.FIFOTYPE)):
            member = tarfile.TarInfo(name)
            member.type, member.linkname = kind, "/etc/passwd"
            archive.addfile(member)
        for name in ("../cs682/layer_utils.py", "/cs682/layer_utils.py"):
            archive.addfile(tarfile.TarInfo(name))
    assert read_one(handed(tmp_path, made.getvalue(), "ada.tgz")).files == BYTES
    bomb = gzip.compress(bytes(10_000_000))
    monkeypatch.setattr("grader.submissions.nesting.MAX_NESTED", 1_000_000)
    monkeypatch.setattr("grader.submissions.tars.MAX_NESTED", 1_000_000)
    with pytest.raises(Unreadable, match="the tar is damaged"):
        read_one(handed(tmp_path, bomb[:-9], "cut.tgz"))
    with pytest.raises(Unreadable, match="it is empty"):
        read_one(handed(tmp_path, gzip.compress(bytes(20_000)), "zeros.tgz"))


@pytest.mark.parametrize("length", [100, 600])
def test_a_damaged_tar_is_unreadable(tmp_path: Path, length: int) -> None:
    """Whatever its headers lead the reader into."""
    data = tarred(package(), "")
    for changed in (data[:length], data[:150] + b"\xff" * 60 + data[210:]):
        with pytest.raises(Unreadable):
            read_one(handed(tmp_path, changed, "ada.tar"))


def with_header(body: bytes) -> bytes:
    """Return a tar whose one file has *body* as its table of further facts."""
    table = tarfile.TarInfo("table")
    table.type, table.size = tarfile.XHDTYPE, len(body)
    return (
        table.tobuf(tarfile.USTAR_FORMAT)
        + body
        + bytes(-len(body) % tarfile.BLOCKSIZE)
        + tarfile.TarInfo("layers.py").tobuf()
        + bytes(2 * tarfile.BLOCKSIZE)
    )


@pytest.mark.parametrize(
    "body",
    [b"1" * 6_000, b"5 a\n\n" * 6_000 + b"=", b"12 path=" + b"9" * 300_000, b"1\n" * 100_000],
)
def test_a_tar_whose_headers_take_long_to_read_is_unreadable(body: bytes) -> None:
    """Python's reader of tars may take the square of a header's size, so it isn't handed on."""
    with pytest.raises(Unreadable, match="header"):
        Tar(with_header(body))


def test_long_names_and_notes_in_a_tar_are_read() -> None:
    """The control: a path and a system's notes that need long headers."""
    entry, data = tarfile.TarInfo("a/" * 20 + "ä" * 1_500), io.BytesIO()
    entry.pax_headers = {"LIBARCHIVE.xattr.note": "bm90ZQ" * 500, "mtime": "1764366000.123456789"}
    for format in (tarfile.PAX_FORMAT, tarfile.GNU_FORMAT):
        with tarfile.open(fileobj=data, mode="w", format=format) as tar:
            tar.addfile(entry)
        assert list(Tar(data.getvalue()).paths) == [entry.name]
        data = io.BytesIO()


@pytest.mark.parametrize(
    "kind",
    [tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE, tarfile.LNKTYPE, tarfile.SYMTYPE],
)
def test_what_is_no_file_in_a_tar_is_passed_over(kind: bytes) -> None:
    """A device, a pipe or a link, and what leads outside, beside a file that is read."""
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as tar:
        for name, type in (
            ("cs682/optim.py", kind),
            ("/etc/passwd", tarfile.REGTYPE),
            ("../out.py", tarfile.REGTYPE),
            ("cs682/layers.py", tarfile.REGTYPE),
        ):
            entry = tarfile.TarInfo(name)
            entry.type, entry.linkname = type, "/etc/passwd"
            tar.addfile(entry)
    assert list(Tar(data.getvalue()).paths) == ["cs682/layers.py"]


def test_a_sparse_file_in_a_tar_costs_itself() -> None:
    """One that says it is a terabyte of nothing; what else is there is read."""
    sparse = tarfile.TarInfo("cs682/optim.py")
    sparse.type, sparse.size = tarfile.GNUTYPE_SPARSE, 0
    block = bytearray(sparse.tobuf(tarfile.GNU_FORMAT))
    block[483:495] = b"\x80" + bytes(5) + (1 << 40).to_bytes(6, "big")
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    tar = Tar(bytes(block) + tarfile.TarInfo("cs682/layers.py").tobuf() + bytes(1024))
    assert tar.paths == {"cs682/optim.py": 1 << 40, "cs682/layers.py": 0}
    with pytest.raises(FileLost, match="larger"):
        tar.read("cs682/optim.py", 1 << 20)


def test_a_copy_in_an_archive_makes_no_tie(hand: Hand) -> None:
    """A backup beside the package is taken for what it is."""
    files = {**package(), "cs682.zip": packed(package("cs682/", {**STUDENT, "optim.py": "older"}))}
    assert hand(files).files == BYTES


def test_a_damaged_archive_inside_costs_nothing_else(hand: Hand) -> None:
    """The package beside it is read."""
    assert hand({**package(), "data.zip": b"PK\x03\x04 cut off"}).files == BYTES


# --- Damaged archives ----------------------------------------------------------------------------


def test_an_empty_zip_is_unreadable(tmp_path: Path) -> None:
    """A zip without entries says that it is empty."""
    with pytest.raises(Unreadable, match="it is empty"):
        read_one(handed(tmp_path, packed({})))


@pytest.mark.parametrize(
    ("data", "name", "said"),
    [
        (b"", "ada.zip", "the file is empty"),
        (b"PK\x03\x04 and no more", "ada.zip", "the zip is damaged"),
        (packed(package())[:-30], "ada.zip", "the zip is damaged"),
        (b"%PDF-1.7", "report.pdf", r"it is a file \(\.pdf\)"),
        (b"Rar!\x1a\x07", "ada.rar", r"an archive \(\.rar\) that isn't opened here: hand in a zip"),
        (b"Rar!\x1a\x07", "ada.zip", r"an archive \(\.rar\) that isn't opened here"),
        (b"7z\xbc\xaf\x27\x1c", "ada", r"an archive \(\.7z\) that isn't opened here"),
        (b"\x1f\x8b", "ada.tar.gz", "the tar is damaged"),
        (b"print()", "layers", "one without an ending"),
    ],
)
def test_what_is_no_zip_says_so(tmp_path: Path, data: bytes, name: str, said: str) -> None:
    """A file that is cut, empty, or of another kind is unreadable, each for its own reason."""
    with pytest.raises(Unreadable, match=said):
        read_one(handed(tmp_path, data, name))


def test_an_encrypted_zip_is_unreadable(tmp_path: Path) -> None:
    """Where no file of the package can be read, there is no package to load."""
    with pytest.raises(Unreadable, match=r"none of .* can be read: .* encrypted"):
        read_one(handed(tmp_path, encrypted(packed(package()))))


def test_a_file_with_a_wrong_checksum_costs_itself(tmp_path: Path) -> None:
    """One damaged entry is left out and noted; the others are read."""
    data = packed(package(), zipfile.ZIP_STORED).replace(b"optim", b"0ptim", 99)
    data = data.replace(b"0ptim.py", b"optim.py")  # the name stays, what it holds doesn't
    read = read_one(handed(tmp_path, data))
    assert read.files == {k: v for k, v in BYTES.items() if k != "optim.py"}
    assert read.notes[0].startswith("optim.py was left out: it is damaged in the zip")


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_ways_of_packing_without_bounds_are_not_read(tmp_path: Path, method: int) -> None:
    """What expands a piece at once, whatever its size, is refused before it does."""
    with pytest.raises(Unreadable, match="deflate"):
        read_one(handed(tmp_path, packed(package(), method)))


@given(
    cuts=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), max_size=6), keep=st.floats(0, 1)
)
@settings(max_examples=150)
def test_no_damage_raises_anything_else(cuts: list[tuple[float, int]], keep: float) -> None:
    """A zip with bytes changed and its end cut off is unreadable or loses files, no more."""
    data = bytearray(packed({**package(), "inner.zip": packed(package())}))
    for at, value in cuts:
        data[int(at * (len(data) - 1))] = value
    if keep < 0.5:
        del data[int(2 * keep * len(data)) :]
    try:
        archive = Zip(bytes(data))
    except Unreadable:
        return
    for path in archive.paths:
        try:
            archive.read(path, 1 << 16)
        except FileLost:
            continue


# --- Too much ------------------------------------------------------------------------------------


def test_a_bomb_that_says_so_is_not_expanded(tmp_path: Path) -> None:
    """A file of many megabytes of zeros is passed over by its declared size."""
    data = packed({**package(), "cs682/layer_utils.py": bytes(1 << 24)})
    read = read_one(handed(tmp_path, data))
    assert read.files == BYTES
    assert read.notes == ("layer_utils.py was left out: it is larger than 1024 KiB.",)


def test_a_bomb_that_lies_is_stopped(tmp_path: Path) -> None:
    """A file that declares ten bytes and holds 16 MiB is lost; nothing of it is kept."""
    data = bytearray(packed({**package(), "cs682/layer_utils.py": bytes(1 << 24)}))
    lie = data.replace(struct.pack("<I", 1 << 24), struct.pack("<I", 10))
    assert lie != data
    read = read_one(handed(tmp_path, bytes(lie)))
    assert read.files == BYTES
    assert "layer_utils.py was left out" in read.notes[0]


def test_archives_inside_are_opened_within_a_bound(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Many archives in one are opened up to a sum of bytes; the rest stay files."""
    inner = packed(package("cs682/"), zipfile.ZIP_STORED)
    nested = partial(Nested, left=2 * len(inner))
    monkeypatch.setattr("grader.submissions.places.Nested", nested)
    many = {f"{i}.zip": inner for i in range(3)}
    with pytest.raises(
        Unreadable, match=r"more than one package: '0\.zip/cs682' and '1\.zip/cs682';"
    ):
        read_one(handed(tmp_path, packed(many)))


def test_too_many_files_are_unreadable(hand: Hand, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bound on files, those in junk folders aside."""
    for room in ("disk", "archives", "tars", "nesting"):
        monkeypatch.setattr(f"grader.submissions.{room}.MAX_FILES", 20)
    junk = {f"venv/lib/{i}.py": "" for i in range(50)}
    assert hand({**package(), **junk}).files == BYTES
    with pytest.raises(Unreadable, match=f"more than {trees.MAX_FILES} files"):
        hand({**package(), **{f"{i}.txt": "" for i in range(30)}})


def test_a_long_table_of_contents_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A zip of countless entries is refused before they are listed, though it can be a few MB."""
    monkeypatch.setattr("grader.submissions.archives._MAX_LISTING", 2000)
    data = packed({**package(), **{f"{i}.txt": "" for i in range(100)}})
    with pytest.raises(Unreadable, match="table of contents is too long"):
        read_one(handed(tmp_path, data))


def test_a_huge_file_costs_itself(hand: Hand) -> None:
    """A source of more than a megabyte isn't read."""
    read = hand(package(files={**STUDENT, "optim.py": bytes((1 << 20) + 1)}))
    assert set(read.files) == {"layers.py", "classifiers/fc_net.py"}
    assert read.notes == ("optim.py was left out: it is larger than 1024 KiB.",)


def test_a_huge_notebook_is_told_as_huge(hand: Hand, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is there, and why it can't be read is known where its questions are answered."""
    monkeypatch.setattr("grader.submissions.reading.MAX_NOTEBOOK", 1024)
    read = hand({"cs682/layers.py": "x = 1\n", "Nets.ipynb": "x" * 2000})
    assert read.absent["Nets.ipynb"] == "it is larger than 1 KiB"
    assert "Nets was left out: it is larger than 1 KiB." in read.notes
    assert "Nets" not in read.notebooks


def test_deep_folders_are_passed_over(hand: Hand) -> None:
    """What lies deeper than any package is not looked for."""
    assert hand({**package(), **package("d/" * 40 + "cs682/")}).files == BYTES


# --- Paths that lead elsewhere -------------------------------------------------------------------


@pytest.mark.parametrize(
    "path", ["/cs682/", "../cs682/", "a/../../cs682/", "C:/cs682/", "//x/cs682/"]
)
def test_paths_that_lead_outside_are_passed_over(tmp_path: Path, path: str) -> None:
    """Absolute, parent and drive paths are nothing that a student hands in."""
    with pytest.raises(Unreadable, match="it is empty"):
        read_one(handed(tmp_path, packed(package(path))))


def test_backslashes_are_slashes(tmp_path: Path) -> None:
    """Some Windows tools write them, folders included."""
    data = packed({"ada/cs682/": "", **package("ada/cs682/")})
    for name in ("ada/cs682/", "classifiers/fc_net"):
        data = renamed(data, name, name.replace("/", "\\"))
    assert read_one(handed(tmp_path, data)).files == BYTES


def test_links_in_a_zip_are_passed_over(tmp_path: Path) -> None:
    """An entry that is a link is neither followed nor read as text."""
    path = tmp_path / "ada.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in package().items():
            archive.writestr(name, text)
        link = zipfile.ZipInfo("cs682/layer_utils.py")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    assert read_one(path).files == BYTES


def test_links_in_a_folder_are_passed_over(tmp_path: Path) -> None:
    """Files and folders that are links, into another submission or round in a circle."""
    other = lay(tmp_path / "other", package())
    mine = lay(tmp_path / "mine", {"cs682/optim.py": "mine"})
    (mine / "cs682" / "layers.py").symlink_to(other / "cs682" / "layers.py")
    (mine / "cs682" / "classifiers").symlink_to(other / "cs682" / "classifiers")
    (mine / "cs682" / "round").symlink_to(mine)
    assert read_one(mine).files == {"optim.py": b"mine"}


def test_a_link_in_the_place_of_a_submission_is_unreadable(tmp_path: Path) -> None:
    """Nobody hands in somebody else's folder, or zip, by a link to it."""
    lay(tmp_path / "other", package())
    handed(tmp_path, packed(package()), "other.zip")
    for name in ("other", "other.zip", "nowhere"):
        (tmp_path / f"link to {name}").symlink_to(tmp_path / name)
        with pytest.raises(Unreadable, match="links aren't followed"):
            read_one(tmp_path / f"link to {name}")


# --- Files that aren't what they should be -------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "text", "said"),
    [
        ("# größer\n".encode("cp1252"), "# größer\n", "isn't in UTF-8"),
        ("# größer\n".encode("utf-16"), "# größer\n", "in UTF-16"),
        ("# größer\nx = 1\n".encode("utf-16-le"), "# größer\nx = 1\n", "in UTF-16"),
        ("x = 1\n".encode("utf-16-be"), "x = 1\n", "in UTF-16"),
        (b"x = 1\0\ny = 22222\n", "x = 1\ny = 22222\n", "null bytes"),
        ("\ufeff# größer\n".encode(), "\ufeff# größer\n", ""),
        ("# größer\r\n".encode(), "# größer\r\n", ""),
    ],
)
def test_text_of_any_encoding_is_read(hand: Hand, data: bytes, text: str, said: str) -> None:
    """As UTF-8, which is what Python reads, and what it was is noted."""
    read = hand(package(files={**STUDENT, "optim.py": data}))
    assert read.files["optim.py"] == text.encode()
    assert [said in note and "optim.py" in note for note in read.notes] == [True] * bool(said)


def test_an_encoding_that_a_file_names_is_its_own(hand: Hand) -> None:
    """Python reads it by that name."""
    latin = "# coding: latin-1\n# größer\n".encode("latin-1")
    read = hand(package(files={**STUDENT, "optim.py": latin}))
    assert (read.files["optim.py"], read.notes) == (latin, ())


def test_a_folder_in_the_place_of_a_file_is_looked_into(hand: Hand) -> None:
    """``optim.py`` as a folder is a missing file, but for one of that name in it."""
    files = {path: text for path, text in package().items() if path != "cs682/optim.py"}
    read = hand({**files, "cs682/optim.py/optim.py": "x"})
    assert read.files == {**BYTES, "optim.py": b"x"}
    assert read.notes == ("optim.py/optim.py was read as optim.py.",)


@pytest.mark.parametrize("lost", [b"", b" \n\n", bytes((1 << 20) + 1)])
def test_a_file_that_cannot_be_read_is_absent_by_name(hand: Hand, lost: bytes) -> None:
    """With the reason: an empty one, too, so that nothing is said of what it doesn't hold."""
    read = hand(package(files={**STUDENT, "optim.py": lost}))
    assert read.absent.keys() == {"optim.py"}
    assert read.absent["optim.py"] in read.notes[0] or "empty" in read.notes[0]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_is_never_waited_on(tmp_path: Path) -> None:
    """A named pipe in a file's place is a missing file; as a submission it is unreadable."""
    mine = lay(tmp_path / "mine", package())
    (mine / "cs682" / "optim.py").unlink()
    os.mkfifo(mine / "cs682" / "optim.py")
    assert set(read_one(mine).files) == {"layers.py", "classifiers/fc_net.py"}
    os.mkfifo(tmp_path / "pipe.zip")
    with pytest.raises(Unreadable, match="neither a folder nor a file"):
        read_one(tmp_path / "pipe.zip")


@pytest.mark.parametrize("place", ["optim.py", "classifiers"])
def test_what_the_grader_may_not_read_is_no_fault_of_the_student_s(
    own_folder: Path, place: str
) -> None:
    """A file or a folder without permission: unreadable, by name, rather than points lost."""
    mine = lay(own_folder / "mine", package())
    (mine / "cs682" / place).chmod(0)
    with pytest.raises(Unreadable, match=rf"may not (read|list) 'cs682/{place}' in it \(Perm"):
        read_one(mine)
    (mine / "cs682" / place).chmod(0o755)
    mine.chmod(0)
    with pytest.raises(Unreadable, match="it can't be opened: Permission denied"):
        read_one(mine)
    mine.chmod(0o755)


def test_a_file_that_goes_while_it_is_read_costs_itself(tmp_path: Path) -> None:
    """Between listing and reading a file can go, or become a link."""
    from grader.submissions.disk import Folder

    folder = lay(tmp_path / "mine", package())
    tree = Folder(folder)
    (folder / "cs682" / "optim.py").unlink()
    with pytest.raises(FileLost, match="No such file"):
        tree.read("cs682/optim.py", 100)
    (folder / "cs682" / "optim.py").symlink_to(folder / "cs682" / "layers.py")
    with pytest.raises(FileLost):
        tree.read("cs682/optim.py", 100)
