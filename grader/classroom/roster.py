"""Who is in the class: names, ids and sections, out of the table of any learning system.

Columns are known by their names, in the words that Canvas, Moodle, Gradescope and Classroom 50 use,
or in plain ones; the rest is passed over. A hand-in is a person's where an id says so, or, where
nothing else is told, a name that only one has.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from grader.classroom.sheets import SheetRow, TableError, read_sheet
from grader.classroom.spreadsheets import unguarded

#: What each id is called in tables, lower case.
_IDS: Mapping[str, tuple[str, ...]] = {
    "canvas": ("id",),
    "sis": ("sis user id",),
    "login": ("sis login id",),
    "moodle": ("identifier",),
    "sid": ("sid", "student id", "student_id", "id number", "matriculation", "student number"),
    "email": ("email", "email address", "e-mail"),
    "username": ("username", "user name", "user", "login", "github_username", "github"),
    "brightspace": ("orgdefinedid", "d2l id", "user id"),
}
_NAMES = ("student", "full name", "name", "student name")
_FIRST = ("first name", "first_name", "firstname", "given name")
_LAST = ("last name", "last_name", "lastname", "surname", "family name")
_SECTIONS = ("section", "sections", "group", "team", "group name")
_GROUPS = ("group", "team", "group name")
_TIMES = ("submission time", "submitted", "last modified (submission)")


@dataclass(frozen=True)
class Person:
    """Somebody in the class; ``ids`` by what they are ids of, as :data:`_IDS` calls them."""

    name: str
    ids: Mapping[str, str] = field(default_factory=dict)
    section: str = ""
    group: str = ""
    submitted: str = ""

    @property
    def id(self) -> str:
        """The id to tell people apart by: the first that there is."""
        return next((self.ids[name] for name in _IDS if self.ids.get(name)), self.name)

    @property
    def said(self) -> frozenset[str]:
        """All that may stand for this person in a policy or in a table of changes."""
        return frozenset(plain(text) for text in (self.name, *self.ids.values()) if text)

    def to_json(self) -> str:
        return json.dumps(asdict(self), sort_keys=True)

    @classmethod
    def of(cls, text: str) -> Person:
        return cls(**json.loads(text))


def load(path: Path) -> list[Person]:
    """Return the people in the table at *path*, in its order.

    Raises :class:`~grader.classroom.sheets.TableError` where it can't be read, or names nobody.
    """
    sheet = read_sheet(path)
    known = {name.strip().casefold().lstrip("\ufeff"): name for name in sheet.head}
    people = [person for row in sheet.rows if (person := _person(row, known)) is not None]
    if not people:
        raise TableError(
            f"{path} names nobody: a roster has a column for names (Student, Full name, or First "
            "name and Last name) or for ids (ID, SID, Email, username)"
        )
    return people


def _person(row: SheetRow, known: Mapping[str, str]) -> Person | None:
    def cell(names: Iterable[str]) -> str:
        found = (unguarded(row[known[name]]).strip() for name in names if name in known)
        return next((text for text in found if text), "")

    ids = {id: text for id, names in _IDS.items() if (text := cell(names))}
    if "moodle" in ids:
        ids["moodle"] = ids["moodle"].rpartition(" ")[2]
    name = cell(_NAMES)
    first, last = cell(_FIRST), cell(_LAST)
    if not name and (first or last):
        name = f"{first} {last}".strip()
    elif "student" in known and name.count(",") == 1:
        last, _, first = name.partition(",")  # Canvas sorts by family names
        name = f"{first.strip()} {last.strip()}".strip()
    if "points possible" in name.casefold() or name.casefold() in ("student, test", "test student"):
        return None
    if not name and not ids:
        return None
    if "student" in known and not ids:
        return None  # Canvas has rows about the columns
    return Person(name, ids, cell(_SECTIONS), cell(_GROUPS), _iso(cell(_TIMES)))


#: How Gradescope and an English Moodle write a time.
_FORMS = ("%Y-%m-%d %H:%M:%S %z", "%A, %d %B %Y, %I:%M %p", "%A, %d %B %Y, %H:%M")


def _iso(text: str) -> str:
    """Return a time in ISO 8601; one of another form as it stands, to be told as unread."""
    for form in _FORMS:
        try:
            return datetime.strptime(text, form).isoformat()
        except ValueError:
            continue
    return "" if text in ("-", "–") else text


def plain(text: str) -> str:
    """Return a name or an id as it is compared: letters and digits, without accents and case.

    Signs of vowels that stand beside a letter, as in India's scripts, are letters: they tell names
    apart. Those above and below it are accents.
    """
    flat = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in flat if c.isalnum() or _is_vowel(c))


def _is_vowel(c: str) -> bool:
    return unicodedata.category(c) in ("Mc", "Mn") and unicodedata.combining(c) < 10


class Roster:
    """The people of a class, to be looked up."""

    def __init__(self, people: Sequence[Person]) -> None:
        self.people = tuple(people)
        self._by_id: dict[tuple[str, str], list[Person]] = {}
        self._by_name: dict[str, list[Person]] = {}
        self._by_said: dict[str, list[Person]] = {}
        self._by_group: dict[str, list[Person]] = {}
        for person in people:
            for kind, id in person.ids.items():
                self._by_id.setdefault((kind, id.casefold()), []).append(person)
            for name in {plain(person.name), _turned(person.name)} - {""}:
                self._by_name.setdefault(name, []).append(person)
            for text in {*person.said, _turned(person.name)} - {""}:
                self._by_said.setdefault(text, []).append(person)
            if person.group:
                self._by_group.setdefault(plain(person.group), []).append(person)

    def of(self, submission: str, about: Mapping[str, Any]) -> list[Person]:
        """Return whose a submission is: nobody, one person, or a group.

        *about* is what the download said of it, *submission* its name, by which a person is known
        if the download said nothing.
        """
        members = about.get("members") or []
        if members:
            found = [self._one(member["ids"], member["name"]) for member in members]
            known = [person for person in found if person is not None]
            return known or [Person(member["name"], member["ids"]) for member in members]
        ids, name = about.get("ids") or {}, about.get("name") or ""
        group = self._by_group.get(plain(name or ids.get("group", "")), [])
        person = self._one(ids, "" if group else name) if about else self._named(submission)
        # A number that Moodle gives a team is another's than one that it gives a person.
        if group and (person is None or person in group or about.get("layout") == "moodle"):
            return group
        return [person] if person is not None else []

    def _one(self, ids: Mapping[str, str], name: str) -> Person | None:
        if "whole" in ids:
            return self._ending(ids["whole"])
        for kind, id in ids.items():
            for other in _SAME.get(kind, (kind,)):
                found = self._by_id.get((other, id.casefold()), [])
                if len(found) == 1:
                    return found[0]
        found = self._by_name.get(plain(name), []) if name else []
        return found[0] if len(found) == 1 else None

    def _ending(self, whole: str) -> Person | None:
        """Return whose user name a name ends with, after a sign."""
        ends = [
            (len(id), person)
            for (kind, id), people in self._by_id.items()
            if kind in ("username", "login") and len(people) == 1
            for person in people
            if re.search(rf"(?:^|[-_]){re.escape(id)}$", whole.casefold())
        ]
        return max(ends, key=lambda end: end[0])[1] if ends else None

    def _named(self, submission: str) -> Person | None:
        """Return the one person whose name or id a submission's own name is, or has in it."""
        found = self._by_said.get(plain(submission), [])
        if not found:
            parts = {part.casefold() for part in re.split(r"[^\w.@]+|_", submission) if part}
            with_id = [
                person
                for (_, id), people in self._by_id.items()
                if id in parts
                for person in people
            ]
            found = list({id(person): person for person in with_id}.values())
        return found[0] if len(found) == 1 else None


#: Ids of a download that may stand in a roster under other names.
_SAME: Mapping[str, tuple[str, ...]] = {
    "username": ("username", "login", "sid"),
    "id": ("sid", "sis", "login", "username", "canvas", "email"),
    "sid": ("sid", "sis"),
    "brightspace": ("brightspace", "sid"),
}


def _turned(name: str) -> str:
    """Return a name with the family name first, as Canvas writes it in names of files."""
    first, _, last = name.rpartition(" ")
    return plain(last + first)
