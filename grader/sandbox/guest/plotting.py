"""In the child: what stands in for plotting and progress bars; it does nothing."""

from __future__ import annotations

from typing import Any

import numpy as np


class Nothing:
    """Takes every use that plotting makes of it, and does nothing."""

    def __call__(self, *args: Any, **kwargs: Any) -> Nothing:
        return self

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return nothing(name)

    def __getitem__(self, key: Any) -> Nothing:
        return self

    def __setitem__(self, key: Any, value: Any) -> None:
        pass

    def __setattr__(self, name: str, value: Any) -> None:
        pass

    def __iter__(self) -> Any:
        return iter(())

    def __enter__(self) -> Nothing:
        return self

    def __exit__(self, *args: Any) -> None:
        pass


def _subplots(rows: int = 1, columns: int = 1, *args: Any, **options: Any) -> Any:
    """Return a figure and as many axes, in such an array, as plotting would."""
    rows, columns = options.get("nrows", rows), options.get("ncols", columns)
    axes = np.empty((rows, columns), dtype=object)
    for place in np.ndindex(rows, columns):
        axes[place] = Nothing()
    if not options.get("squeeze", True):
        return Nothing(), axes
    return Nothing(), axes[0, 0] if axes.size == 1 else axes.squeeze()


class _One(Nothing):
    """The lines of one plot."""

    def __iter__(self) -> Any:
        return iter((Nothing(),))


class _Three(Nothing):
    """A histogram's counts, edges and bars."""

    def __iter__(self) -> Any:
        return iter((Nothing(), Nothing(), Nothing()))


#: What gives something that is unpacked, and so has a length.
_SHAPED: dict[str, Any] = {
    "subplots": _subplots,
    "hist": lambda *args, **options: _Three(),
    "plot": lambda *args, **options: _One(),
}


def nothing(name: str) -> Any:
    return _SHAPED.get(name) or Nothing()


def iter_through(items: Any = (), *args: Any, **kwargs: Any) -> Any:
    """A progress bar's loop without the bar."""
    return range(items) if isinstance(items, int) else items
