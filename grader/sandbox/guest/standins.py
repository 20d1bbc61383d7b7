"""In the child: which modules import, and stand-ins for those that don't.

numpy and the standard library import. What only plots, or only bridges Python 2 and 3, imports
as a stand-in that does nothing or the right thing. All else imports as a stand-in that raises
:class:`NotAllowed` at its first use, so that an unused import costs nothing.
"""

from __future__ import annotations

import builtins
import functools
import importlib
import importlib.abc
import importlib.machinery
import io
import itertools
import sys
import types
from collections.abc import Collection
from typing import Any

import numpy as np

if np.lib.NumpyVersion(np.__version__) < "2.0.0":
    # Its first import starts a program that asks for the processor: before nothing can be started.
    import numpy.testing

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
    """A module that isn't available was used."""


def forget(tops: Collection[str]) -> None:
    """Have the modules of these names, and what is in them, imported anew when they are asked for.

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
    if fullname in _BRIDGES:
        return _spec(fullname, _Filled(_BRIDGES[fullname]))
    if top in _STUBBED_LIBRARIES:
        return _spec(fullname, _Silent())
    return refuse(fullname, f"{top} isn't available here")


def refuse(fullname: str, why: str) -> importlib.machinery.ModuleSpec:
    """Return the spec of a module that raises at its first use and says *why*."""
    return _spec(fullname, _Refusing(why))


def _spec(fullname: str, loader: importlib.abc.Loader) -> importlib.machinery.ModuleSpec:
    return importlib.machinery.ModuleSpec(fullname, loader, is_package=True)


class _Filled(importlib.abc.Loader):
    """A module that holds the given names."""

    def __init__(self, names: dict[str, Any]) -> None:
        self._names = names

    def exec_module(self, module: types.ModuleType) -> None:
        module.__dict__.update(self._names)


class _Silent(importlib.abc.Loader):
    """A module whose every name is :class:`Nothing`."""

    def exec_module(self, module: types.ModuleType) -> None:
        def give(name: str) -> Any:
            if name.startswith("__"):
                raise AttributeError(name)
            return iter_through if name in _BARS else _nothing(name)

        module.__dict__["__getattr__"] = give


class _Refusing(importlib.abc.Loader):
    """A module whose every name is a :class:`Forbidden`."""

    def __init__(self, why: str) -> None:
        self._why = why

    def exec_module(self, module: types.ModuleType) -> None:
        forbidden = Forbidden(self._why)

        def give(name: str) -> Any:
            if name.startswith("__"):
                raise AttributeError(name)
            return forbidden

        module.__dict__["__getattr__"] = give


class Nothing:
    """Takes every use that plotting makes of it, and does nothing."""

    def __call__(self, *args: Any, **kwargs: Any) -> Nothing:
        return self

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _nothing(name)

    def __getitem__(self, key: Any) -> Nothing:
        return self

    def __setitem__(self, key: Any, value: Any) -> None:
        pass

    def __setattr__(self, name: str, value: Any) -> None:
        pass

    def __iter__(self) -> Any:
        return iter(())

    def __enter__(self) -> Nothing:
        return self

    def __exit__(self, *args: Any) -> None:
        pass


def _subplots(rows: int = 1, columns: int = 1, *args: Any, **options: Any) -> Any:
    """Return a figure and as many axes, in such an array, as plotting would."""
    rows, columns = options.get("nrows", rows), options.get("ncols", columns)
    axes = np.empty((rows, columns), dtype=object)
    for place in np.ndindex(rows, columns):
        axes[place] = Nothing()
    if not options.get("squeeze", True):
        return Nothing(), axes
    return Nothing(), axes[0, 0] if axes.size == 1 else axes.squeeze()


class _One(Nothing):
    """The lines of one plot."""

    def __iter__(self) -> Any:
        return iter((Nothing(),))


class _Three(Nothing):
    """A histogram's counts, edges and bars."""

    def __iter__(self) -> Any:
        return iter((Nothing(), Nothing(), Nothing()))


#: What gives something that is unpacked, and so has a length.
_SHAPED: dict[str, Any] = {
    "subplots": _subplots,
    "hist": lambda *args, **options: _Three(),
    "plot": lambda *args, **options: _One(),
}


def _nothing(name: str) -> Any:
    return _SHAPED.get(name) or Nothing()


class Forbidden:
    """Raises :class:`NotAllowed` at every use but being imported, named or inherited from."""

    def __init__(self, why: str) -> None:
        object.__setattr__(self, "_why", why)

    def _refuse(self, *args: Any, **kwargs: Any) -> Any:
        why = object.__getattribute__(self, "_why")
        raise NotAllowed(f"Use numpy, the standard library and your own files: {why}.")

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return self._refuse()

    def __mro_entries__(self, bases: Any) -> tuple[type, ...]:
        refuse = self._refuse
        return (type("Forbidden", (), {"__init__": lambda self, *args, **kwargs: refuse()}),)

    __call__ = __setattr__ = __getitem__ = __setitem__ = __iter__ = __enter__ = __len__ = _refuse
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __matmul__ = _refuse
    __rmatmul__ = __truediv__ = __rtruediv__ = __neg__ = __pow__ = __bool__ = __float__ = _refuse


def iter_through(items: Any = (), *args: Any, **kwargs: Any) -> Any:
    """A progress bar's loop without the bar."""
    return range(items) if isinstance(items, int) else items


def _identity(value: Any) -> Any:
    return value


# A student may use it in their own process; nothing of the grader's does.
_pickle = importlib.import_module("pickle")
_moves: dict[str, Any] = {
    "xrange": range,
    "range": range,
    "zip": zip,
    "map": map,
    "filter": filter,
    "input": input,
    "reduce": functools.reduce,
    "zip_longest": itertools.zip_longest,
    "cPickle": _pickle,
    "StringIO": io.StringIO,
    "builtins": builtins,
}
_loops: dict[str, Any] = {
    "iteritems": lambda mapping: iter(mapping.items()),
    "itervalues": lambda mapping: iter(mapping.values()),
    "iterkeys": lambda mapping: iter(mapping.keys()),
    "PY2": False,
    "PY3": True,
    "string_types": (str,),
    "integer_types": (int,),
    "with_metaclass": lambda meta, *bases: meta("Base", bases, {}),
    "python_2_unicode_compatible": _identity,
}
_types: dict[str, Any] = {
    "xrange": range,
    "basestring": str,
    "unicode": str,
    "long": int,
    "raw_input": input,
    "reduce": functools.reduce,
    "old_div": lambda a, b: a // b if isinstance(a, int) and isinstance(b, int) else a / b,
}
_BRIDGES: dict[str, dict[str, Any]] = {
    "past": {},
    "past.builtins": _types,
    "past.utils": _types,
    "future": {"standard_library": Nothing()},
    "future.builtins": vars(builtins).copy(),
    "future.utils": _loops,
    "future.standard_library": {"install_aliases": lambda: None},
    "six": _loops,
    "six.moves": _moves,
    "six.moves.cPickle": vars(_pickle),
    "__builtin__": vars(builtins).copy(),
    "cPickle": vars(_pickle),
}
