"""Judges a notebook: its alignment with the released one, written answers, saved outputs."""
