"""The public checks of "Fully-Connected Neural Nets": rows, strategies and published figures."""

from .rows import ROWS

__all__ = ["ROWS"]
