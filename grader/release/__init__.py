"""The student's download, made from the assignment and searched for leaks."""

from grader.release.folder import FolderError, check, write
from grader.release.leaks import Leak, scan
from grader.release.markers import MarkerError
from grader.release.template import given_texts, make, notebook_texts, solved

__all__ = [
    "FolderError",
    "Leak",
    "MarkerError",
    "check",
    "given_texts",
    "make",
    "notebook_texts",
    "scan",
    "solved",
    "write",
]
