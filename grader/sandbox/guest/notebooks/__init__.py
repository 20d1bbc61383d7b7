"""UNTRUSTED: runs a notebook's cells in a student's process, one by one or in a Jupyter kernel."""
