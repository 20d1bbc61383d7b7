"""Operators that make expressions wrong: each yields changes of parts of one function's text.

Lines that aren't touched stay as they are, so that the planted ones are known.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from syntax import Change, Code, Operator, into

EXPRESSIONS: dict[str, Operator] = {}
operator = into(EXPRESSIONS)

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
    for node, other in names_read(code):
        yield code.change(node, other)


def names_read(code: Code) -> Iterator[tuple[ast.Name, str]]:
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
