"""Operators that make right code wrong: each yields changes of parts of one function's text.

Lines that aren't touched stay as they are, so that the planted ones are known. Many are of kinds
that no search for a repair undoes: statements gone, doubled or exchanged, an early return, work in
place of an input.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True)
class Change:
    """Text that takes the place of a part of a function: ``[start, end)`` of the file."""

    start: int
    end: int
    new: str


class Code:
    """A function or class in the text of its file, with the places of its nodes."""

    def __init__(self, text: str, name: str) -> None:
        self.text = text
        self._starts = [0, *(found.end() for found in re.finditer("\n", text))]
        (self.top,) = (
            node
            for node in ast.parse(text).body
            if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and node.name == name
        )

    def at(self, node: ast.expr | ast.stmt) -> tuple[int, int]:
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        first = self._starts[node.lineno - 1] + node.col_offset
        return first, self._starts[node.end_lineno - 1] + node.end_col_offset

    def source(self, node: ast.expr | ast.stmt) -> str:
        start, end = self.at(node)
        return self.text[start:end]

    def change(self, node: ast.expr | ast.stmt, new: str) -> Change:
        return Change(*self.at(node), new)

    def functions(self) -> Iterator[ast.FunctionDef]:
        for node in ast.walk(self.top):
            if isinstance(node, ast.FunctionDef):
                yield node

    def statements(self) -> Iterator[ast.stmt]:
        """Yield what is in the functions' bodies, without docstrings."""
        for node in ast.walk(self.top):
            for body in _bodies(node):
                for statement in body:
                    text = isinstance(statement, ast.Expr) and isinstance(
                        statement.value, ast.Constant
                    )
                    if not text and not isinstance(statement, ast.FunctionDef):
                        yield statement

    def loads(self, kind: type) -> Iterator[ast.expr]:
        """Yield the expressions of a *kind* that are computed, in the statements' order."""
        for statement in self.statements():
            for child in ast.iter_child_nodes(statement):
                if isinstance(child, ast.expr):
                    for node in ast.walk(child):
                        stored = isinstance(getattr(node, "ctx", None), ast.Store)
                        if isinstance(node, kind) and not stored and isinstance(node, ast.expr):
                            yield node

    def assigned(self) -> Iterator[ast.Assign]:
        for statement in self.statements():
            if isinstance(statement, ast.Assign):
                yield statement


def _bodies(node: ast.AST) -> Iterator[list[ast.stmt]]:
    for name in ("body", "orelse"):
        body = getattr(node, name, None)
        if isinstance(body, list) and not isinstance(node, ast.ClassDef):
            yield body


Operator = Callable[[Code], Iterator[Change]]
OPERATORS: dict[str, Operator] = {}


def operator(kind: str) -> Callable[[Operator], Operator]:
    def add(function: Operator) -> Operator:
        OPERATORS[kind] = function
        return function

    return add


# --- Within one expression -----------------------------------------------------------------------

_SIGNS = {ast.Add: "-", ast.Sub: "+", ast.Mult: "/", ast.Div: "*", ast.Pow: "*"}


def _binary(code: Code, *kinds: type) -> Iterator[ast.BinOp]:
    for node in code.loads(ast.BinOp):
        if isinstance(node, ast.BinOp) and (not kinds or isinstance(node.op, kinds)):
            yield node


@operator("another sign or operation")
def _another_sign(code: Code) -> Iterator[Change]:
    for node in _binary(code):
        sign = _SIGNS.get(type(node.op))
        if sign:
            yield code.change(node, f"({code.source(node.left)} {sign} {_inner(code, node.right)})")


def _inner(code: Code, node: ast.expr) -> str:
    return f"({code.source(node)})" if isinstance(node, ast.BinOp) else code.source(node)


@operator("one side of an operation left out")
def _one_side(code: Code) -> Iterator[Change]:
    for node in _binary(code):
        yield code.change(node, f"({code.source(node.left)})")
        yield code.change(node, f"({code.source(node.right)})")


@operator("another number")
def _number(code: Code) -> Iterator[Change]:
    for node in code.loads(ast.Constant):
        if isinstance(node, ast.Constant) and type(node.value) in (int, float):
            for new in (node.value + 1, node.value * 2, 1 - node.value):
                if new != node.value:
                    yield code.change(node, f"({new!r})")


@operator("a whole-number division")
def _whole(code: Code) -> Iterator[Change]:
    for node in _binary(code, ast.Div):
        yield code.change(node, f"({code.source(node.left)} // {_inner(code, node.right)})")


@operator("one factor squared")
def _squared(code: Code) -> Iterator[Change]:
    for node in _binary(code, ast.Mult, ast.Div):
        yield code.change(node.right, f"({code.source(node.right)}) ** 2")


@operator("a value made positive")
def _positive(code: Code) -> Iterator[Change]:
    for node in _binary(code, ast.Mult, ast.Sub):
        yield code.change(node, f"np.abs({code.source(node)})")


@operator("a value turned around in sign")
def _negative(code: Code) -> Iterator[Change]:
    for node in _binary(code, ast.Mult, ast.Div):
        yield code.change(node, f"(-({code.source(node)}))")


@operator("half of a term")
def _half(code: Code) -> Iterator[Change]:
    for node in _binary(code, ast.Mult):
        yield code.change(node, f"(0.5 * {code.source(node)})")


_CALLS = {
    "sum": ("mean", "max"),
    "mean": ("sum", "max"),
    "var": ("std", "mean"),
    "sqrt": ("square", "log1p"),
    "maximum": ("minimum",),
    "zeros": ("ones",),
    "ones": ("zeros",),
    "zeros_like": ("ones_like",),
    "randn": ("rand",),
    "rand": ("randn",),
    "square": ("abs",),
    "dot": ("inner",),
}


@operator("another function of numpy")
def _another_call(code: Code) -> Iterator[Change]:
    for node in code.loads(ast.Attribute):
        if isinstance(node, ast.Attribute):
            for name in _CALLS.get(node.attr, ()):
                yield code.change(node, f"{code.source(node.value)}.{name}")


@operator("the other axis")
def _axis(code: Code) -> Iterator[Change]:
    for node in code.loads(ast.Call):
        for keyword in getattr(node, "keywords", ()):
            if keyword.arg == "axis" and isinstance(keyword.value, ast.Constant):
                yield code.change(keyword.value, str(1 - keyword.value.value))


@operator("a sum over everything")
def _everything(code: Code) -> Iterator[Change]:
    for node in code.loads(ast.Call):
        for keyword in getattr(node, "keywords", ()):
            if keyword.arg == "axis":
                yield code.change(keyword.value, "None")


@operator("a transpose more or less")
def _transpose(code: Code) -> Iterator[Change]:
    for node in code.loads(ast.Attribute):
        if isinstance(node, ast.Attribute) and node.attr == "T":
            yield code.change(node, code.source(node.value))
    for node in _binary(code, ast.MatMult):
        yield code.change(node.left, f"({code.source(node.left)}).T")


@operator("a comparison the other way round")
def _comparison(code: Code) -> Iterator[Change]:
    turned = {ast.Lt: ">", ast.Gt: "<", ast.LtE: ">", ast.GtE: "<", ast.Eq: "!=", ast.NotEq: "=="}
    for node in code.loads(ast.Compare):
        if isinstance(node, ast.Compare) and len(node.ops) == 1 and type(node.ops[0]) in turned:
            sign = turned[type(node.ops[0])]
            yield code.change(
                node, f"({code.source(node.left)} {sign} {code.source(node.comparators[0])})"
            )


@operator("a slice or a count off by one")
def _off_by_one(code: Code) -> Iterator[Change]:
    for node in code.loads(ast.Call):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            if node.func.id == "range":
                *first, last = map(code.source, node.args[:2])
                start = first[0] if first else "0"
                step = f", {code.source(node.args[2])}" if len(node.args) > 2 else ""
                yield code.change(node, f"range({start} + 1, {last}{step})")
                yield code.change(node, f"range({start}, {last} - 1{step})")
            if node.func.id == "len":
                yield code.change(node, f"({code.source(node)} - 1)")
    for node in code.loads(ast.Subscript):
        if isinstance(node, ast.Subscript) and ".shape[" in code.source(node):
            yield code.change(node, f"({code.source(node)} + 1)")


@operator("one key of a dict for another")
def _key(code: Code) -> Iterator[Change]:
    keys = sorted({_string(node) for node in code.loads(ast.Subscript)} - {""})
    for node in code.loads(ast.Subscript):
        mine = _string(node)
        for key in keys if mine else ():
            if key != mine and isinstance(node, ast.Subscript):
                yield code.change(node.slice, repr(key))


def _string(node: ast.AST) -> str:
    key = getattr(node, "slice", None)
    return key.value if isinstance(key, ast.Constant) and isinstance(key.value, str) else ""


@operator("one variable for another")
def _variable(code: Code) -> Iterator[Change]:
    for node, other in _names(code):
        yield code.change(node, other)


def _names(code: Code) -> Iterator[tuple[ast.Name, str]]:
    """Yield names that are read, with other variables that have a value by then."""
    for function in code.functions():
        known = {argument.arg: 0 for argument in function.args.args if argument.arg != "self"}
        for node in ast.walk(function):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                known[node.id] = min(known.get(node.id, node.lineno), node.lineno)
        for node in ast.walk(function):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in known:
                for other in sorted(known):
                    if other not in (node.id, "_") and known[other] < node.lineno:
                        yield node, other


@operator("elements in another order, by a reshape")
def _shuffled(code: Code) -> Iterator[Change]:
    for node in code.assigned():
        if isinstance(node.value, (ast.BinOp, ast.Call)):
            value = code.source(node.value)
            yield code.change(node.value, f"(lambda a: a.reshape(a.shape[::-1]).T)({value})")


@operator("rows moved on by one")
def _rolled(code: Code) -> Iterator[Change]:
    for node in code.assigned():
        if isinstance(node.value, ast.BinOp):
            yield code.change(node.value, f"np.roll({code.source(node.value)}, 1, axis=0)")


@operator("the first row's values for all")
def _first_row(code: Code) -> Iterator[Change]:
    for node in code.assigned():
        if isinstance(node.value, ast.BinOp):
            value = code.source(node.value)
            yield code.change(node.value, f"(lambda a: 0 * a + a[:1])({value})")


@operator("one number in place of one for each feature")
def _collapsed(code: Code) -> Iterator[Change]:
    for node in code.loads(ast.Call):
        name = getattr(getattr(node, "func", None), "attr", "")
        if name in ("sum", "mean", "var") and "axis" in code.source(node):
            yield code.change(node, f"{code.source(node)}.mean()")


@operator("values cut off at one")
def _clipped(code: Code) -> Iterator[Change]:
    for node in code.assigned():
        if isinstance(node.value, ast.BinOp):
            yield code.change(node.value, f"np.clip({code.source(node.value)}, -1, 1)")


@operator("numbers rounded on the way")
def _rounded(code: Code) -> Iterator[Change]:
    for node in code.assigned():
        if isinstance(node.value, ast.BinOp):
            yield code.change(node.value, f"np.round({code.source(node.value)}, 2)")


# --- Statements ----------------------------------------------------------------------------------


@operator("a statement gone")
def _gone(code: Code) -> Iterator[Change]:
    for node in code.statements():
        if isinstance(node, (ast.Assign, ast.AugAssign)):
            yield code.change(node, "pass")


@operator("a statement twice")
def _twice(code: Code) -> Iterator[Change]:
    for node in code.statements():
        if isinstance(node, (ast.AugAssign, ast.Assign)):
            indent = " " * node.col_offset
            yield code.change(node, f"{code.source(node)}\n{indent}{code.source(node)}")


@operator("two statements exchanged")
def _exchanged(code: Code) -> Iterator[Change]:
    for node in ast.walk(code.top):
        for body in _bodies(node):
            for one, other in pairwise(body):
                if isinstance(one, (ast.Assign, ast.AugAssign)) and isinstance(
                    other, (ast.Assign, ast.AugAssign)
                ):
                    start, end = code.at(one)[0], code.at(other)[1]
                    between = code.text[code.at(one)[1] : code.at(other)[0]]
                    yield Change(start, end, code.source(other) + between + code.source(one))


@operator("the branches of an if exchanged")
def _branches(code: Code) -> Iterator[Change]:
    for node in code.statements():
        if isinstance(node, ast.If):
            yield code.change(node.test, f"not ({code.source(node.test)})")


@operator("a block that never runs")
def _never(code: Code) -> Iterator[Change]:
    for node in code.statements():
        if isinstance(node, ast.If):
            yield code.change(node.test, f"False and {code.source(node.test)}")


@operator("a return before the work is done")
def _early(code: Code) -> Iterator[Change]:
    for function in code.functions():
        *before, last = function.body
        if isinstance(last, ast.Return) and last.value is not None:
            names = {n.id for n in ast.walk(last.value) if isinstance(n, ast.Name)}
            for i, statement in enumerate(before):
                made = {
                    n.id
                    for s in before[:i]
                    for n in ast.walk(s)
                    if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
                }
                if names <= made:
                    early = f"{code.source(last)}\n{' ' * statement.col_offset}"
                    yield Change(code.at(statement)[0], code.at(statement)[0], early)


@operator("an input changed in place before it is used")
def _in_place(code: Code) -> Iterator[Change]:
    for function in code.functions():
        for argument in function.args.args:
            if argument.arg in ("x", "w", "dw", "dout", "gamma"):
                first = function.body[0]
                if isinstance(first, ast.Expr) and len(function.body) > 1:
                    first = function.body[1]
                work = f"{argument.arg} *= 1.5\n{' ' * first.col_offset}"
                yield Change(code.at(first)[0], code.at(first)[0], work)


@operator("a copy that is another name for the same array")
def _alias(code: Code) -> Iterator[Change]:
    for node in code.assigned():
        target = node.targets[0]
        if isinstance(target, ast.Name) and isinstance(node.value, ast.BinOp):
            left = node.value.left
            if isinstance(left, ast.Name) and isinstance(node.value.op, (ast.Sub, ast.Mult)):
                sign = "-" if isinstance(node.value.op, ast.Sub) else "*"
                rest = code.source(node.value.right)
                indent = " " * node.col_offset
                yield code.change(
                    node, f"{target.id} = {left.id}\n{indent}{target.id} {sign}= {rest}"
                )


@operator("one variable for another in two places")
def _two_variables(code: Code) -> Iterator[Change]:
    found = list(_names(code))
    for i, (node, other) in enumerate(found):
        for again, same in found[i + 1 : i + 40]:
            if again.id == node.id and same == other and again.lineno > node.lineno:
                between = code.text[code.at(node)[1] : code.at(again)[0]]
                yield Change(code.at(node)[0], code.at(again)[1], other + between + other)
                break
