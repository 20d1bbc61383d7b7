"""Marks numpy assignments: what is asked is data, a student's code runs confined.

In a notebook: ``import grader; grader.check("adam")``.
"""

from grader.version import __version__

__all__ = ["__version__", "check"]


def __getattr__(name: str) -> object:
    # Loaded when asked for: the command line should not wait for what a notebook needs.
    if name == "check":
        from grader.selfcheck.notebook import check

        return check
    raise AttributeError(f"module 'grader' has no attribute {name!r}")
