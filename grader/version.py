"""The engine's version, as results name it."""

__version__ = "0.2.0"
