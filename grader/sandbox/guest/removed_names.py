"""In the child: names of numpy that an admitted version had and the installed one has not.

Requirements admit numpy 1.26, so code that uses its names is right. The table follows numpy's
release notes: "Expired deprecations" and "Main namespace changes" of 2.0 (NEP 52), "Expired
deprecations" of 2.2 to 2.4. Names that 1.26 itself had dropped, such as ``np.float``, aren't here:
they are told with what to write (:mod:`grader.model.causes`).
"""

from __future__ import annotations

import importlib
import math
from collections.abc import Callable, Mapping

import numpy as np

from grader.sandbox.guest.scope import Foreign
from grader.sandbox.guest.standins import Forbidden

_numpy: Foreign = np
_names: Foreign = vars

#: Names that numpy has under another name, by the old one.
RENAMED: Mapping[str, str] = {
    # Removed in 2.0.
    "Inf": "inf",
    "Infinity": "inf",
    "infty": "inf",
    "PINF": "inf",
    "NaN": "nan",
    "NAN": "nan",
    "alltrue": "all",
    "sometrue": "any",
    "product": "prod",
    "cumproduct": "cumprod",
    "round_": "round",
    "float_": "float64",
    "complex_": "complex128",
    "cfloat": "complex128",
    "singlecomplex": "complex64",
    "longfloat": "longdouble",
    "longcomplex": "clongdouble",
    "clongfloat": "clongdouble",
    "string_": "bytes_",
    "unicode_": "str_",
    "mat": "asmatrix",
    "bool8": "bool_",
    "int0": "intp",
    "uint0": "uintp",
    "object0": "object_",
    "str0": "str_",
    "bytes0": "bytes_",
    "void0": "void",
    # Deprecated in 2.0, and removed later.
    "row_stack": "vstack",
    "trapz": "trapezoid",
}
#: Names that have moved to another module of numpy.
MOVED: Mapping[str, str] = {
    "AxisError": "numpy.exceptions",
    "ComplexWarning": "numpy.exceptions",
    "ModuleDeprecationWarning": "numpy.exceptions",
    "RankWarning": "numpy.exceptions",
    "TooHardError": "numpy.exceptions",
    "VisibleDeprecationWarning": "numpy.exceptions",
    "byte_bounds": "numpy.lib.array_utils",
    "DataSource": "numpy.lib.npyio",
}


#: Parts of numpy that load when they are asked for, as ``from numpy import *`` does, and can't
#: load where no file may be opened: what they do can't be done there either.
UNLOADED = ("ctypeslib", "f2py")


def _asfarray(a: Foreign, dtype: Foreign = np.float64) -> Foreign:
    found = np.dtype(dtype)
    return np.asarray(a, found if issubclass(found.type, np.inexact) else np.float64)


def _in1d(ar1: Foreign, ar2: Foreign, assume_unique: bool = False, invert: bool = False) -> Foreign:
    return np.isin(np.asarray(ar1).ravel(), ar2, assume_unique, invert)


def _msort(a: Foreign) -> Foreign:
    return np.sort(a, axis=0)


def _find_common_type(array_types: Foreign, scalar_types: Foreign) -> Foreign:
    return np.result_type(*map(np.dtype, [*array_types, *scalar_types]))


def _fast_copy_and_transpose(a: Foreign) -> Foreign:
    return np.asarray(a).T.copy()


def _issubclass(one: Foreign, other: Foreign) -> bool:
    return isinstance(one, type) and issubclass(one, other)


def _issctype(rep: Foreign) -> bool:
    return isinstance(rep, np.dtype) or _issubclass(rep, np.generic)


def _issubsctype(one: Foreign, other: Foreign) -> bool:
    return issubclass(_sctype(one), _sctype(other))


def _sctype(rep: Foreign) -> Foreign:
    if _issubclass(rep, np.generic):
        return rep
    return np.dtype(getattr(rep, "dtype", rep)).type


def _disp(mesg: Foreign, device: Foreign = None, linefeed: bool = True) -> None:
    print(mesg, file=device, end="\n" if linefeed else "")


class _Cast(dict[Foreign, Callable[[Foreign], Foreign]]):
    """``np.cast[dtype](a)``."""

    def __missing__(self, key: Foreign) -> Callable[[Foreign], Foreign]:
        return lambda a: np.asarray(a).astype(key)


#: Functions and values that numpy has in no form.
WRITTEN: Mapping[str, Foreign] = {
    "NINF": -math.inf,
    "PZERO": 0.0,
    "NZERO": -0.0,
    "asfarray": _asfarray,
    "in1d": _in1d,
    "msort": _msort,
    "find_common_type": _find_common_type,
    "fastCopyAndTranspose": _fast_copy_and_transpose,
    "issubclass_": _issubclass,
    "issctype": _issctype,
    "issubsctype": _issubsctype,
    "obj2sctype": _sctype,
    "sctype2char": lambda sctype: np.dtype(sctype).char,
    "maximum_sctype": _sctype,
    "nbytes": {kind: np.dtype(kind).itemsize for kind in np.sctypeDict.values()},
    "sctypes": {
        "int": [np.int8, np.int16, np.int32, np.int64],
        "uint": [np.uint8, np.uint16, np.uint32, np.uint64],
        "float": [np.float16, np.float32, np.float64, np.longdouble],
        "complex": [np.complex64, np.complex128, np.clongdouble],
        "others": [bool, object, bytes, str, np.void],
    },
    "cast": _Cast(),
    "disp": _disp,
    # Not of numpy, and there all the same up to 1.26.
    "math": math,
}


def restore() -> None:
    """Give numpy, in this process, the names that it had in 1.26 and has lost."""
    names = _names(_numpy)
    for old, new in RENAMED.items():
        if old not in names and new in names:
            names[old] = names[new]
    for old, module in MOVED.items():
        if old not in names and (found := _moved(module, old)) is not None:
            names[old] = found
    for old, value in WRITTEN.items():
        names.setdefault(old, value)
    for missing in UNLOADED:
        names.setdefault(missing, Forbidden(f"numpy.{missing} isn't available here"))
    # 1.26 had most of numpy's functions in numpy.lib as well, and linalg in itself.
    lib = _names(_numpy.lib)
    if "pad" not in lib:
        own = lib.get("__getattr__")
        lib["__getattr__"] = lambda name: names[name] if name in names else own(name)
    linalg = _names(_numpy.linalg)
    linalg.setdefault("linalg", _numpy.linalg)


def _moved(module: str, name: str) -> Foreign:
    try:
        return getattr(importlib.import_module(module), name, None)
    except ImportError:
        return None
