"""In the child: runs the modules of a student's package, each as far as it goes.

A text that doesn't compile is run without the functions that don't
(:mod:`grader.sandbox.guest.salvage`). Where a statement of a module raises, the module is run
again one statement at a time, and what those that raise should have defined is
:class:`~grader.sandbox.guest.standin.LostName`. So a fault costs what needs it.
"""

from __future__ import annotations

import ast
import importlib.abc
import linecache
import types
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from grader.model.programs import Failure
from grader.sandbox.guest import recognized
from grader.sandbox.guest.failures import Broken, from_exception, shown
from grader.sandbox.guest.older_numpy import parsed, rewritten
from grader.sandbox.guest.preloaded import PRELOADED
from grader.sandbox.guest.received import ReceivedPackage
from grader.sandbox.guest.reference.proxies import without_options
from grader.sandbox.guest.salvage import METHODS, Gap, decoded, salvage
from grader.sandbox.guest.standin import LostName, StandIn, clear, lost
from grader.sandbox.protocol.layout import COURSE, STUDENT

_compiled, _exec, _compile = PRELOADED.compiled, exec, compile

#: By module: functions that stand in place of the package's own, by name.
Replacements = Mapping[str, Mapping[str, Callable[..., object]]]

_Statement = ast.stmt


class PackageLoader(importlib.abc.Loader):
    """Runs the modules of the package *name*, with *builtins* of their own.

    *older*: what only versions of numpy before 2 take is rewritten
    (:mod:`grader.sandbox.guest.older_numpy`).
    """

    def __init__(
        self,
        name: str,
        package: ReceivedPackage,
        replacements: Replacements,
        builtins: types.ModuleType,
        report: Callable[[str, bool], None],
        *,
        older: bool = False,
    ) -> None:
        self._name, self._package, self._replacements = name, package, replacements
        self._builtins, self._report, self._older = builtins, report, older
        self.replaced: dict[str, object] = {}

    def exec_module(self, module: types.ModuleType) -> None:
        assert module.__spec__ is not None
        path = str(module.__spec__.origin)
        name = module.__name__.partition(".")[2] or module.__name__
        if path in self._package.absent:
            reason = self._package.absent[path]
            self._stand_in(module, path, name, StandIn.absent(path, reason))
            self._replace(module, path, name)
        elif path not in self._package.files:
            self._run(module, path, self._package.given.get(path, b""), COURSE)
            self._replace(module, path, name)
        elif name in self._package.broken:
            self._stand_in(module, path, name, StandIn.lost(path, self._package.broken[name]))
            self._replace(module, path, name)
        else:
            self._report(name, True)
            try:
                self._run_students(module, path, name)
                # Before any other module imports its names.
                self._replace(module, path, name)
            finally:
                self._report(name, False)

    def _run_students(self, module: types.ModuleType, path: str, name: str) -> None:
        """Run the student's text, and put the course's functions over it before others do."""
        given_names = self._package.given_names.get(name, ())
        try:
            self._run_text(module, path, self._package.files[path])
        except BaseException as error:
            failure = from_exception(error)
            cause = failure.cause or "compile"
            self._stand_in(module, path, name, StandIn(replace(failure, cause=cause)))
            return
        course = self._course(module, path) if given_names else None
        for given in given_names if course else ():
            if hasattr(course, given):
                setattr(module, given, getattr(course, given))

    def _run_text(self, module: types.ModuleType, path: str, text: bytes) -> None:
        """Run a student's text as far as it goes.

        Raises :class:`SyntaxError` where it can't be told which parts of it don't compile.
        """
        filename = self._prepare(module, path, text, STUDENT)
        filled: dict[str, object] = {}
        source: str | bytes = text
        try:
            code = rewritten(text, filename) if self._older else _compiled(text, filename)
        except (SyntaxError, ValueError):
            source, code, gaps, methods = salvage(text, filename)
            filled = {gap.name: _of_gap(gap) for gap in gaps if gap.name}
            filled[METHODS] = [_of_gap(gap) for gap in methods]
            for gap in gaps:
                if not gap.name and "import" in (gap.error.text or ""):
                    failure = replace(from_exception(gap.error), cause="import")
                    recognized.empty_import(filename, failure)
            if self._older:
                code = rewritten(source, filename)
        module.__dict__.update(filled)
        try:
            _exec(code, module.__dict__)
        except BaseException:
            clear(module)
            module.__dict__.update(filled)
            _Stepwise(module, filename, self._older).run(source)

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
        filename = self._prepare(module, path, text, root)
        _exec(_compiled(text, filename), module.__dict__)

    def _prepare(self, module: types.ModuleType, path: str, text: bytes, root: str) -> str:
        """Return the whole name of a file that is to be run in *module*, whose lines it has."""
        filename = f"{root}{self._name}/{path}"
        module.__file__ = filename
        lines = text.decode("utf-8", "replace").splitlines(keepends=True)
        linecache.cache[filename] = (len(text), None, lines, filename)
        module.__dict__["__builtins__"] = self._builtins.__dict__
        return filename


class _Stepwise:
    """Runs a module's statements one by one; what one that raises should define is lost."""

    def __init__(self, module: types.ModuleType, filename: str, older: bool) -> None:
        self._names, self._filename, self._older = module.__dict__, filename, older

    def run(self, source: str | bytes) -> None:
        """Run all statements of *source*."""
        text = decoded(source) if isinstance(source, bytes) else source
        tree = parsed(text, self._filename)
        future = [node for node in tree.body if _of_the_future(node)]
        for node in tree.body:
            for part in _parts(node):
                self._take(part, future)

    def _take(self, node: _Statement, future: list[_Statement]) -> None:
        whole = ast.Module([*future, node], [])
        try:
            code = (
                rewritten(whole, self._filename)
                if self._older
                else _compile(whole, self._filename, "exec", dont_inherit=True)
            )
            _exec(code, self._names)
        except BaseException as error:
            failure = self._told(error, node)
            names = list(_bound(node))
            if "*" in names:
                recognized.empty_import(self._filename, failure)
            for name in names:
                if name != "*":
                    self._names.setdefault(name, LostName(failure))

    def _told(self, error: BaseException, node: _Statement) -> Failure:
        failure = from_exception(error)
        if isinstance(error, Broken):
            return failure
        if isinstance(node, ast.Import | ast.ImportFrom):
            circle = "partially initialized module" in failure.text
            # The path in the process tells nothing.
            text = failure.text.partition(" (most likely")[0].partition(f" ({STUDENT}")[0]
            cause = "circle" if circle else "import"
            file, line = shown(self._filename), node.lineno
            return replace(failure, text=text, file=file, line=line, cause=cause)
        return replace(failure, cause=failure.cause or "at_import")


def _of_gap(gap: Gap) -> LostName:
    return lost(from_exception(gap.error), "compile")


def _of_the_future(node: _Statement) -> bool:
    return isinstance(node, ast.ImportFrom) and node.module == "__future__"


def _parts(node: _Statement) -> Iterator[_Statement]:
    """Yield an import of several names as one for each: each can fail by itself."""
    if isinstance(node, ast.Import | ast.ImportFrom) and len(node.names) > 1:
        for alias in node.names:
            one: _Statement = ast.Import([alias])
            if isinstance(node, ast.ImportFrom):
                one = ast.ImportFrom(node.module, [alias], node.level)
            yield ast.copy_location(one, node)
    else:
        yield node


def _bound(node: ast.AST) -> Iterator[str]:
    """Yield the names that a statement binds in its module."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield node.name
        return
    if isinstance(node, ast.Lambda):
        return
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
        yield node.id
    if isinstance(node, ast.alias):
        yield node.asname or node.name.partition(".")[0]
    for child in ast.iter_child_nodes(node):
        yield from _bound(child)
