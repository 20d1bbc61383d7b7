"""Marks numpy assignments: what is asked is data, a student's code runs confined."""

__version__ = "0.1.0"
__all__ = ["__version__"]
