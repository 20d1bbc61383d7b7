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
import sys
import types
from collections.abc import Callable

from grader.sandbox.guest import standins
from grader.sandbox.guest.failures import Missing
from grader.sandbox.guest.loader import PackageLoader, Replacements
from grader.sandbox.guest.older_numpy import HELPERS
from grader.sandbox.guest.received import ReceivedPackage
from grader.sandbox.guest.removed_names import restore
from grader.sandbox.guest.scope import Foreign
from grader.sandbox.guest.standin import LostName

#: Where modules lie that were handed in beside the package.
_BESIDE = "../"


class Importer:
    """Imports one package; everything else goes by ``standins``.

    *replacements* stand in place of the package's own functions. *report* is called with (module,
    begins) around the run of each module that is the student's. *older* runs them as numpy before
    2 did. Where a Jupyter kernel runs the
    package's cells, what is loaded already stays as it is, and the standard library is whole.
    """

    def __init__(
        self,
        package: ReceivedPackage,
        replacements: Replacements,
        report: Callable[[str, bool], None],
        *,
        older: bool = False,
    ) -> None:
        # A package that calls itself numpy must not hide numpy.
        loaded = package.name in sys.modules and not older
        taken = standins.is_allowed(package.name) or loaded
        self._name = "submission" if taken else package.name
        self._builtins, self._older = types.ModuleType("builtins"), older
        loader = PackageLoader(
            self._name, package, replacements, self._builtins, report, older=older
        )
        #: The package's own functions in whose place others stand, by ``module:name``.
        self.replaced = loader.replaced
        self._finder = PackageFinder(self._name, package, loader)

    def install(self) -> None:
        """Have this process import the package from now on, and nothing that isn't allowed."""
        restore()
        forgotten = standins.POINTLESS - self._finder.kept
        standins.forget({self._name, *self._finder.aliases, *self._finder.bare} | forgotten)
        # A submission that patches builtins patches its own copy, not the grader's or numpy's.
        self._builtins.__dict__.update(vars(builtins))
        if self._older:
            self._builtins.__dict__.update(HELPERS)
        sys.modules["builtins"] = self._builtins
        sys.meta_path[:] = [each for each in sys.meta_path if type(each) is not PackageFinder]
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
        #: The student's own modules that import without the package's name, by that.
        self.bare = _bare(package)
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
        if top in self.bare:
            return self._without_package(fullname)
        if top != self._name:
            if top in self.kept:
                return None
            name = fullname if f"{fullname.replace('.', '/')}.py" in self._paths else ""
            if name and not standins.is_allowed(top):
                why = f"the module is {self._name}.{name}"
                return standins.refuse(fullname, f"{why}, not {name}", LostName)
            return standins.find(fullname)
        place = self.path(rest)
        if place is None:
            return standins.refuse(fullname, f"the package has no module {rest}", LostName)
        return self._spec(fullname, place)

    def _without_package(self, fullname: str) -> importlib.machinery.ModuleSpec:
        """Return the spec of a module of the student's own that is named without the package."""
        place = self.path(f"{_BESIDE}{fullname}")
        if place is not None:
            return self._spec(fullname, place)
        if self.path(fullname) is None:
            return standins.refuse(fullname, f"there is no module {fullname}", LostName)
        real = f"{self._name}.{fullname}"
        return importlib.machinery.ModuleSpec(fullname, _AliasLoader(real))

    def _spec(self, fullname: str, place: str) -> importlib.machinery.ModuleSpec:
        spec = importlib.machinery.ModuleSpec(
            fullname, self._loader, origin=place, is_package=place.endswith("__init__.py")
        )
        spec.has_location = True
        return spec

    def path(self, module: str) -> str | None:
        """Return the path of the file of *module* in the package; ``None`` where it has none."""
        beside = module.startswith(_BESIDE)
        base = module.removeprefix(_BESIDE).replace(".", "/")
        base = _BESIDE + base if beside else base
        initial = f"{base}/__init__.py" if base else "__init__.py"
        for path in (f"{base}.py", initial):
            if path in self._paths:
                return path
        folder = base + "/" if base else ""
        inside = any(path.startswith(folder) for path in self._paths)
        return initial if inside else None


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


def _bare(package: ReceivedPackage) -> frozenset[str]:
    """Return the top-level names of a student's own modules: beside the package, and in it.

    A name of the package's own modules isn't among them: those import by the package's name alone.
    """
    course = {path.partition("/")[0].removesuffix(".py") for path in package.given}
    tops = set()
    for path in package.files:
        top = path.removeprefix(_BESIDE).partition("/")[0].removesuffix(".py")
        if path.startswith(_BESIDE) or top not in course:
            tops.add(top)
    return frozenset(top for top in tops if not standins.is_allowed(top) and top != package.name)
