"""What people do in the marking desk, step by step: each is whole or not there, and taken back."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from grader.classroom.database import GradebookError
from grader.classroom.gradebook import Gradebook

Value = str | float | int | None
Row = tuple[Value, ...]
#: How many of the last steps are kept to be taken back.
KEPT = 2000


class RowChange(NamedTuple):
    """A row of a table as it is to be; ``None`` takes it away. ``key`` is its primary key."""

    table: str
    key: tuple[Value, ...]
    row: tuple[Value, ...] | None


class Step(NamedTuple):
    """A step that can be taken back: its number, and what it did in words."""

    number: int
    what: str


class Undone(NamedTuple):
    """What was taken back, and how many rows stay because somebody has changed them since."""

    what: str
    kept: int
    changes: tuple[RowChange, ...]


class Steps(Gradebook):
    """A gradebook in which markers take steps. Every step is on disk when its call returns.

    Each thread needs one of its own. Raises what a gradebook raises.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        with suppress(sqlite3.Error):
            # A mark that the desk has confirmed outlives a loss of power.
            self._database.execute("pragma synchronous = full")
        self._tables: dict[str, tuple[list[str], list[int]]] = {}

    def step(self, by: str, what: str, changes: Iterable[RowChange]) -> int:
        """Make *changes* at once and keep how to take them back; return the step's number.

        Changes that change nothing are left out; a step without any isn't kept, and has number 0.
        """
        with self._whole():
            return self._step(by, what, changes)

    def last(self, by: str) -> Step | None:
        """Return the last step of a marker that isn't taken back."""
        found = self._rows(
            Step,
            "select number, what from undo where by = ? and not undone "
            "order by number desc limit 1",
            (by,),
        )
        return found[0] if found else None

    def undo(self, by: str, number: int) -> Undone | None:
        """Take back one step of a marker; ``None`` where there is none of that number (any more).

        A row that somebody has changed since stays as it is.
        """
        with self._whole():
            found = self._database.execute(
                "select what, changes from undo where number = ? and by = ? and not undone",
                (number, by),
            ).fetchone()
            if found is None:
                return None
            kept, made = 0, []
            for table, key, before, after in reversed(json.loads(found[1])):
                there = self._row(table, key)
                if _without(_APART, table, there) != _without(_APART, table, after):
                    kept += 1
                    continue
                change = RowChange(table, tuple(key), None if before is None else tuple(before))
                self._put(change)
                made.append(change)
            self._database.execute("update undo set undone = 1 where number = ?", (number,))
            self._settled(made)
        return Undone(found[0], kept, tuple(made))

    def version(self) -> int:
        """Return a number that is another one after any other connection has written."""
        return int(self._database.execute("pragma data_version").fetchone()[0])

    def _whole(self) -> _Transaction:
        return _Transaction(self._database, self._unwritten)

    def _step(
        self,
        by: str,
        what: str,
        changes: Iterable[RowChange],
        known: Mapping[tuple[Value, ...], Row] | None = None,
    ) -> int:
        """Make changes in a transaction that has begun; *known* are rows that were read, by key."""
        done: list[tuple[str, tuple[Value, ...], Row | None, Row | None]] = []
        made = []
        for change in changes:
            before = self._row(change.table, change.key) if known is None else known.get(change.key)
            if _without(_TIMES, change.table, before) == _without(_TIMES, change.table, change.row):
                continue
            made.append(change)
            done.append((change.table, change.key, before, change.row))
        self._put_all(made)
        self._settled(made)
        if not done:
            return 0
        cursor = self._database.execute(
            "insert into undo values (null,?,?,?,?,0)", (by, now(), what, json.dumps(done))
        )
        number = int(cursor.lastrowid or 0)
        self._database.execute("delete from undo where by = ? and number <= ?", (by, number - KEPT))
        return number

    def _settled(self, changes: Sequence[RowChange]) -> None:
        """Bring what follows from *changes* up to date, in their transaction."""

    def _row(self, table: str, key: Sequence[Value]) -> tuple[Value, ...] | None:
        names, keys = self._columns(table)
        where = " and ".join(f"{names[i]} is ?" for i in keys)
        found = self._database.execute(
            f"select {', '.join(names)} from {table} where {where}", tuple(key)
        ).fetchone()
        return found if found is None else tuple(found)

    def _put(self, change: RowChange) -> None:
        self._put_all([change])

    def _put_all(self, changes: Sequence[RowChange]) -> None:
        """Write rows, in the order of their changes."""
        for (table, away), some in groupby(changes, lambda one: (one.table, one.row is None)):
            names, keys = self._columns(table)
            if away:
                where = " and ".join(f"{names[i]} is ?" for i in keys)
                self._database.executemany(
                    f"delete from {table} where {where}", [change.key for change in some]
                )
            else:
                marks = ",".join("?" * len(names))
                self._database.executemany(
                    f"insert or replace into {table} values ({marks})",
                    [change.row for change in some if change.row is not None],
                )

    def _columns(self, table: str) -> tuple[list[str], list[int]]:
        """Return the names of a table's columns, and the places of those of its key."""
        if table not in self._tables:
            rows = self._database.execute(f"pragma table_info({table})").fetchall()
            keys = sorted((row[5], place) for place, row in enumerate(rows) if row[5])
            self._tables[table] = [row[1] for row in rows], [place for _, place in keys]
        return self._tables[table]


class _Transaction:
    """Holds the file for one step; what goes wrong in it is told as a gradebook's error."""

    def __init__(
        self, database: sqlite3.Connection, told: Callable[[Exception], GradebookError]
    ) -> None:
        self._database, self._told = database, told

    def __enter__(self) -> None:
        try:
            self._database.execute("begin immediate")
        except sqlite3.Error as error:
            raise self._told(error) from None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        try:
            if error is None:
                self._database.commit()
            else:
                self._database.rollback()
        except sqlite3.Error as lost:
            self._database.rollback()
            raise self._told(lost) from None
        if isinstance(error, sqlite3.Error):
            raise self._told(error) from None


#: The columns that say when; and those, too, that follow from other rows.
_TIMES = {"judgements": (9,), "flags": (4,)}
_APART = {**_TIMES, "judgements": (8, 9)}


def _without(
    columns: Mapping[str, Sequence[int]], table: str, row: Sequence[Value] | None
) -> list[Value] | None:
    """Return a row without some columns of its table, to be compared."""
    if row is None:
        return None
    return [value for place, value in enumerate(row) if place not in columns.get(table, ())]


def now() -> str:
    """Return the time as the gradebook keeps it."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")
