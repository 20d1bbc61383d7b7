"""The Python that children run in: its command, its environment, the folders that it reads."""

from __future__ import annotations

import os
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy

#: The folder of the package ``grader``.
ENGINE = Path(__file__).resolve().parents[2]

_BOOT = "import sys; sys.path += {paths!r}; from grader.sandbox.{module} import main; main()"


def command(module: str, *arguments: str) -> list[str]:
    """Return the command that runs ``main`` of a *module* of the sandbox in a clean Python.

    ``-I -S`` leave the environment and the site's start-up files out; numpy and the grader are
    found where this process found them, so an editable install works like a wheel.
    """
    boot = _BOOT.format(paths=libraries(), module=module)
    return [os.path.realpath(sys.executable), "-I", "-S", "-c", boot, *arguments]


def libraries() -> list[str]:
    """Return the folders that numpy, the grader and what notebooks need are imported from."""
    found = [str(Path(numpy.__file__).parents[1]), str(ENGINE.parent)]
    return list(dict.fromkeys([*found, *for_notebooks()]))


def for_notebooks() -> list[str]:
    """Return the folders that IPython and the converters are imported from, if they are there."""
    names = ("IPython", "nbconvert", "mistune", "pygments", "nh3", "latex2mathml")
    specs = [find_spec(name) for name in names]
    places = [str(Path(spec.origin).parents[1]) for spec in specs if spec and spec.origin]
    return list(dict.fromkeys(places))


def environment() -> dict[str, str]:
    """Return a child's whole environment: one BLAS thread, the grader's choice of kernels."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name in ("OPENBLAS_CORETYPE", "NPY_DISABLE_CPU_FEATURES", "SYSTEMROOT")
    }
    threads = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
    # Older versions of IPython don't import where there is no home.
    fixed = {"LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "0", "HOME": "/"}
    return {**kept, **dict.fromkeys(threads, "1"), **fixed}


def readable() -> list[str]:
    """Return the folders that a child may read: the standard library's and numpy's."""
    library = Path(os.__file__).parent
    packages = Path(numpy.__file__).parent
    return [str(library), str(packages), str(packages.with_name("numpy.libs"))]
