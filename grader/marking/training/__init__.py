"""Judges training questions: runs a notebook's cells in the sandbox, and measures the models."""
