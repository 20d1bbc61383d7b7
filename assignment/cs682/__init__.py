"""The assignment's package."""
