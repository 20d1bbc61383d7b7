"""In the child: imports a submission that exists as text only.

The student's package imports under its own name and its aliases, all of which give the same
module objects. A missing ``__init__.py`` is an empty one. A module that fails to load is
replaced by a stand-in made of the course's text, whose functions say why when they are called;
so one file that doesn't parse costs only what needs it. Modules that aren't allowed or aren't
there import as stand-ins that raise at their first use (:mod:`grader.sandbox.guest.standins`).
"""

from __future__ import annotations

import builtins
import importlib
import importlib.abc
import importlib.machinery
import linecache
import sys
import types
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from grader.model.programs import Failure
from grader.sandbox.guest import standins
from grader.sandbox.guest.failures import Broken, Missing, explain
from grader.sandbox.guest.preloaded import PRELOADED
from grader.sandbox.guest.reference.proxies import without_options
from grader.sandbox.protocol.layout import COURSE, STUDENT

_compiled, _exec = PRELOADED.compiled, exec


class Importer(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds and loads the modules of one package; everything else goes by ``standins``.

    *report* is called with (module, begins) around each module's run. With *kernel*, what is
    loaded already stays as it is, and the standard library is whole: a Jupyter kernel needs it.
    """

    def __init__(
        self,
        name: str,
        aliases: Sequence[str],
        files: Mapping[str, bytes],
        given: Mapping[str, bytes],
        given_names: Mapping[str, Sequence[str]],
        broken: Mapping[str, str],
        answered: Mapping[str, Mapping[str, Callable[..., Any]]],
        report: Callable[[str, bool], None],
        kernel: bool = False,
    ) -> None:
        # A package that calls itself numpy must not hide numpy.
        taken = standins.is_allowed(name) or name in sys.modules
        self._name = "submission" if taken else name
        self._aliases = {alias for alias in aliases if not standins.is_allowed(alias)}
        self._aliases.discard(self._name)
        self._builtins = types.ModuleType("builtins")
        self._files, self._given = files, given
        self._given_names, self._broken, self._report = given_names, broken, report
        self._answered = answered
        #: The package's own functions in whose place others stand.
        self.replaced: dict[str, Any] = {}
        self._kept: frozenset[str] = frozenset()
        if kernel:
            loaded = {name.partition(".")[0] for name in sys.modules}
            self._kept = sys.stdlib_module_names | loaded

    def install(self) -> None:
        forgotten = standins.POINTLESS - self._kept
        standins.forget({self._name, *self._aliases} | forgotten)
        # A submission that patches builtins patches its own copy, not the grader's or numpy's.
        self._builtins.__dict__.update(vars(builtins))
        sys.modules["builtins"] = self._builtins
        sys.meta_path.insert(0, self)

    def target(self, target: str) -> Any:
        """Return what ``"classifiers.fc_net:TwoLayerNet"`` names; raises :class:`Missing`."""
        module, _, name = target.partition(":")
        if self._place(module) is None:
            raise Missing(f"The package has no module {module}.")
        found = importlib.import_module(f"{self._name}.{module}")
        try:
            return getattr(found, name)
        except AttributeError:
            raise Missing(f"The module {module} has no {name}.") from None

    # Finder

    def find_spec(
        self, fullname: str, path: Any = None, target: Any = None
    ) -> importlib.machinery.ModuleSpec | None:
        top, _, rest = fullname.partition(".")
        if top in self._aliases:
            return importlib.machinery.ModuleSpec(
                fullname, _Alias(f"{self._name}.{rest}".rstrip("."))
            )
        if top != self._name:
            return None if top in self._kept else standins.find(fullname)
        place = self._place(rest)
        if place is None:
            return standins.refuse(fullname, f"the package has no module {rest}")
        spec = importlib.machinery.ModuleSpec(
            fullname, self, origin=place, is_package=place.endswith("__init__.py")
        )
        spec.has_location = True
        return spec

    def _place(self, rest: str) -> str | None:
        """Return the path in the package of the module *rest*, or ``None``."""
        base = rest.replace(".", "/")
        initial = f"{base}/__init__.py" if base else "__init__.py"
        for path in (f"{base}.py", initial):
            if path in self._files or path in self._given:
                return path
        folder = base + "/" if base else ""
        inside = any(path.startswith(folder) for path in (*self._files, *self._given))
        return initial if inside else None

    # Loader

    def exec_module(self, module: types.ModuleType) -> None:
        assert module.__spec__ is not None
        path = str(module.__spec__.origin)
        name = module.__name__.partition(".")[2]
        if path not in self._files:
            self._run(module, path, self._given.get(path, b""), COURSE)
            self._replace(module, path, name)
            return
        if name in self._broken:
            stage = self._broken[name]
            failure = Failure(stage, text=f"Importing {path} {_LOST[stage]}.", file=path)
            self._stand_in(module, path, failure)
            self._replace(module, path, name)
            return
        self._report(name, True)
        try:
            self._run(module, path, self._files[path], STUDENT)
        except BaseException as error:
            self._stand_in(module, path, explain(error))
        else:
            self._give(module, path, name)
        # Before any other module imports its names.
        self._replace(module, path, name)
        self._report(name, False)

    def _replace(self, module: types.ModuleType, path: str, name: str) -> None:
        """Put what answers for a function in the function's place."""
        answered = self._answered.get(name, {})
        course = vars(self._course(module, path)) if answered and path in self._given else {}
        for function, instead in answered.items():
            own = module.__dict__.get(function)
            self.replaced[f"{name}:{function}"] = own
            module.__dict__[function] = without_options(instead, course.get(function), own)

    def _run(self, module: types.ModuleType, path: str, text: bytes, root: str) -> None:
        filename = f"{root}{self._name}/{path}"
        module.__file__ = filename
        lines = text.decode("utf-8", "replace").splitlines(keepends=True)
        linecache.cache[filename] = (len(text), None, lines, filename)
        module.__dict__["__builtins__"] = self._builtins.__dict__
        _exec(_compiled(text, filename), module.__dict__)

    def _give(self, module: types.ModuleType, path: str, name: str) -> None:
        """Put the course's functions over the student's, before any other module runs."""
        names = self._given_names.get(name, ())
        if names and path in self._given:
            course = self._course(module, path)
            for given in names:
                if hasattr(course, given):
                    setattr(module, given, getattr(course, given))

    def _course(self, module: types.ModuleType, path: str) -> types.ModuleType:
        course = types.ModuleType(module.__name__)
        course.__package__, course.__spec__ = module.__package__, module.__spec__
        if hasattr(module, "__path__"):
            course.__path__ = module.__path__
        self._run(course, path, self._given[path], COURSE)
        return course

    def _stand_in(self, module: types.ModuleType, path: str, failure: Failure) -> None:
        """Fill *module* with the course's names; those that the student writes say *failure*."""
        name = module.__name__.partition(".")[2]
        kept = {key: value for key, value in module.__dict__.items() if key.startswith("__")}
        module.__dict__.clear()
        module.__dict__.update(kept)
        if path in self._given:
            course = self._course(module, path)
            for key, value in vars(course).items():
                if key.startswith("__"):
                    continue
                own = getattr(value, "__module__", None) == module.__name__
                if own and key not in self._given_names.get(name, ()):
                    value = _raiser(failure)
                module.__dict__[key] = value
        module.__dict__["__getattr__"] = _missing(failure)


class _Alias(importlib.abc.Loader):
    """Gives the package's own module under another name."""

    def __init__(self, real: str) -> None:
        self._real = real

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType:
        module = importlib.import_module(self._real)
        self._spec = module.__spec__
        return module

    def exec_module(self, module: types.ModuleType) -> None:
        module.__spec__ = self._spec  # the import system has put the alias's there


_LOST = {"timed_out": "passed its time limit", "died": "ended the process"}


def _raiser(failure: Failure) -> Callable[..., Any]:
    def raiser(*args: Any, **kwargs: Any) -> Any:
        raise Broken(failure)

    return raiser


def _missing(failure: Failure) -> Callable[[str], Any]:
    def missing(name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _raiser(failure)

    return missing
