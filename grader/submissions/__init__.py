"""Submissions on disk: which there are, and what is read of one. All of it as data, in memory."""

from grader.submissions.finding import Found, NoSuchPath, Way, find
from grader.submissions.places import Place, named
from grader.submissions.reading import Submission, read_submission
from grader.submissions.trees import Unreadable

__all__ = [
    "Found",
    "NoSuchPath",
    "Place",
    "Submission",
    "Unreadable",
    "Way",
    "find",
    "named",
    "read_submission",
]
