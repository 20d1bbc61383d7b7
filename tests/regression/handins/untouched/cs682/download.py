"""Downloading CIFAR-10: 170 MB, once, checked by MD5 sums. Standard library only."""

import argparse
import hashlib
import http.client
import sys
import tarfile
import urllib.error
import urllib.request
from http import HTTPStatus

from .data_utils import SUMS, DataError, data_folder, md5_of

URL = "https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz"
ARCHIVE = "cifar-10-python.tar.gz"
ARCHIVE_SUM = "c58f30108f718f92721af3b95e74349a"
#: Bytes between two looks at the progress.
CHUNK = 1 << 18
#: Seconds without a byte, after which a connection counts as lost.
PATIENCE = 60
#: No file of the data set is larger than this, in bytes.
LARGEST = 1 << 26


def main():
    """Download into the folder named on the command line, or where the data is looked for."""
    parser = argparse.ArgumentParser(description="Download CIFAR-10 (170 MB) once.")
    parser.add_argument(
        "folder", nargs="?", help="where to (default: CIFAR10_DIR, else your cache folder)"
    )
    folder = parser.parse_args().folder
    try:
        done = download(folder)
    except DataError as error:
        sys.exit(f"error: {error}")
    except KeyboardInterrupt:
        sys.stderr.write("\nstopped; the same command goes on from here\n")
        sys.exit(130)
    print(done)
    if data_folder(folder) != data_folder():
        print("To use it, set CIFAR10_DIR to that folder.")


def download(folder=None, url=URL, archive_sum=ARCHIVE_SUM, sums=SUMS):
    """Put the files of CIFAR-10 into a folder, and return a sentence that says so.

    folder: as for :func:`~.data_utils.data_folder`; it is made if need be. Files that are there
    and right stay, and an unfinished download is gone on with. Raises DataError if there is no
    connection, no space, or if what comes isn't CIFAR-10; nothing wrong is left there then.
    """
    folder = data_folder(folder)
    if all(_is_right(folder / name, md5) for name, md5 in sums.items()):
        return f"CIFAR-10 is in {folder} already, and complete."
    archive = folder / f"{ARCHIVE}.part"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _fetch(url, archive)
        _verify(archive, archive_sum)
        _extract(archive, folder, sums)
        archive.unlink()
    except OSError as error:
        raise DataError(
            f"{error.filename or folder} can't be written ({error.strerror}). Make room there, or "
            "name another folder."
        ) from error
    return f"CIFAR-10 is in {folder}."


def _fetch(url, path):
    """Download to path, from where its last download stopped."""
    start = path.stat().st_size if path.exists() else 0
    response = _open(url, start)
    if response is None:
        return
    with response:
        if response.status != HTTPStatus.PARTIAL_CONTENT:
            start = 0  # the server sends all of it, whatever was asked for
        total = start + int(response.headers.get("Content-Length") or 0)
        done = start
        with path.open("ab" if start else "wb") as file:
            for chunk in _chunks(response, url):
                file.write(chunk)
                done += len(chunk)
                _show(done, total)
    if sys.stderr.isatty():
        sys.stderr.write("\n")
    if done < total:
        raise _stopped(url, f"{done:,} of {total:,} bytes came")


def _open(url, start):
    """Return the server's answer from byte start on, or None if nothing comes after it."""
    request = urllib.request.Request(url, headers={"Range": f"bytes={start}-"} if start else {})
    try:
        return urllib.request.urlopen(request, timeout=PATIENCE)
    except urllib.error.HTTPError as error:
        if start and error.code == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
            return None
        raise _stopped(url, error) from error
    except urllib.error.URLError as error:
        raise _stopped(url, error.reason) from error
    except (OSError, http.client.HTTPException) as error:
        raise _stopped(url, error) from error


def _chunks(response, url):
    """Yield what comes; only trouble with the network ends in this function's DataError."""
    try:
        while chunk := response.read(CHUNK):
            yield chunk
    except (OSError, http.client.HTTPException) as error:
        raise _stopped(url, error) from error


def _verify(path, md5):
    """Delete a download whose sum is wrong, and say so: there is no going on with it."""
    with path.open("rb") as file:
        found = hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
    if found != md5:
        path.unlink()
        raise DataError(
            f"{path} is not CIFAR-10: its MD5 sum is {found}, not {md5}. It is deleted; run the "
            "same command again, if need be from another network."
        )


def _extract(archive, folder, sums):
    """Write the files that sums names, and no others, each only if its own sum is right."""
    with tarfile.open(archive, "r:gz") as members:
        for member in members:
            name = member.name.rpartition("/")[2]
            if name not in sums or not member.isfile() or member.size > LARGEST:
                continue
            data = members.extractfile(member).read()
            if md5_of(data) == sums[name]:
                unfinished = folder / f"{name}.part"
                unfinished.write_bytes(data)
                unfinished.replace(folder / name)
    missing = [name for name, md5 in sums.items() if not _is_right(folder / name, md5)]
    if missing:
        raise DataError(f"{archive} has no right {', '.join(missing)} in it. Delete it.")


def _is_right(path, md5):
    """Tell whether a file is there and has that MD5 sum."""
    return path.is_file() and md5_of(path.read_bytes()) == md5


def _show(done, total):
    """Draw the progress bar, on a terminal only; done and total are bytes."""
    if sys.stderr.isatty():
        share = done / max(done, total)
        bar = ("#" * round(30 * share)).ljust(30, ".")
        sys.stderr.write(f"\r[{bar}] {share:4.0%} of {max(done, total) / 1e6:.0f} MB")
        sys.stderr.flush()


def _stopped(url, reason):
    """Return the error of a download that didn't get to its end."""
    return DataError(f"{url}: the download stopped ({reason}). Run the same command to go on.")
