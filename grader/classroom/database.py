"""The file that a gradebook is in: opened, brought up to date, read and written."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from grader.classroom.schema import NewerSchema, migrate
from grader.model.problem import Problem

FILE = "gradebook.sqlite"

T = TypeVar("T")
#: What a column of a row may hold.
Value = str | float | bytes | None

#: What to do with a gradebook that can't be used: it may hold marks that stand nowhere else.
_KEEP = (
    "It may hold marks: see that the disk has space, that files may be large enough (ulimit -f), "
    "that the folder may be written and that no other program holds the file. If it is damaged, "
    "keep it, read what is left of it with `sqlite3 gradebook.sqlite .recover`, and choose another "
    "folder with -o meanwhile"
)


class GradebookError(Problem, RuntimeError):
    """The gradebook can't be read or written; the message names the file and the way out."""


class Database:
    """An SQLite file in *folder*, with the tables of today.

    Raises :class:`GradebookError` where it can't be opened.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._database = sqlite3.connect(self.path)
            # A result that was saved outlives a crash of the grader; only a loss of power can take
            # the last ones with it. Without this each submission waits for the disk twice.
            self._database.execute("pragma journal_mode = wal")
            self._database.execute("pragma synchronous = normal")
            migrate(self._database)
        except NewerSchema as newer:
            raise GradebookError(
                f"{self.path} was written by a later grader ({newer}): use that one, or choose "
                "another folder with -o"
            ) from None
        except OSError as error:
            raise GradebookError(
                f"{folder} can't be made ({error.strerror}): choose another folder with -o"
            ) from None
        except sqlite3.Error as error:
            raise GradebookError(f"{self.path} can't be opened ({error}). {_KEEP}") from None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._database.close()

    def about(self, name: str) -> str:
        """Return what the gradebook keeps under a name of its own; nothing where there is none."""
        found = self._rows(str, "select value from about where name = ?", (name,))
        return found[0] if found else ""

    def tell(self, name: str, value: str) -> None:
        """Keep a text under *name*, in place of an earlier one."""
        if self.about(name) != value:
            self._write("insert or replace into about values (?,?)", (name, value))

    def _write(self, statement: str, row: Sequence[Value]) -> None:
        self._write_all(statement, [row])

    def _write_all(self, statement: str, rows: Iterable[Sequence[Value]]) -> None:
        try:
            with self._database:
                self._database.executemany(statement, rows)
        except sqlite3.Error as error:
            raise self._unwritten(error) from None

    def _rows(self, row: Callable[..., T], query: str, values: Sequence[str] = ()) -> list[T]:
        """Return a *row* made of the columns of each row that is found."""
        try:
            return [row(*columns) for columns in self._database.execute(query, values)]
        except sqlite3.Error as error:
            raise self._damaged(error) from None

    def _unwritten(self, error: Exception) -> GradebookError:
        return GradebookError(
            f"{self.path} can't be written ({error}): see that there is space and that no "
            "other run uses it, then run the same command again; what is in it is kept"
        )

    def _damaged(self, error: Exception) -> GradebookError:
        return GradebookError(f"{self.path} can't be read ({error}). {_KEEP}")


def pair(one: str, other: str) -> tuple[str, str]:
    """Return a row of two columns, as an entry of a dict."""
    return one, other
