"""In the child: attacks that show what a level holds."""

from __future__ import annotations


def serve(output: int) -> None:
    """Try the attacks that the grader names and answer what came of each."""
    raise NotImplementedError
