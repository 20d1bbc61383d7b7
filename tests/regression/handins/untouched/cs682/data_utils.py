"""CIFAR-10 as arrays (Krizhevsky, 2009), or the synthetic stand-in where it isn't at hand.

The data set's original files are looked for in one folder: the one that a call names, else the
environment variable ``CIFAR10_DIR``, else this user's cache. To download them into it::

    python -m cs682.data_utils
"""

import hashlib
import os
import pickle
import sys
from pathlib import Path

import numpy as np

from . import synthetic

#: MD5 sums of the original files, in the order in which they are read.
TRAINING_SUMS = {
    "data_batch_1": "c99cafc152244af753f735de768cd75f",
    "data_batch_2": "d4bba439e000b95fd0a9bffe97cbabec",
    "data_batch_3": "54ebc095f3ab1f0389bbae665268c751",
    "data_batch_4": "634d18415352ddfa80567beed471001a",
    "data_batch_5": "482c414d41f54cd18b22e5b47cb7c3cb",
}
TEST_SUMS = {"test_batch": "40351d587109b95175f43aff81a1287e"}
SUMS = {**TRAINING_SUMS, **TEST_SUMS}


class DataError(Exception):
    """A file of CIFAR-10 can't be used; the message names the file and the way out."""


def load_data(folder=None):
    """Return CIFAR-10 if its files are there, else the synthetic stand-in; print which it is.

    Both are a dict of X_train, y_train, X_val, y_val, X_test and y_test, as
    :func:`get_CIFAR10_data` describes. Raises DataError if the files are damaged or incomplete.
    """
    folder = data_folder(folder)
    if any((folder / name).exists() for name in SUMS):
        print(f"CIFAR-10, from {folder}")
        return get_CIFAR10_data(folder=folder)
    print(
        f"CIFAR-10 is not in {folder}.\nThis is a synthetic stand-in: everything runs on it, but "
        f"accuracies differ. To download CIFAR-10: {_command()}"
    )
    return split(*synthetic.images(5500, seed=0), *synthetic.images(500, seed=1), 5000)


def get_CIFAR10_data(
    num_training=49000,
    num_validation=1000,
    num_test=1000,
    subtract_mean=True,
    folder=None,
    sums=SUMS,
):
    """Return CIFAR-10 as a dict of X_train, y_train, X_val, y_val, X_test and y_test.

    The first num_training of the 50,000 training images train, the num_validation after them
    validate, and the first num_test of the 10,000 test images test. Images: (N, 3, 32, 32),
    float64, values 0 to 255, less the mean training image unless subtract_mean is false. Labels:
    (N,), int64, 0 to 9. folder: where the files are; sums: their names and MD5 sums.
    Raises DataError if a file is missing or damaged, ValueError if more images are asked for
    than there are.
    """
    folder = data_folder(folder)
    batches = {name: read_batch(folder / name, md5) for name, md5 in sums.items()}
    test = batches.pop("test_batch")
    images, labels = (np.concatenate(parts) for parts in zip(*batches.values(), strict=True))
    for asked, there in ((num_training + num_validation, labels), (num_test, test[1])):
        if asked > len(there):
            raise ValueError(f"{asked} images are asked for, and there are {len(there)}")
    return split(
        images[: num_training + num_validation],
        labels[: num_training + num_validation],
        test[0][:num_test],
        test[1][:num_test],
        num_training,
        subtract_mean,
    )


def read_part(number, folder=None):
    """Return images and labels of one original file as they are: 0 to 4 train, 5 tests."""
    name, md5 = list(SUMS.items())[number]
    return read_batch(data_folder(folder) / name, md5)


def read_batch(path, md5):
    """Return the images (N, 3, 32, 32), uint8, and labels (N,), int64, of one original file.

    Raises DataError unless the file's MD5 sum is md5: to unpickle is to run what a file says, so
    nothing else is.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise DataError(f"{path} is missing. {_way_out()}") from None
    except OSError as error:
        raise DataError(f"{path} can't be read ({error.strerror}). {_way_out()}") from None
    if md5_of(data) != md5:
        raise DataError(
            f"{path} is damaged or incomplete: its MD5 sum is {md5_of(data)}, not {md5}. "
            f"{_way_out()}"
        )
    batch = pickle.loads(data, encoding="latin1")
    return batch["data"].reshape(-1, 3, 32, 32), np.array(batch["labels"], dtype=np.int64)


def data_folder(folder=None):
    """Return the folder of the data set: the one given, else CIFAR10_DIR's, else in the cache."""
    folder = folder or os.environ.get("CIFAR10_DIR")
    return Path(folder).expanduser() if folder else _cache() / "cs682" / "cifar-10-batches-py"


def md5_of(data):
    """Return the MD5 sum of bytes, as 32 hexadecimal digits."""
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


def split(images, labels, X_test, y_test, num_training, subtract_mean=True):
    """Return the dict of arrays: of images, the first num_training train and the rest validate.

    images, X_test: (N, 3, 32, 32), uint8; those that come back are float64, less the mean
    training image unless subtract_mean is false. Labels: (N,), as they are.
    """
    data = {
        "X_train": images[:num_training].astype(np.float64),
        "y_train": labels[:num_training],
        "X_val": images[num_training:].astype(np.float64),
        "y_val": labels[num_training:],
        "X_test": X_test.astype(np.float64),
        "y_test": y_test,
    }
    if subtract_mean:
        mean = data["X_train"].mean(axis=0)
        for name in ("X_train", "X_val", "X_test"):
            data[name] -= mean
    return data


def _cache():
    """Return the folder in which this user's programs keep what can be had again."""
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    if os.environ.get("XDG_CACHE_HOME"):
        return Path(os.environ["XDG_CACHE_HOME"])
    return Path.home() / ("Library/Caches" if sys.platform == "darwin" else ".cache")


def _command():
    """Return the command that downloads CIFAR-10; this package goes by several names."""
    return f"python -m {__spec__.parent}.data_utils"


def _way_out():
    return (
        f"Run `{_command()}`, which replaces what is missing or damaged, or set CIFAR10_DIR to "
        "the folder that holds data_batch_1."
    )


if __name__ == "__main__":
    from .download import main

    main()
