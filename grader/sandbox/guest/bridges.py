"""In the child: libraries that bridge Python 2 and 3, by the names that they hold."""

from __future__ import annotations

import builtins
import functools
import importlib
import io
import itertools

from grader.sandbox.guest.plotting import Nothing


def _identity(value: object) -> object:
    return value


# A student may use it in their own process; nothing of the grader's does.
_pickle = importlib.import_module("pickle")
_moves: dict[str, object] = {
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
_loops: dict[str, object] = {
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
_types: dict[str, object] = {
    "xrange": range,
    "basestring": str,
    "unicode": str,
    "long": int,
    "raw_input": input,
    "reduce": functools.reduce,
    "old_div": lambda a, b: a // b if isinstance(a, int) and isinstance(b, int) else a / b,
}
#: What each module holds.
BRIDGES: dict[str, dict[str, object]] = {
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
