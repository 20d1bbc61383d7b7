"""How results look: a page for each student, a page for the class, lines for a terminal."""

from grader.reports.feedback import feedback
from grader.reports.findings import Diagnosis
from grader.reports.overview import overview
from grader.reports.summary import summary

__all__ = ["Diagnosis", "feedback", "overview", "summary"]
