"""In the child: a text of code as tokens, function by function, by Python's own parser.

A text that is no Python is cut at its ``def`` and ``class``, so that a mistake of syntax costs the
function that it is in.
"""

from __future__ import annotations

import ast
import hashlib
import io
import json
import keyword
import re
import textwrap
import tokenize
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

#: How many functions of a text, and tokens of all of them, are told.
MAX_FUNCTIONS, MAX_TOKENS = 1_000, 60_000
#: Characters of a token that are told as they are; of a longer one, or another, a hash.
MAX_NAME = 60

_KINDS = {
    tokenize.NUMBER: "d",
    tokenize.STRING: "s",
    tokenize.OP: "o",
    tokenize.NEWLINE: "l",
}
_PRINTABLE = re.compile(f"[ -~]{{0,{MAX_NAME}}}")
#: A notebook's own lines, which are no Python: magics, shell lines, questions.
_MAGIC = re.compile(r"^([ \t]*)(?:%%?|!|\?)[^\n]*|^([ \t]*)[\w.]+\?\??[ \t]*$", re.MULTILINE)
_BEGINS = re.compile(r"^([ \t]*)(?:@|(?:async[ \t]+)?def\b|class\b)", re.MULTILINE)

#: What tells nothing of the code: comments, blank lines, and how deep a line stands.
_PASSED = (
    *(tokenize.COMMENT, tokenize.TYPE_COMMENT, tokenize.NL, tokenize.ENDMARKER),
    *(tokenize.ENCODING, tokenize.INDENT, tokenize.DEDENT),
)

#: What Python's parser raises for a text that it can't read.
_UNREAD = (SyntaxError, ValueError, RecursionError, MemoryError)


@dataclass
class TokenizedFunction:
    """A function's tokens, or those of a text outside of all functions, which has no name.

    Lines count from 1; kinds are a letter each: *n*ame, *a*ttribute, *k*eyword, *d*igits,
    *s*tring, *o*perator, *l*ine's end.
    """

    name: str
    first: int
    last: int
    syntax: bool = False
    tokens: list[tuple[str, str, int]] = field(default_factory=list)


def warm() -> None:
    """Use all that is needed once: later, no file may be opened."""
    for _ in tokenized(b'["def f(x):\\n  return x.y + 1"]'):
        pass


def tokenized(request: bytes) -> Iterator[bytes]:
    """Yield the tokens of each text in *request*, a JSON list; nothing where there are too many.

    They are JSON: ``{"texts": [...], "functions": [[name, first, last, syntax, kinds, [place of
    text, ...], [line, ...]], ...]}``.
    """
    for source in json.loads(request):
        try:
            yield _packed(functions(source)).encode("ascii")
        except Exception:
            yield b""


def functions(source: str) -> list[TokenizedFunction]:
    """Return the functions of *source*, and what stands outside of them, if anything does."""
    source = source.replace("\r\n", "\n").replace("\r", "\n").replace("\f", " ")
    found: list[TokenizedFunction] = []
    for text in (source, _MAGIC.sub(lambda one: f"{one[1] or one[2] or ''}pass", source)):
        try:
            found = _parsed(text, 0)
            break
        except _UNREAD:
            found = list(_pieces(text, 0, ""))
    return [one for one in found if one.tokens or one.syntax or one.name]


def _parsed(source: str, above: int, inside: str = "") -> list[TokenizedFunction]:
    """Return the functions of a text that begins below *above* lines, in the class *inside*.

    Raises what Python's parser raises.
    """
    tree = ast.parse(source)
    rest = TokenizedFunction(inside, 1, source.count("\n") + 1)
    found = list(_listed(tree, inside))
    owner: dict[int, TokenizedFunction] = {
        line: one for one in found for line in range(one.first, one.last + 1)
    }
    documented = _documents(tree)
    for kind, text, line in _tokens(source):
        if kind == "s" and line in documented:
            continue
        owner.get(line, rest).tokens.append((kind, text, line + above))
    for one in (rest, *found):
        one.first, one.last = one.first + above, one.last + above
        one.tokens = list(_without_blanks(one.tokens))
    rest.name = ""
    return [*found, rest] if rest.tokens else found


def _listed(tree: ast.AST, inside: str) -> Iterator[TokenizedFunction]:
    """Yield the functions of a module, and those of its classes; what they hold is theirs."""
    for node in ast.iter_child_nodes(tree):
        name = f"{inside}.{node.name}" if inside and hasattr(node, "name") else ""
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            begin = min([node.lineno, *(one.lineno for one in node.decorator_list)])
            yield TokenizedFunction(name or node.name, begin, node.end_lineno or begin)
        elif isinstance(node, ast.ClassDef):
            yield from _listed(node, name or node.name)


def _documents(tree: ast.AST) -> set[int]:
    """Return the lines on which a text begins that stands for itself, as documentation does."""
    return {
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    }


def _tokens(source: str) -> Iterator[tuple[str, str, int]]:
    dotted = False
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        kind = _KINDS.get(token.type, "")
        if token.type == tokenize.NAME:
            kind = "k" if keyword.iskeyword(token.string) else "a" if dotted else "n"
        elif not kind and token.type not in _PASSED:
            kind = "s"  # a piece of a formatted string
        if kind:
            text = "" if kind == "l" else _named(token.string)
            yield kind, text, token.start[0]
            dotted = token.string == "."


def _without_blanks(tokens: Sequence[tuple[str, str, int]]) -> Iterator[tuple[str, str, int]]:
    """Leave out ends of lines with nothing in them: those of documentation."""
    said = False
    for token in tokens:
        if token[0] != "l" or said:
            yield token
        said = token[0] != "l"


def _named(text: str) -> str:
    if _PRINTABLE.fullmatch(text):
        return text
    return "#" + hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:12]


def _pieces(source: str, above: int, inside: str) -> Iterator[TokenizedFunction]:
    """Yield what can be read of a text with a mistake in it, cut at the outermost beginnings."""
    lines = source.split("\n")
    depth = min((len(found[1]) for found in _BEGINS.finditer(source)), default=0)
    cuts = [0]
    for number, line in enumerate(lines):
        begins = _BEGINS.match(line)
        decorated = number > 0 and lines[number - 1].strip()[:1] == "@"
        if begins and len(begins[1]) == depth and not decorated:
            cuts.append(number)
        elif depth == 0 and line[:1].strip(" \t#)]}") and _BEGINS.match(lines[cuts[-1]]):
            cuts.append(number)  # what stands behind a function, outside of it
    for begin, end in zip(cuts, [*cuts[1:], len(lines)], strict=True):
        text = textwrap.dedent("\n".join(lines[begin:end]))
        if text.strip():
            yield from _piece(text, above + begin, inside)


def _piece(text: str, above: int, inside: str) -> Iterator[TokenizedFunction]:
    try:
        yield from _parsed(text, above, inside)
        return
    except _UNREAD:
        pass
    head = re.match(r"(?:@[^\n]*\n)*(?:async[ \t]+)?(def|class)[ \t]+(\w+)[^\n]*\n?", text)
    name = head[2] if head else ""
    if head and head[1] == "class" and not inside:
        yield from _pieces(text[head.end() :], above + head[0].count("\n"), name)
        return
    whole = f"{inside}.{name}" if inside and name else name
    yield TokenizedFunction(_named(whole), above + 1, above + text.count("\n") + 1, syntax=True)


def _packed(found: Sequence[TokenizedFunction]) -> str:
    """Return functions as JSON. Raises :class:`ValueError` where there are too many."""
    if len(found) > MAX_FUNCTIONS or sum(len(one.tokens) for one in found) > MAX_TOKENS:
        raise ValueError("more than is told")
    texts: dict[str, int] = {}
    listed = [
        [
            _named(one.name),
            one.first,
            one.last,
            one.syntax,
            "".join(kind for kind, _, _ in one.tokens),
            [texts.setdefault(text, len(texts)) for _, text, _ in one.tokens],
            [line for _, _, line in one.tokens],
        ]
        for one in found
    ]
    return json.dumps({"texts": list(texts), "functions": listed}, separators=(",", ":"))
