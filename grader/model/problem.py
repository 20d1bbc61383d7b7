"""What a person can mend: the base of every error whose message is for the terminal."""

from __future__ import annotations


class Problem(Exception):
    """Something to tell the person at the terminal in one line: what happened, and the way out.

    Commands print it and end with exit code 2.
    """


class MissingExtra(Problem, ImportError):
    """A command needs a package that comes with an extra; the message says how to install it."""

    def __init__(self, command: str, package: str, extra: str) -> None:
        super().__init__(
            f"{command} needs {package}, which comes with the extra [{extra}]: "
            f"pip install 'assignment-grader[{extra}]'"
        )
