"""The gradebook's tables, and how one of an earlier version becomes one of today's."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence

Migration = Callable[[sqlite3.Connection], None]

_FIRST = (
    """
create table if not exists results (
  submission text primary key,
  content text not null,
  key text not null,
  grader text not null,
  asked text not null,
  status text not null,
  result text not null
)
""",
    # Marks by hand have a table of their own: marking again never changes it.
    """
create table if not exists manual (
  submission text not null,
  question text not null,
  answer text not null,
  score real not null,
  comment text not null,
  primary key (submission, question, answer)
)
""",
    """
create table if not exists pseudonyms (
  submission text primary key,
  pseudonym text not null unique
)
""",
    # Whose a name is: all else is kept by name, and no name goes from one source to another.
    """
create table if not exists sources (
  submission text primary key,
  identity text not null unique
)
""",
)

_SECOND = (
    # What a download says of who handed in; `about` is JSON.
    """
create table if not exists owners (
  submission text primary key,
  about text not null
)
""",
    # Every answer that the table of marks has ever shown, by the id of its row there.
    """
create table if not exists answers (
  id text primary key,
  submission text not null,
  question text not null,
  answer text not null,
  points real not null
)
""",
    # What a person changed, whatever was marked; `submission` may be * for all.
    """
create table if not exists adjustments (
  id text primary key,
  submission text not null,
  question text not null,
  check_id text not null,
  change text not null,
  points real,
  reason text not null,
  by text not null,
  at text not null
)
""",
    """
create table if not exists log (
  number integer primary key,
  at text not null,
  who text not null,
  what text not null,
  submission text not null,
  question text not null,
  why text not null
)
""",
    # Whose class it is: the roster's rows as JSON, in their order.
    """
create table if not exists roster (
  number integer primary key,
  person text not null
)
""",
    # What the files of a submission were made of, and their bytes: hashes.
    """
create table if not exists written (
  submission text primary key,
  told text not null,
  page text not null
)
""",
    """
create table if not exists about (
  name text primary key,
  value text not null
)
""",
)

_THIRD = (
    # What each result can be marked again from, by the code on its page.
    """
create table if not exists replays (
  code text primary key,
  submission text not null,
  source text not null,
  bytes text not null,
  key text not null,
  settings text not null,
  conditions text not null,
  verdicts text not null
)
""",
)

_FOURTH = (
    # The items of a question's rubric, in their order; `points` are given or taken.
    """
create table if not exists rubric (
  id text primary key,
  question text not null,
  position integer not null,
  text text not null,
  points real not null
)
""",
    # What each marker chose for an answer: ids of rubric items as JSON, points beside them; whether
    # it was given to this answer alone; and whether the table `manual` has its points.
    """
create table if not exists judgements (
  submission text not null,
  question text not null,
  answer text not null,
  by text not null,
  items text not null,
  adjustment real not null,
  comment text not null,
  alone integer not null,
  counts integer not null,
  at text not null,
  primary key (submission, question, answer, by)
)
""",
    # What somebody is to look at again.
    """
create table if not exists flags (
  submission text not null,
  question text not null,
  by text not null,
  why text not null,
  at text not null,
  primary key (submission, question)
)
""",
    # The group that a person put an answer into, both by fingerprints: `leader` is another answer
    # of that group, or the answer itself where it begins a group of its own.
    """
create table if not exists likeness (
  question text not null,
  answer text not null,
  leader text not null,
  primary key (question, answer)
)
""",
    # What each step of a marker changed, as JSON: rows before and after, to be taken back.
    """
create table if not exists undo (
  number integer primary key,
  by text not null,
  at text not null,
  what text not null,
  changes text not null,
  undone integer not null
)
""",
    # The marks as the table of marks last showed them: what differs there is a person's change.
    """
create table if not exists shown (
  id text primary key,
  score real not null,
  comment text not null
)
""",
    # What is pinned to a cause of failures, for the pages of all who share it.
    """
create table if not exists notes (
  id text primary key,
  question text not null,
  cause text not null,
  text text not null,
  by text not null,
  at text not null
)
""",
    # A student's objection to a result, by the code on its page, and what was decided.
    """
create table if not exists appeals (
  id text primary key,
  code text not null,
  submission text not null,
  question text not null,
  objection text not null,
  by text not null,
  at text not null,
  decision text not null,
  decided_by text not null,
  decided_at text not null
)
""",
    # The results that a regrade of some submissions replaced, to be put back; `before` is JSON.
    """
create table if not exists regrades (
  id text not null,
  submission text not null,
  before text not null,
  by text not null,
  at text not null,
  primary key (id, submission)
)
""",
    # What was read of a hand-in's texts in a confined process, each part (cells, code) of one
    # content: JSON, packed by zlib.
    """
create table if not exists readings (
  submission text not null,
  part text not null,
  content text not null,
  version text not null,
  reading blob not null,
  primary key (submission, part)
)
""",
)


def _create_first(database: sqlite3.Connection) -> None:
    _create(_FIRST)(database)
    # The column that holds all that a run asked was called `notebooks` once.
    columns = [name for _, name, *_ in database.execute("pragma table_info(results)")]
    if "notebooks" in columns and "asked" not in columns:
        database.execute("alter table results rename column notebooks to asked")


def _create(tables: Sequence[str]) -> Migration:
    """Return the step that makes *tables* and changes none."""

    def step(database: sqlite3.Connection) -> None:
        for table in tables:
            database.execute(table)

    return step


#: What makes a gradebook of one version one of the next; there is one for each version.
MIGRATIONS: Sequence[Migration] = (
    _create_first,
    _create(_SECOND),
    _create(_THIRD),
    _create(_FOURTH),
)
VERSION = len(MIGRATIONS)


#: The tables that there are today.
TABLES = frozenset(
    (
        "about",
        "adjustments",
        "answers",
        "appeals",
        "flags",
        "judgements",
        "likeness",
        "log",
        "manual",
        "notes",
        "owners",
        "pseudonyms",
        "readings",
        "regrades",
        "replays",
        "results",
        "roster",
        "rubric",
        "shown",
        "sources",
        "undo",
        "written",
    )
)

#: The tables whose rows belong to one submission, and go with it.
OF_SUBMISSIONS = (
    "results",
    "manual",
    "pseudonyms",
    "sources",
    "owners",
    "answers",
    "written",
    "adjustments",
    "replays",
    "judgements",
    "flags",
    "appeals",
    "readings",
    "regrades",
)


#: The columns of the table of results.
RESULTS = frozenset(("asked", "content", "grader", "key", "result", "status", "submission"))


class NewerSchema(Exception):
    """The gradebook was written by a later version of the grader."""


def migrate(database: sqlite3.Connection) -> None:
    """Bring a gradebook to :data:`VERSION`: all of it in one transaction, or nothing.

    Raises :class:`NewerSchema`, and what :mod:`sqlite3` raises.
    """
    (version,) = database.execute("pragma user_version").fetchone()
    if version > VERSION:
        raise NewerSchema(f"its schema has version {version}, and this grader knows {VERSION}")
    names = {name for (name,) in database.execute("select name from sqlite_master")}
    columns = {name for _, name, *_ in database.execute("pragma table_info(results)")}
    if columns and columns - {"notebooks"} | {"asked"} != RESULTS:
        raise sqlite3.DatabaseError("its table of results is another's")
    whole = names >= TABLES and "asked" in columns
    if version == VERSION and whole:
        return
    if not whole:
        version = 0  # every step passes over what is there
    with database:
        database.execute("begin immediate")
        # Gradebooks from before versions say 0, as empty files do: the first step knows both.
        for step in MIGRATIONS[version:]:
            step(database)
        database.execute(f"pragma user_version = {VERSION}")
