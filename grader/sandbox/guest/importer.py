"""In the child: imports a submission that exists as text only.

The student's package imports under its own name and its aliases, all of which give the same
module objects. A missing ``__init__.py`` is an empty one. A module that fails to load is
replaced by a :class:`~grader.sandbox.guest.standin.StandIn`. Modules that aren't allowed or aren't
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
from collections.abc import Callable, Mapping

from grader.sandbox.guest import standins
from grader.sandbox.guest.failures import Missing, from_exception
from grader.sandbox.guest.preloaded import PRELOADED
from grader.sandbox.guest.received import ReceivedPackage
from grader.sandbox.guest.reference.proxies import without_options
from grader.sandbox.guest.scope import Foreign
from grader.sandbox.guest.standin import StandIn, clear
from grader.sandbox.protocol.layout import COURSE, STUDENT

_compiled, _exec = PRELOADED.compiled, exec

#: By module: functions that stand in place of the package's own, by name.
Replacements = Mapping[str, Mapping[str, Callable[..., object]]]


class Importer:
    """Imports one package; everything else goes by ``standins``.

    *replacements* stand in place of the package's own functions. *report* is called with (module,
    begins) around the run of each module that is the student's. Where a Jupyter kernel runs the
    package's cells, what is loaded already stays as it is, and the standard library is whole.
    """

    def __init__(
        self,
        package: ReceivedPackage,
        replacements: Replacements,
        report: Callable[[str, bool], None],
    ) -> None:
        # A package that calls itself numpy must not hide numpy.
        taken = standins.is_allowed(package.name) or package.name in sys.modules
        self._name = "submission" if taken else package.name
        self._builtins = types.ModuleType("builtins")
        loader = PackageLoader(self._name, package, replacements, self._builtins, report)
        #: The package's own functions in whose place others stand, by ``module:name``.
        self.replaced = loader.replaced
        self._finder = PackageFinder(self._name, package, loader)

    def install(self) -> None:
        """Have this process import the package from now on, and nothing that isn't allowed."""
        forgotten = standins.POINTLESS - self._finder.kept
        standins.forget({self._name, *self._finder.aliases} | forgotten)
        # A submission that patches builtins patches its own copy, not the grader's or numpy's.
        self._builtins.__dict__.update(vars(builtins))
        sys.modules["builtins"] = self._builtins
        sys.meta_path.insert(0, self._finder)

    def target(self, target: str) -> Foreign:
        """Return what ``"classifiers.fc_net:TwoLayerNet"`` names.

        Raises :class:`~grader.sandbox.guest.failures.Missing` where it isn't there, and whatever
        the import of the module raises.
        """
        module, _, name = target.partition(":")
        if self._finder.path(module) is None:
            raise Missing(f"The package has no module {module}.")
        found = importlib.import_module(f"{self._name}.{module}")
        try:
            return getattr(found, name)
        except AttributeError:
            raise Missing(f"The module {module} has no {name}.") from None


class PackageFinder(importlib.abc.MetaPathFinder):
    """Finds the modules of the package, by its *name* and its aliases, and stand-ins for others."""

    def __init__(self, name: str, package: ReceivedPackage, loader: importlib.abc.Loader) -> None:
        self._name, self._loader = name, loader
        self.aliases = {each for each in package.aliases if not standins.is_allowed(each)} - {name}
        self._paths = {*package.files, *package.given}
        #: Top-level modules that are left to Python, besides those that are allowed.
        self.kept: frozenset[str] = frozenset()
        if package.kernel_cells:
            loaded = {name.partition(".")[0] for name in sys.modules}
            self.kept = sys.stdlib_module_names | loaded

    def find_spec(
        self, fullname: str, path: object = None, target: object = None
    ) -> importlib.machinery.ModuleSpec | None:
        top, _, rest = fullname.partition(".")
        if top in self.aliases:
            real = f"{self._name}.{rest}".rstrip(".")
            return importlib.machinery.ModuleSpec(fullname, _AliasLoader(real))
        if top != self._name:
            return None if top in self.kept else standins.find(fullname)
        place = self.path(rest)
        if place is None:
            return standins.refuse(fullname, f"the package has no module {rest}")
        spec = importlib.machinery.ModuleSpec(
            fullname, self._loader, origin=place, is_package=place.endswith("__init__.py")
        )
        spec.has_location = True
        return spec

    def path(self, module: str) -> str | None:
        """Return the path of the file of *module* in the package; ``None`` where it has none."""
        base = module.replace(".", "/")
        initial = f"{base}/__init__.py" if base else "__init__.py"
        for path in (f"{base}.py", initial):
            if path in self._paths:
                return path
        folder = base + "/" if base else ""
        inside = any(path.startswith(folder) for path in self._paths)
        return initial if inside else None


class PackageLoader(importlib.abc.Loader):
    """Runs the modules of the package *name*, with *builtins* of their own."""

    def __init__(
        self,
        name: str,
        package: ReceivedPackage,
        replacements: Replacements,
        builtins: types.ModuleType,
        report: Callable[[str, bool], None],
    ) -> None:
        self._name, self._package, self._replacements = name, package, replacements
        self._builtins, self._report = builtins, report
        self.replaced: dict[str, object] = {}

    def exec_module(self, module: types.ModuleType) -> None:
        assert module.__spec__ is not None
        path = str(module.__spec__.origin)
        name = module.__name__.partition(".")[2]
        if path not in self._package.files:
            self._run(module, path, self._package.given.get(path, b""), COURSE)
            self._replace(module, path, name)
        elif name in self._package.broken:
            self._stand_in(module, path, name, StandIn.lost(path, self._package.broken[name]))
            self._replace(module, path, name)
        else:
            self._report(name, True)
            self._run_students(module, path, name)
            # Before any other module imports its names.
            self._replace(module, path, name)
            self._report(name, False)

    def _run_students(self, module: types.ModuleType, path: str, name: str) -> None:
        """Run the student's text, and put the course's functions over it before others do."""
        try:
            self._run(module, path, self._package.files[path], STUDENT)
        except BaseException as error:
            self._stand_in(module, path, name, StandIn(from_exception(error)))
            return
        given_names = self._package.given_names.get(name, ())
        course = self._course(module, path) if given_names else None
        for given in given_names if course else ():
            if hasattr(course, given):
                setattr(module, given, getattr(course, given))

    def _stand_in(self, module: types.ModuleType, path: str, name: str, stand_in: StandIn) -> None:
        clear(module)  # first: what the course's text imports may import this module, too
        stand_in.fill(module, self._course(module, path), self._package.given_names.get(name, ()))

    def _course(self, module: types.ModuleType, path: str) -> types.ModuleType | None:
        """Return the course's own module in the place of *module*; ``None`` where it has none."""
        if path not in self._package.given:
            return None
        course = types.ModuleType(module.__name__)
        course.__package__, course.__spec__ = module.__package__, module.__spec__
        if hasattr(module, "__path__"):
            course.__path__ = module.__path__
        self._run(course, path, self._package.given[path], COURSE)
        return course

    def _replace(self, module: types.ModuleType, path: str, name: str) -> None:
        """Put what answers for a function in the function's place."""
        replacements = self._replacements.get(name, {})
        course = self._course(module, path) if replacements else None
        for function, instead in replacements.items():
            own = module.__dict__.get(function)
            self.replaced[f"{name}:{function}"] = own
            givens = vars(course).get(function) if course else None
            module.__dict__[function] = without_options(instead, givens, own)

    def _run(self, module: types.ModuleType, path: str, text: bytes, root: str) -> None:
        filename = f"{root}{self._name}/{path}"
        module.__file__ = filename
        lines = text.decode("utf-8", "replace").splitlines(keepends=True)
        linecache.cache[filename] = (len(text), None, lines, filename)
        module.__dict__["__builtins__"] = self._builtins.__dict__
        _exec(_compiled(text, filename), module.__dict__)


class _AliasLoader(importlib.abc.Loader):
    """Gives the package's own module under another name."""

    def __init__(self, real: str) -> None:
        self._real = real

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType:
        module = importlib.import_module(self._real)
        self._spec = module.__spec__
        return module

    def exec_module(self, module: types.ModuleType) -> None:
        module.__spec__ = self._spec  # the import system has put the alias's there
