"""In the child: the functions behind a target whose text can be edited, with their syntax trees."""

from __future__ import annotations

import ast
import inspect
import linecache
from collections.abc import Iterator, Sequence
from types import CodeType, FunctionType

from grader.sandbox.guest.edits import Peers
from grader.sandbox.guest.scope import Foreign
from grader.sandbox.guest.slots import MadeEdit

_compile, _parse = compile, ast.parse
_lines_of, _block = linecache.getlines, inspect.getblock
#: How many functions of a file are edited together at most: of functions, and of methods.
_MOST_FUNCTIONS, _MOST_METHODS = 4, 8
#: How many others may stand in the place of a function that is called.
_MOST_PEERS = 12


class Editable:
    """A function and its definition in the syntax tree of its file.

    *owner* is the name of the class that it is a method of, or nothing.
    """

    def __init__(self, function: FunctionType, tree: ast.FunctionDef, owner: str) -> None:
        self.function, self.tree, self._owner = function, tree, owner
        #: What each node of the tree stands in, by its identity.
        self.parents = {id(c): n for n in ast.walk(tree) for c in ast.iter_child_nodes(n)}

    def code(self) -> CodeType:
        """Return the code of the tree as it is now; it fits where the function's own stood.

        Raises what compiling raises, and :class:`ValueError` where it has free variables.
        """
        own = self.function.__code__
        tree = _class(self._owner, self.tree) if self._owner else self.tree
        module = _compile(ast.Module([tree], []), own.co_filename, "exec", dont_inherit=True)
        codes = _inner(_inner(module)[0]) if self._owner else _inner(module)
        (code,) = [code for code in codes if code.co_name == own.co_name]
        if code.co_freevars:
            raise ValueError("it has free variables")
        return code

    def place(self, edit: MadeEdit) -> tuple[int, int]:
        """Return the first line of the statement that an edit is in, and whether it's in others."""
        if edit.bodies:  # a line is moved
            return edit.first, 0
        lines = [self._statement(slot.node, slot.parent) for slot, _ in edit.changes]
        return min(lines), int(len(set(lines)) > 1 and edit.kind != "order")

    def _statement(self, node: ast.AST, parent: ast.AST) -> int:
        """Return the line of the statement that *node* is, or is in."""
        while not isinstance(node, ast.stmt):
            node, parent = parent, self.parents.get(id(parent), self.tree)
        return node.lineno

    def peers(self) -> Peers:
        """Return, for each function that it calls by name, others that take as many arguments."""
        known = self.function.__globals__
        functions = {n: f for n, f in [*known.items()] if type(f) is FunctionType}
        found: dict[str, Sequence[str]] = {}
        for name in self.function.__code__.co_names:
            if name in functions:
                count = functions[name].__code__.co_argcount
                same = [n for n, f in functions.items() if f.__code__.co_argcount == count]
                found[name] = [n for n in same if n != name][:_MOST_PEERS]
        return found


def editable(target: Foreign) -> Iterator[Editable]:
    """Yield the functions of a *target* and those of its file that they call by name.

    Those of a class are its methods. Nothing is yielded of what isn't plain Python at hand.
    """
    todo = _methods(target) if isinstance(target, type) else [target]
    most = _MOST_METHODS if isinstance(target, type) else _MOST_FUNCTIONS
    known = todo[:most]
    todo = [*known]
    while todo:
        one = todo.pop(0)
        found = _definition(one) if type(one) is FunctionType else None
        if found is None:
            continue
        yield found
        for name in one.__code__.co_names:
            other = one.__globals__.get(name)
            if type(other) is not FunctionType or other in known:
                continue
            same = other.__code__.co_filename == one.__code__.co_filename
            if same and len(known) < most:
                known.append(other)
                todo.append(other)


def _methods(cls: type) -> list[FunctionType]:
    """Return the methods of a class that stand in one file."""
    file = None
    found = []
    for value in [*vars(cls).values()]:
        if type(value) is FunctionType:
            file = file or value.__code__.co_filename
            if value.__code__.co_filename == file:
                found.append(value)
    return found


def _definition(function: FunctionType) -> Editable | None:
    """Return a function with the tree of its own lines, with their numbers in the file."""
    first, qualified = function.__code__.co_firstlineno, function.__qualname__.split(".")
    owner = qualified[-2] if len(qualified) > 1 and qualified[-2].isidentifier() else ""
    try:
        if function.__code__.co_freevars:
            return None
        block = _block(_lines_of(function.__code__.co_filename)[first - 1 :])
        around = f"class {owner or '_'}:\n" if block[0][:1].isspace() else "\n"
        tree = _parse("\n" * (first - 2) + around * (first > 1) + "".join(block))
    except Exception:  # a text that isn't there, or that is no text of a function
        return None
    found = tree.body[0] if tree.body else None
    if isinstance(found, ast.ClassDef):
        found = found.body[0]
    return Editable(function, found, owner) if isinstance(found, ast.FunctionDef) else None


def _class(name: str, method: ast.FunctionDef) -> ast.ClassDef:
    made: ast.ClassDef = _parse(f"class {name}: pass").body[0]  # type: ignore[assignment]
    made.body = [method]
    return ast.copy_location(made, method)


def _inner(code: CodeType) -> list[CodeType]:
    return [const for const in code.co_consts if isinstance(const, CodeType)]
