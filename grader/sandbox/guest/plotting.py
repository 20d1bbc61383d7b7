"""In the child: what stands in for plotting and progress bars; it does nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np


class Nothing:
    """Takes every use that plotting makes of it, and does nothing."""

    def __call__(self, *args: object, **kwargs: object) -> Nothing:
        return self

    def __getattr__(self, name: str) -> Callable[..., object]:
        if name.startswith("__"):
            raise AttributeError(name)
        return nothing(name)

    def __getitem__(self, key: object) -> Nothing:
        return self

    def __setitem__(self, key: object, value: object) -> None:
        pass

    def __setattr__(self, name: str, value: object) -> None:
        pass

    def __iter__(self) -> Iterator[Nothing]:
        return iter(())

    def __enter__(self) -> Nothing:
        return self

    def __exit__(self, *args: object) -> None:
        pass


def _subplots(
    rows: int = 1,
    columns: int = 1,
    *args: object,
    nrows: int = 0,
    ncols: int = 0,
    squeeze: bool = True,
    **options: object,
) -> tuple[Nothing, object]:
    """Return a figure and as many axes, in such an array, as plotting would."""
    rows, columns = nrows or rows, ncols or columns
    axes = np.empty((rows, columns), dtype=object)
    for place in np.ndindex(rows, columns):
        axes[place] = Nothing()
    if not squeeze:
        return Nothing(), axes
    return Nothing(), axes[0, 0] if axes.size == 1 else axes.squeeze()


class _One(Nothing):
    """The lines of one plot."""

    def __iter__(self) -> Iterator[Nothing]:
        return iter((Nothing(),))


class _Three(Nothing):
    """A histogram's counts, edges and bars."""

    def __iter__(self) -> Iterator[Nothing]:
        return iter((Nothing(), Nothing(), Nothing()))


#: What gives something that is unpacked, and so has a length.
_SHAPED: dict[str, Callable[..., object]] = {
    "subplots": _subplots,
    "hist": lambda *args, **options: _Three(),
    "plot": lambda *args, **options: _One(),
}


def nothing(name: str) -> Callable[..., object]:
    return _SHAPED.get(name) or Nothing()


def iter_through(items: object = (), *args: object, **kwargs: object) -> object:
    """A progress bar's loop without the bar."""
    return range(items) if isinstance(items, int) else items
