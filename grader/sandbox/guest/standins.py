"""In the child: which modules import, and stand-ins for those that don't.

numpy and the standard library import. What only plots, or only bridges Python 2 and 3, imports
as a stand-in that does nothing or the right thing. All else imports as a stand-in that raises
:class:`NotAllowed` at its first use, so that an unused import costs nothing.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import sys
import types
from collections.abc import Callable, Collection
from typing import NoReturn

import numpy as np

from grader.model.programs import Failure
from grader.sandbox.guest.bridges import BRIDGES
from grader.sandbox.guest.plotting import iter_through, nothing
from grader.sandbox.guest.recognized import empty_import
from grader.sandbox.guest.tried import import_is_tried
from grader.sandbox.protocol.layout import STUDENT

if np.lib.NumpyVersion(np.__version__) < "2.0.0":
    # Its first import starts a program that asks for the processor: before nothing can be started.
    pass

#: Parts of the standard library that could only fail in a confined process.
POINTLESS = frozenset(
    [
        "asyncio",
        "ctypes",
        "curses",
        "ftplib",
        "http",
        "idlelib",
        "imaplib",
        "mailbox",
        "multiprocessing",
        "poplib",
        "pty",
        "smtplib",
        "socket",
        "socketserver",
        "ssl",
        "subprocess",
        "telnetlib",
        "tkinter",
        "turtle",
        "urllib",
        "venv",
        "webbrowser",
        "wsgiref",
        "xmlrpc",
        "ensurepip",
        "turtledemo",
    ]
)
_ALLOWED = (sys.stdlib_module_names - POINTLESS) | {"numpy"}
_BARS = frozenset(("tqdm", "trange", "tqdm_notebook"))
_STUBBED_LIBRARIES = frozenset(("matplotlib", "IPython", "seaborn", "tqdm", "PIL", "imageio"))


class NotAllowed(ImportError):
    """A module that a submission may not use was used."""


def forget(tops: Collection[str]) -> None:
    """Have the modules below the names *tops* imported anew when they are next imported.

    To walk over all modules touches each one's name, which is a page of memory for most of them:
    a tenth of what a child touches, so it is done only where there is something to forget.
    """
    if any(top in sys.modules for top in tops):
        for name in [name for name in sys.modules if name.partition(".")[0] in tops]:
            del sys.modules[name]


def is_allowed(name: str) -> bool:
    """Return whether the top-level module *name* is imported as it is."""
    return name in _ALLOWED


def find(fullname: str) -> importlib.machinery.ModuleSpec | None:
    """Return the spec of a stand-in for *fullname*, or ``None`` to let Python import it."""
    top = fullname.partition(".")[0]
    if top in _ALLOWED or top.startswith("_sysconfigdata"):
        return None
    if fullname in BRIDGES:
        return _spec(fullname, _Filled(BRIDGES[fullname]))
    if top in _STUBBED_LIBRARIES:
        return _spec(fullname, _Silent())
    return refuse(fullname, f"{top} isn't available here")


def refuse(
    fullname: str, why: str, lost: Callable[[Failure], object] | None = None
) -> importlib.machinery.ModuleSpec:
    """Return the spec of a module that raises at its first use and says *why*.

    With *lost*, that makes what its names are, of the failure of the import.
    """
    return _spec(fullname, _Refusing(why, lost))


def _spec(fullname: str, loader: importlib.abc.Loader) -> importlib.machinery.ModuleSpec:
    return importlib.machinery.ModuleSpec(fullname, loader, is_package=True)


class _Filled(importlib.abc.Loader):
    """A module that holds the given names."""

    def __init__(self, names: dict[str, object]) -> None:
        self._names = names

    def exec_module(self, module: types.ModuleType) -> None:
        module.__dict__.update(self._names)


class _Silent(importlib.abc.Loader):
    """A module whose every name is a :class:`~grader.sandbox.guest.plotting.Nothing`."""

    def exec_module(self, module: types.ModuleType) -> None:
        def give(name: str) -> object:
            if name.startswith("__"):
                raise AttributeError(name)
            return iter_through if name in _BARS else nothing(name)

        module.__dict__["__getattr__"] = give


class _Refusing(importlib.abc.Loader):
    """A module whose every name is a :class:`Forbidden`, or what *lost* makes."""

    def __init__(self, why: str, lost: Callable[[Failure], object] | None) -> None:
        self._why, self._lost = why, lost

    def exec_module(self, module: types.ModuleType) -> None:
        if import_is_tried():
            raise ModuleNotFoundError(f"No module named {module.__name__!r}", name=module.__name__)
        forbidden = Forbidden(self._why)

        def give(name: str) -> object:
            if name == "__all__":
                # Python asks for it where a line imports * from the module.
                line = f"from {module.__name__} import * gives no names"
                empty_import(*_imported(f"{line}: {self._why}."))
            if name.startswith("__"):
                raise AttributeError(name)
            if self._lost is not None:
                _, failure = _imported(f"{self._why[:1].upper()}{self._why[1:]}.")
                return self._lost(failure)
            return forbidden

        module.__dict__["__getattr__"] = give


def _imported(text: str) -> tuple[str, Failure]:
    """Return the file whose line uses a module that isn't there, and that as a failure."""
    frame = sys._getframe(2)  # this function and the module's __getattr__ are above it
    filename, line = frame.f_code.co_filename, frame.f_lineno
    file = filename.removeprefix(STUDENT).partition("/")[2] if filename.startswith(STUDENT) else ""
    failure = Failure(
        "raised", "", "ModuleNotFoundError", text, file, line if file else 0, "import"
    )
    return filename, failure


class Forbidden:
    """Raises :class:`NotAllowed` at every use but being imported, named or inherited from."""

    def __init__(self, why: str) -> None:
        object.__setattr__(self, "_why", why)

    def _refuse(self, *args: object, **kwargs: object) -> NoReturn:
        why = object.__getattribute__(self, "_why")
        raise NotAllowed(f"Use numpy, the standard library and your own files: {why}.")

    def __getattr__(self, name: str) -> NoReturn:
        if name.startswith("__"):
            raise AttributeError(name)
        self._refuse()

    def __mro_entries__(self, bases: object) -> tuple[type, ...]:
        refuse = self._refuse
        return (type("Forbidden", (), {"__init__": lambda self, *args, **kwargs: refuse()}),)

    __call__ = __setattr__ = __getitem__ = __setitem__ = __iter__ = __enter__ = __len__ = _refuse
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __matmul__ = _refuse
    __rmatmul__ = __truediv__ = __rtruediv__ = __neg__ = __pow__ = __bool__ = __float__ = _refuse
