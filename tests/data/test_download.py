"""The downloader, against a server on the loopback address."""

import hashlib
import io
import os
import subprocess
import sys
import tarfile
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from cs682 import download
from cs682.data_utils import DataError, get_CIFAR10_data

PATH = "/cifar-10-python.tar.gz"
PART = "cifar-10-python.tar.gz.part"


@pytest.fixture
def archive(pickles):
    """An archive like the original, with members that nobody asked for among the others."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as members:

        def add(name, data, **fields):
            member = tarfile.TarInfo(name)
            member.size = len(data)
            for field, value in fields.items():
                setattr(member, field, value)
            members.addfile(member, io.BytesIO(data))

        add("../../outside", b"climbs out")
        add("/absolute", b"from the root")
        add("cifar-10-batches-py/readme.html", b"not asked for")
        add("cifar-10-batches-py/link", b"", type=tarfile.SYMTYPE, linkname="/etc")
        add("cifar-10-batches-py/data_batch_1", b"", type=tarfile.SYMTYPE, linkname="/etc/passwd")
        for name, data in pickles.items():
            add(f"cifar-10-batches-py/{name}", data)
    return buffer.getvalue()


class Server(HTTPServer):
    """Serves one file; ``stop_after`` bytes it hangs up, ``ranges`` says if it can resume."""

    def __init__(self, data):
        super().__init__(("127.0.0.1", 0), Handler)
        self.data, self.stop_after, self.ranges, self.asked = data, None, True, []
        self.url = f"http://127.0.0.1:{self.server_port}{PATH}"


class Handler(BaseHTTPRequestHandler):
    """Answers GET with the server's file, or with the rest of it."""

    def do_GET(self):
        server, data, start = self.server, self.server.data, 0
        server.asked.append(self.headers["Range"])
        if self.headers["Range"] and server.ranges:
            start = int(self.headers["Range"].removeprefix("bytes=").removesuffix("-"))
        if self.path != PATH or (start and start >= len(data)):
            self.send_error(404 if self.path != PATH else 416)
            return
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(data) - start))
        self.end_headers()
        self.wfile.write(data[start:][: server.stop_after])

    def log_message(self, *_):
        """Keep the test's output quiet."""


@pytest.fixture
def server(archive):
    """A running server of the archive."""
    with Server(archive) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def fetch(server, archive, sums, tmp_path):
    """Download from the server into ``tmp_path / "data"``."""

    def fetch():
        md5 = hashlib.md5(archive).hexdigest()
        return download.download(tmp_path / "data", server.url, md5, sums)

    return fetch


def names(folder):
    return sorted(path.name for path in folder.rglob("*"))


def test_a_download_leaves_the_data_set_and_nothing_else(fetch, sums, tmp_path):
    """The six files, readable, and no archive, no stranger and nothing outside the folder."""
    assert fetch() == f"CIFAR-10 is in {tmp_path / 'data'}."
    assert names(tmp_path) == sorted([*sums, "data"])
    data = get_CIFAR10_data(30, 5, 7, folder=tmp_path / "data", sums=sums)
    assert data["X_train"].shape == (30, 3, 32, 32)


def test_what_is_there_is_not_downloaded_again(fetch, server, tmp_path):
    """A second run asks the server nothing; a damaged file makes it ask again, and is replaced."""
    fetch()
    assert "already" in fetch()
    assert len(server.asked) == 1
    (tmp_path / "data/data_batch_2").write_bytes(b"damaged")
    fetch()
    assert len(server.asked) == 2
    assert "already" in fetch()


def test_an_interrupted_download_goes_on(fetch, server, archive, tmp_path):
    """What came is kept, the message says how to go on, and only the rest is asked for."""
    server.stop_after = 1000
    with pytest.raises(DataError, match=r"the download stopped .* Run the same command"):
        fetch()
    assert (tmp_path / "data" / PART).read_bytes() == archive[:1000]
    server.stop_after = None
    fetch()
    assert server.asked == [None, "bytes=1000-"]


def test_a_server_that_can_not_resume(fetch, server, tmp_path):
    """A server that sends everything again is taken at its word."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / PART).write_bytes(b"some bytes of another file")
    server.ranges = False
    fetch()
    assert "already" in fetch()


def test_a_whole_archive_left_by_an_earlier_run(fetch, server, archive, tmp_path):
    """A download that ended before it was unpacked is unpacked, though nothing more comes."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / PART).write_bytes(archive)
    fetch()
    assert server.asked == [f"bytes={len(archive)}-"]


@pytest.mark.parametrize("start", [b"", b"bytes of another file"], ids=["from zero", "resumed"])
def test_a_wrong_sum_is_refused_and_deleted(fetch, server, tmp_path, start):
    """Nothing of a wrong archive is unpacked, and the next run begins anew and succeeds."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / PART).write_bytes(start)
    right = server.data
    server.data = right if start else right[:-1] + b"x"
    with pytest.raises(DataError, match="is not CIFAR-10: its MD5 sum is"):
        fetch()
    assert names(tmp_path / "data") == []
    server.data = right
    fetch()
    assert "already" in fetch()


def test_a_server_without_the_file(server, sums, tmp_path):
    """The server's own answer is in the message."""
    with pytest.raises(DataError, match=r"the download stopped .*404"):
        download.download(tmp_path, f"{server.url}.moved", "", sums)


def test_no_server_at_all(archive, sums, tmp_path):
    """No connection is one line that names the address."""
    with Server(archive) as closed:
        url = closed.url
    with pytest.raises(DataError, match=f"^{url}: the download stopped"):
        download.download(tmp_path / "data", url, "", sums)


def test_a_folder_that_can_not_be_made(fetch, tmp_path):
    """A file in the folder's place is named."""
    (tmp_path / "data").write_bytes(b"")
    with pytest.raises(DataError, match="data can't be written"):
        fetch()


def test_the_command_prints_one_line(monkeypatch, capsys, tmp_path):
    """Done is a sentence on stdout, an error one on stderr with exit code 1, a stop code 130."""
    monkeypatch.setattr("sys.argv", ["download", str(tmp_path)])
    monkeypatch.setattr(download, "download", lambda folder: f"CIFAR-10 is in {folder}.")
    download.main()
    assert capsys.readouterr().out == (
        f"CIFAR-10 is in {tmp_path}.\nTo use it, set CIFAR10_DIR to that folder.\n"
    )

    def fails(_):
        raise DataError("no connection")

    monkeypatch.setattr(download, "download", fails)
    with pytest.raises(SystemExit, match=r"^error: no connection$"):
        download.main()

    def stops(_):
        raise KeyboardInterrupt

    monkeypatch.setattr(download, "download", stops)
    with pytest.raises(SystemExit) as caught:
        download.main()
    assert caught.value.code == 130


def test_modules_are_commands(assignment_folder):
    """One downloads; the other, which used to, names the first one."""
    environment = {**os.environ, "PYTHONPATH": str(assignment_folder)}

    def run(*words):
        command = [sys.executable, "-m", *words]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    assert "Download CIFAR-10" in run("cs682.download", "--help").stdout
    earlier = run("cs682.data_utils")
    assert (earlier.returncode, earlier.stderr) == (
        1,
        "To download CIFAR-10: python -m cs682.download\n",
    )


def test_the_bar_is_drawn_on_a_terminal_only(fetch, monkeypatch, capsys):
    """Off a terminal nothing is animated; on one, the bar ends full."""
    fetch()
    assert capsys.readouterr().err == ""
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    download._show(85_000_000, 170_000_000)
    download._show(170_000_000, 170_000_000)
    frames = capsys.readouterr().err.split("\r")[1:]
    assert frames == [
        "[###############...............]  50% of 170 MB",
        f"[{'#' * 30}] 100% of 170 MB",
    ]
