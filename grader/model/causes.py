"""Why something failed, where a known word says it: old names of numpy, Python 2, imports, files.

A student's process may say one of :data:`CAUSES` beside a failure, and nothing else in its place.
The sentences are in :mod:`grader.wording.causes`.
"""

from __future__ import annotations

from collections.abc import Mapping

#: Names that numpy dropped in 1.24, before any version that is admitted, and what to write.
NUMPY: Mapping[str, str] = {
    "bool": "bool",
    "complex": "complex",
    "float": "float",
    "int": "int",
    "long": "int",
    "object": "object",
    "str": "str",
    "unicode": "str",
}

#: What only Python 2 has, and what to write in Python 3.
PYTHON2: Mapping[str, str] = {
    "print": "print(...) with brackets",
    "exec": "exec(...) with brackets",
    "except": "except Error as e",
    "raise": "raise Error(...)",
    "<>": "the sign of Python 3 for unequal",
    "backticks": "repr(...)",
    "octal": "0o before an octal number",
    "ur": "a text without u and r together",
    "division": "// where a whole number is meant",
    "xrange": "range",
    "raw_input": "input",
    "unicode": "str",
    "basestring": "str",
    "long": "int",
    "unichr": "chr",
    "reduce": "functools.reduce",
    "cmp": "a comparison",
    "execfile": "an import",
    "iteritems": "items",
    "itervalues": "values",
    "iterkeys": "keys",
    "has_key": "the operator in",
}

#: Words that stand by themselves: a file that isn't there, one that can't be read; a parameter
#: that a constructor doesn't make, one that makes none; a body that holds no more than what was
#: given out; a function that doesn't compile; an import that gives nothing,
#: one that goes in a circle; a statement that raised when its file was imported.
PLAIN = (
    "no_file",
    "unread_file",
    "no_parameter",
    "no_parameters",
    "blank",
    "compile",
    "import",
    "circle",
    "at_import",
)

#: Those about a file that isn't there.
ABSENT = frozenset(("no_file", "unread_file"))
#: Those that may be told of a hidden example: a few words, as the stages are.
TOLD = frozenset(PLAIN)

CAUSES = frozenset(
    [
        *PLAIN,
        *(f"numpy.{name}" for name in NUMPY),
        *(f"python2.{name}" for name in PYTHON2),
    ]
)
