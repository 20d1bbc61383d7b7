"""Right code written otherwise: seeded rewritings of right packages that change no answer.

Each rewriting is a transformer of the syntax tree that takes every place it fits with a chance of
its own; what it makes agrees with the original but for rounding.
"""

from __future__ import annotations

import ast
import random
from collections.abc import Callable, Iterator, Sequence
from functools import cache

from plants import BASES, FUNCTIONS, Files, right

SEED = 682
#: How many rewritings each right package gets. `loops` takes a second a time, so it gets few.
COUNTS = {"reference": 24, "witness": 16, "staged": 20, "rows": 8, "einsum": 8, "loops": 1}
#: At each place that a rewriting fits, and of each name that could be another.
CHANCE = 0.4


class Rewriting(ast.NodeTransformer):
    """Rewrites expressions, at random places."""

    def __init__(self, chance: random.Random, kinds: tuple[str, ...]) -> None:
        self._chance, self._kinds = chance, kinds

    def generic_visit(self, node: ast.AST) -> ast.AST:
        node = super().generic_visit(node)
        for kind in self._kinds:
            if self._chance.random() < CHANCE:
                written = EXPRESSIONS[kind](node)
                if written is not None:
                    return ast.copy_location(written, node)
        return node


def _parsed(template: str, **parts: ast.expr) -> ast.expr:
    """Return the expression of *template*, with *parts* in place of the names."""

    class _Filled(ast.NodeTransformer):
        def visit_Name(self, node: ast.Name) -> ast.expr:
            return parts.get(node.id, node)

    made: ast.expr = _Filled().visit(ast.parse(template, mode="eval").body)
    return made


def _plain(node: ast.AST) -> bool:
    """Say whether an expression is of numbers or arrays: no text, no list, no comprehension."""
    texts = (ast.JoinedStr, ast.List, ast.Tuple, ast.ListComp, ast.GeneratorExp, ast.Dict)
    return not any(isinstance(part, texts) for part in ast.walk(node)) and not any(
        isinstance(part, ast.BinOp) and isinstance(side, ast.Constant) and type(side.value) is str
        for part in ast.walk(node)
        for side in (getattr(part, "left", None), getattr(part, "right", None))
    )


def _binary(node: ast.AST, *operations: type) -> ast.BinOp | None:
    fits = isinstance(node, ast.BinOp) and isinstance(node.op, operations) and _plain(node)
    return node if fits and isinstance(node, ast.BinOp) else None


def _commuted(node: ast.AST) -> ast.expr | None:
    found = _binary(node, ast.Add, ast.Mult)
    return ast.BinOp(found.right, found.op, found.left) if found else None


def _difference(node: ast.AST) -> ast.expr | None:
    found = _binary(node, ast.Sub)
    # Of an integer that is an index, too: exact either way.
    return _parsed("a + -(b)", a=found.left, b=found.right) if found else None


def _quotient(node: ast.AST) -> ast.expr | None:
    found = _binary(node, ast.Div)
    return _parsed("a * (1.0 / (b))", a=found.left, b=found.right) if found else None


def _product(node: ast.AST) -> ast.expr | None:
    found = _binary(node, ast.MatMult)
    return _parsed("np.dot(a, b)", a=found.left, b=found.right) if found else None


def _matmul(node: ast.AST) -> ast.expr | None:
    found = _binary(node, ast.MatMult)
    return _parsed("np.matmul(a, b)", a=found.left, b=found.right) if found else None


def _einsum(node: ast.AST) -> ast.expr | None:
    found = _binary(node, ast.MatMult)
    matrices = found and not any("jacobian" in ast.unparse(s) for s in (found.left, found.right))
    template = 'np.einsum("ij,jk->ik", a, b)'
    return _parsed(template, a=found.left, b=found.right) if found and matrices else None


def _square(node: ast.AST) -> ast.expr | None:
    found = _binary(node, ast.Pow)
    two = found and isinstance(found.right, ast.Constant) and found.right.value == 2
    return _parsed("(a) * (a)", a=found.left) if found and two else None


def _root(node: ast.AST) -> ast.expr | None:
    called = isinstance(node, ast.Call) and ast.unparse(node.func) == "np.sqrt"
    if not called or not isinstance(node, ast.Call) or node.keywords:
        return None
    return _parsed("np.power(a, 0.5)", a=node.args[0])


def _reduction(node: ast.AST) -> tuple[ast.expr, str, ast.expr, bool] | None:
    """Return array, name, axis and whether dimensions are kept, of ``a.sum(axis=0)``."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or node.args:
        return None
    named = {keyword.arg: keyword.value for keyword in node.keywords}
    name = node.func.attr
    if name not in ("sum", "mean") or not {"axis"} <= named.keys() <= {"axis", "keepdims"}:
        return None
    return node.func.value, name, named["axis"], "keepdims" in named


def _function(node: ast.AST) -> ast.expr | None:
    found = _reduction(node)
    if found is None:
        return None
    array, name, axis, keeps = found
    rest = ", keepdims=True" if keeps else ""
    return _parsed(f"np.{name}(a, axis=b{rest})", a=array, b=axis)


def _indexed(node: ast.AST) -> ast.expr | None:
    """Write ``a.sum(axis=1, keepdims=True)`` as ``a.sum(axis=1)[:, None]``."""
    found = _reduction(node)
    if found is None or not found[3]:
        return None
    array, name, axis, _ = found
    index = {"1": "[:, np.newaxis]", "0": "[np.newaxis]"}.get(ast.unparse(axis))
    return _parsed(f"(a).{name}(axis=b){index}", a=array, b=axis) if index else None


def _summed(node: ast.AST) -> ast.expr | None:
    """Write a sum over the first axis as a loop over rows."""
    found = _reduction(node)
    if found is None or found[1] != "sum" or found[3] or ast.unparse(found[2]) != "0":
        return None
    return _parsed("sum(row_ for row_ in (a))", a=found[0])


def _averaged(node: ast.AST) -> ast.expr | None:
    """Write a mean over the first axis as a sum and a quotient."""
    found = _reduction(node)
    if found is None or found[1] != "mean" or found[3] or ast.unparse(found[2]) != "0":
        return None
    return _parsed("(a).sum(axis=0) / len(a)", a=found[0])


def _rectified(node: ast.AST) -> ast.expr | None:
    called = isinstance(node, ast.Call) and ast.unparse(node.func) == "np.maximum"
    if not called or not isinstance(node, ast.Call) or not isinstance(node.args[0], ast.Name):
        return None
    if ast.unparse(node.args[1]) != "0":
        return None
    return _parsed("np.where(a > 0, a, 0)", a=node.args[0])


def _choice(node: ast.AST) -> ast.expr | None:
    if not isinstance(node, ast.IfExp):
        return None
    return ast.IfExp(ast.UnaryOp(ast.Not(), node.test), node.orelse, node.body)


EXPRESSIONS: dict[str, Callable[[ast.AST], ast.expr | None]] = {
    "sums and products commuted": _commuted,
    "differences as sums": _difference,
    "quotients as products": _quotient,
    "np.dot": _product,
    "np.matmul": _matmul,
    "einsum": _einsum,
    "squares as products": _square,
    "roots as powers": _root,
    "numpy's functions for methods": _function,
    "an index for keepdims": _indexed,
    "sums over rows as loops": _summed,
    "means as sums": _averaged,
    "where for maximum": _rectified,
    "choices the other way round": _choice,
}


class Statements(ast.NodeTransformer):
    """Rewrites statements, at random places: names, steps in between, copies, comments."""

    def __init__(self, chance: random.Random) -> None:
        self._chance, self._made = chance, 0

    def visit_Assign(self, node: ast.Assign) -> ast.AST | list[ast.AST]:
        value = node.value
        if self._chance.random() > CHANCE or not isinstance(value, ast.BinOp) or not _plain(value):
            return node
        self._made += 1
        name = f"part{self._made}"
        step = ast.Assign([ast.Name(name, ast.Store())], value.left)
        node.value = ast.BinOp(ast.Name(name, ast.Load()), value.op, value.right)
        return [ast.copy_location(step, node), node]

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.AST:
        if self._chance.random() > CHANCE or not isinstance(node.target, ast.Name):
            return node
        value = ast.BinOp(ast.Name(node.target.id, ast.Load()), node.op, node.value)
        return ast.copy_location(ast.Assign([node.target], value), node)

    def visit_Return(self, node: ast.Return) -> ast.AST | list[ast.AST]:
        if self._chance.random() > CHANCE or node.value is None:
            return node
        step = ast.Assign([ast.Name("answer", ast.Store())], node.value)
        back = ast.Return(ast.Name("answer", ast.Load()))
        return [ast.copy_location(step, node), ast.copy_location(back, node)]


def _renamed(tree: ast.Module, chance: random.Random) -> None:
    """Give local variables other names, function by function; never a parameter's."""
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef):
            continue
        inner = [n for n in ast.walk(function) if isinstance(n, (ast.Lambda, ast.FunctionDef))]
        if len(inner) > 1 or any(isinstance(n, ast.Nonlocal) for n in ast.walk(function)):
            continue
        arguments = {a.arg for a in ast.walk(function.args) if isinstance(a, ast.arg)}
        names = sorted(
            {
                n.id
                for n in ast.walk(function)
                if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
            }
            - arguments
        )
        others = {name: f"{name}_mine" for name in names if chance.random() < CHANCE}
        for node in ast.walk(function):
            if isinstance(node, ast.Name) and node.id in others:
                node.id = others[node.id]


def _commented(text: str, chance: random.Random) -> str:
    """Put comments between and behind lines that are whole statements."""
    lines = []
    for line in text.splitlines():
        word = line.split(" ")[-1].strip("():,")
        whole = line.startswith("    ") and line.rstrip().endswith((")", "b", "x", "w"))
        if whole and '"' not in line and chance.random() < CHANCE / 2:
            line += f"  # gives {word}"
        lines.append(line)
    return "\n".join(lines) + "\n"


def rewritten(base: str, chance: random.Random) -> Files:
    """Return a right package whose student's files are written otherwise."""
    files = dict(right(base))
    for path in sorted({file for file, _ in FUNCTIONS.values()}):
        tree = ast.parse(files[path])
        kinds = tuple(chance.sample(sorted(EXPRESSIONS), 6))
        tree = Rewriting(chance, kinds).visit(tree)
        if chance.random() < 0.7:
            tree = Statements(chance).visit(tree)
        if chance.random() < 0.7:
            _renamed(tree, chance)
        text = ast.unparse(ast.fix_missing_locations(tree))
        files[path] = _commented(text, chance).encode("utf-8")
    return files


@cache
def rewritings(seed: int = SEED) -> Sequence[tuple[str, Files]]:
    """Return right packages of that seed by name: those there are, and each written otherwise."""
    return tuple(_rewritings(seed))


def _rewritings(seed: int) -> Iterator[tuple[str, Files]]:
    for base in BASES:
        yield f"right-{base}", right(base)
    for base, count in COUNTS.items():
        for number in range(1, count + 1):
            chance = random.Random(f"{seed} {base} {number}")
            yield f"rewritten-{base}-{number}", rewritten(base, chance)
