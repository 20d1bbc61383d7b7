"""The engine's version, as results name it."""

__version__ = "0.1.0"
