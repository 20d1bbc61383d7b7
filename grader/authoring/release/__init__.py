"""The student's download, made from the assignment and searched for leaks."""

from grader.authoring.release import examples
from grader.authoring.release.folder import FolderError, check, write
from grader.authoring.release.leaks import Leak, scan
from grader.authoring.release.markers import MarkerError
from grader.authoring.release.template import given_texts, make, notebook_texts, solved

__all__ = [
    "FolderError",
    "Leak",
    "MarkerError",
    "check",
    "examples",
    "given_texts",
    "make",
    "notebook_texts",
    "scan",
    "solved",
    "write",
]
