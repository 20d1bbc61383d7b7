"""What a person can mend: the base of every error whose message is for the terminal."""

from __future__ import annotations


class Problem(Exception):
    """Something to tell the person at the terminal in one line: what happened, and the way out.

    Commands print it and end with exit code 2.
    """
