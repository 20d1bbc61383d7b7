"""How people write the same differently, and how a copy is made to look otherwise: by seeds.

:func:`styled` changes a function as another honest writer might have written it: by operators,
by temporary variables, by numpy's other names. :func:`disguised` changes a whole file as who copies
one does: names, the order of functions, the order of statements that don't depend on each other,
comments and layout; what is computed, and how, stays.
"""

from __future__ import annotations

import ast
import builtins
import copy
import random
import re
from collections.abc import Callable, Iterable, Sequence

#: Names that honest writers give.
NAMES = [
    "out",
    "tmp",
    "res",
    "val",
    "acc",
    "num",
    "den",
    "mid",
    "part",
    "aux",
    "term",
    "base",
    "grad",
    "delta",
    "step",
    "shift",
    "spread",
    "centre",
    "ratio",
    "inner",
    "outer",
    "left",
    "right",
    "first",
    "second",
    "total",
    "piece",
    "row",
    "col",
    "flat",
    "mask",
    "keep",
    "prev",
    "cur",
    "new",
    "old",
]


class _Style(ast.NodeTransformer):
    """Changes a function's expressions, each by a coin of its own."""

    def __init__(self, dice: random.Random, taste: float) -> None:
        self._dice, self._taste = dice, taste
        self._product = dice.choice(["@", "np.dot", "dot"])

    def _coin(self, share: float = 0.5) -> bool:
        return self._dice.random() < share * self._taste

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        self.generic_visit(node)
        if isinstance(node.op, ast.MatMult) and self._coin():
            if self._product == "np.dot":
                return _numpy("dot", [node.left, node.right])
            if self._product == "dot":
                return ast.Call(ast.Attribute(node.left, "dot", ast.Load()), [node.right], [])
        if isinstance(node.op, (ast.Add, ast.Mult)) and self._coin(0.4):
            node.left, node.right = node.right, node.left
        if isinstance(node.op, ast.Pow) and isinstance(node.right, ast.Constant):
            if node.right.value == 2 and self._coin():
                twice = isinstance(node.left, ast.Name) and self._coin()
                other = copy.deepcopy(node.left)
                if twice:
                    return ast.BinOp(node.left, ast.Mult(), other)
                return _numpy("square", [node.left])
            if node.right.value == 0.5 and self._coin():
                return _numpy("sqrt", [node.left])
        if isinstance(node.op, ast.Div) and self._coin(0.3):
            return ast.BinOp(
                node.left, ast.Mult(), ast.BinOp(ast.Constant(1.0), ast.Div(), node.right)
            )
        if isinstance(node.op, ast.Sub) and self._coin(0.2):
            return ast.BinOp(node.left, ast.Add(), ast.UnaryOp(ast.USub(), node.right))
        return node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        function = node.func
        if isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name):
            numpy = function.value.id == "np"
            if numpy and function.attr in ("sum", "mean") and node.args and self._coin():
                return ast.Call(
                    ast.Attribute(node.args[0], function.attr, ast.Load()),
                    node.args[1:],
                    node.keywords,
                )
            if not numpy and function.attr in ("sum", "mean", "reshape") and self._coin():
                keep = function.attr != "reshape" or len(node.args) == 1
                args = node.args if keep else [ast.Tuple(node.args, ast.Load())]
                return ast.Call(
                    ast.Attribute(ast.Name("np", ast.Load()), function.attr, ast.Load()),
                    [function.value, *args],
                    node.keywords,
                )
            if numpy and function.attr == "sqrt" and self._coin():
                return ast.BinOp(node.args[0], ast.Pow(), ast.Constant(0.5))
        if isinstance(function, ast.Name) and function.id == "len" and self._coin():
            return ast.Subscript(
                ast.Attribute(node.args[0], "shape", ast.Load()), ast.Constant(0), ast.Load()
            )
        return node


class _Statements(ast.NodeTransformer):
    """Takes expressions apart into statements, or writes ``x += y`` at length."""

    def __init__(self, dice: random.Random, taste: float) -> None:
        self._dice, self._taste, self._made = dice, taste, 0

    def _coin(self, share: float) -> bool:
        return self._dice.random() < share * self._taste

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.AST:
        if isinstance(node.target, ast.Name) and self._coin(0.5):
            value = ast.BinOp(ast.Name(node.target.id, ast.Load()), node.op, node.value)
            return ast.Assign([node.target], value)
        return node

    def visit_Assign(self, node: ast.Assign) -> ast.AST | list[ast.stmt]:
        return self._apart(node)

    def visit_Return(self, node: ast.Return) -> ast.AST | list[ast.stmt]:
        if isinstance(node.value, ast.Tuple) and self._coin(0.7):
            before: list[ast.stmt] = []
            for place, value in enumerate(node.value.elts):
                if not isinstance(value, (ast.Name, ast.Constant)) and self._coin(0.8):
                    name = self._name()
                    before.append(ast.Assign([ast.Name(name, ast.Store())], value))
                    node.value.elts[place] = ast.Name(name, ast.Load())
            return [*before, node]
        return self._apart(node)

    def _apart(self, node: ast.Assign | ast.Return) -> ast.AST | list[ast.stmt]:
        value = node.value
        if isinstance(value, ast.BinOp) and self._coin(0.6):
            side = self._dice.choice(["left", "right"])
            inner = getattr(value, side)
            if not isinstance(inner, (ast.Name, ast.Constant)):
                name = self._name()
                setattr(value, side, ast.Name(name, ast.Load()))
                return [ast.Assign([ast.Name(name, ast.Store())], inner), node]
        return node

    def _name(self) -> str:
        self._made += 1
        return f"{self._dice.choice(NAMES)}_{self._made}"


def styled(source: str, seed: str, taste: float = 0.9) -> str:
    """Return a file as another writer would have written what it does."""
    dice = random.Random(seed)
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            _forget_documentation(node)
    tree = _Style(dice, taste).visit(tree)
    tree = _Statements(dice, taste).visit(tree)
    for function in _functions(tree):
        _rename(function, dice)
    return ast.unparse(ast.fix_missing_locations(tree)) + "\n"


def disguised(source: str, seed: str) -> str:
    """Return a file as somebody hands it in who copied it and doesn't want that seen."""
    dice = random.Random(seed)
    tree = ast.parse(source)
    for function in _functions(tree):
        _rename(function, dice)
        _reorder(function, dice)
    _shuffle(tree, dice)
    text = ast.unparse(ast.fix_missing_locations(tree))
    return "\n".join(_laid_out(text.split("\n"), dice)) + "\n"


def _functions(tree: ast.AST) -> list[ast.FunctionDef]:
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]


def _numpy(name: str, args: Sequence[ast.expr]) -> ast.Call:
    return ast.Call(ast.Attribute(ast.Name("np", ast.Load()), name, ast.Load()), list(args), [])


def _forget_documentation(node: ast.FunctionDef) -> None:
    if ast.get_docstring(node) is not None and len(node.body) > 1:
        node.body = node.body[1:]


def _rename(function: ast.FunctionDef, dice: random.Random) -> None:
    """Give the variables of a function other names; arguments keep theirs, for who calls it."""
    args = {arg.arg for arg in ast.walk(function.args) if isinstance(arg, ast.arg)}
    stored = {
        node.id
        for node in ast.walk(function)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }
    known = args | stored | set(dir(builtins)) | {"np"}
    free = [f"{name}{number}" for name in NAMES for number in ("", 2, 3)]
    dice.shuffle(free)
    names = iter(name for name in free if name not in known)
    changed = {name: next(names, name) for name in sorted(stored - args)}
    for node in ast.walk(function):
        if isinstance(node, ast.Name) and node.id in changed:
            node.id = changed[node.id]


def _reorder(function: ast.AST, dice: random.Random) -> None:
    """Change places of neighbouring assignments that have nothing to do with one another."""
    for node in ast.walk(function):
        body = getattr(node, "body", None)
        if not isinstance(body, list):
            continue
        for i in range(len(body) - 1):
            one, other = body[i], body[i + 1]
            if _apart(one, other) and dice.random() < 0.7:
                body[i], body[i + 1] = other, one


def _apart(one: ast.AST, other: ast.AST) -> bool:
    if not isinstance(one, ast.Assign) or not isinstance(other, ast.Assign):
        return False
    calls = [n for s in (one, other) for n in ast.walk(s) if isinstance(n, ast.Call)]
    if any("random" in ast.unparse(call.func) for call in calls):
        return False
    reads = [{n.id for n in ast.walk(s) if isinstance(n, ast.Name)} for s in (one, other)]
    writes = [
        {n.id for target in s.targets for n in ast.walk(target) if isinstance(n, ast.Name)}
        for s in (one, other)
    ]
    return not (writes[0] & reads[1] or writes[1] & reads[0])


def _shuffle(tree: ast.Module, dice: random.Random) -> None:
    """Put functions that stand next to one another into another order."""
    imports = [node for node in tree.body if not isinstance(node, ast.FunctionDef)]
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    dice.shuffle(functions)
    classes = [node for node in imports if isinstance(node, ast.ClassDef)]
    for node in classes:
        methods = [one for one in node.body if isinstance(one, ast.FunctionDef)]
        rest = [one for one in node.body if not isinstance(one, ast.FunctionDef)]
        dice.shuffle(methods)
        node.body = [*rest, *methods]
    tree.body = [*[n for n in imports if n not in classes], *functions, *classes]


#: What a copy is commented with.
COMMENTS = (
    "compute the result",
    "as in the lecture",
    "see the notes",
    "vectorized",
    "todo: clean up",
    "shapes: (N, D)",
    "backprop step",
    "this is the formula",
)


def _laid_out(lines: Iterable[str], dice: random.Random) -> Iterable[str]:
    """Yield lines with comments, blank lines and breaks within brackets."""
    for line in lines:
        indent = line[: len(line) - len(line.lstrip())]
        if line.strip() and dice.random() < 0.25:
            yield f"{indent}# {dice.choice(COMMENTS)}"
        if len(line) > 50 and line.count('"') + line.count("'") == 0:
            line = re.sub(r", ", f",\n{indent}        ", line, count=1) if "(" in line else line
        if line.strip() and "\n" not in line and dice.random() < 0.15:
            line += f"  # {dice.choice(COMMENTS)}"
        yield line if _whole(line) else line.replace("\n", "")
        if line.strip() and dice.random() < 0.1 and not line.rstrip().endswith((":", "\\")):
            yield ""


def _whole(line: str) -> bool:
    """Say whether a break stands within brackets."""
    before = line.partition("\n")[0]
    return "\n" not in line or before.count("(") + before.count("[") > before.count(
        ")"
    ) + before.count("]")


Restyle = Callable[[str, str], str]
